#!/bin/sh
# The handler is the only argument. Without a runtime API to talk to, as on Lambda, the emulator of one is started.
if [ $# -ne 1 ]; then
  echo "the name of a handler is the one argument" >&2
  exit 2
fi
export _HANDLER="$1"
if [ -n "${AWS_LAMBDA_RUNTIME_API}" ]; then
  exec /usr/bin/python3 -m awslambdaric "$1"
fi
exec /usr/local/bin/aws-lambda-rie /usr/bin/python3 -m awslambdaric "$1"
