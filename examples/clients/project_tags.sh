#!/bin/sh
# What is a machine-learning project about? Health, figures, arguments, and the tags of two texts, a line of JSON each.
#
#     sh examples/clients/project_tags.sh [texts.json]
#
# BASE_URL is the service (http://127.0.0.1:8000), API_TOKEN its token. A 503 is asked again when its Retry-After says
# so; any other error is printed, one line for each thing that is wrong, and ends the script with 1.
set -eu
model="${BASE_URL:-http://127.0.0.1:8000}/models/project-tags"
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

# The token goes through standard input: arguments can be read by every user of the machine.
headers() {
  echo 'Content-Type: application/json'
  if [ -n "${API_TOKEN:-}" ]; then echo "Authorization: Bearer $API_TOKEN"; fi
}

ask() {
  path=$1
  shift
  status=$(headers | curl -sS --retry 5 -o "$answer" -w '%{http_code}' -H @- "$@" "$model$path")
  if [ "$status" -ge 400 ]; then
    echo "$model$path: $status" >&2
    awk '{ sub(/.*"errors":\[/, "  "); sub(/\]\}$/, ""); gsub(/\},\{"loc"/, "}\n  {\"loc\""); print }' "$answer" >&2
    exit 1
  fi
  cat "$answer"
  echo
}

ask ''
ask '/performance?filter=overall'
ask /args/learning_rate
ask /args
if [ $# -gt 0 ]; then
  ask /predict -d "@$1"
else
  ask /predict -d '{"texts": [
    {"text": "A chatbot that answers questions about long documents with transformers."},
    {"text": "Detección de grietas en fotografías de puentes."}]}'
fi
