"""CPU time of one storage client, in a process of its own: python -m benchmarks.storage_process NAME BUCKET"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial

KEY = "pointer.json"
BODY = b'{"version": 7, "serial": 12, "actor": "ana"}' * 6
WARM_UP, CALLS = 20, 200


def open_ours(bucket: str) -> Callable[[], object]:
    from functions.aws.s3_storage import S3Storage

    storage = S3Storage(bucket)
    return partial(storage.read_if_changed, KEY, storage.write(KEY, BODY))


def open_botocore(bucket: str) -> Callable[[], object]:
    from functions.aws.client import s3_client

    client = s3_client()
    etag = client.put_object(Bucket=bucket, Key=KEY, Body=BODY)["ETag"]

    def ask() -> object:
        try:
            return client.get_object(Bucket=bucket, Key=KEY, IfNoneMatch=etag)
        except client.exceptions.ClientError:
            return None

    return ask


CLIENTS: Mapping[str, Callable[[str], Callable[[], object]]] = {"obstore": open_ours, "botocore": open_botocore}


def main(name: str, bucket: str) -> None:
    """Print the milliseconds of CPU, of all threads, for the client with its first write and for a conditional read."""
    started = time.process_time()
    ask = CLIENTS[name](bucket)
    start = time.process_time() - started
    for _ in range(WARM_UP):
        if ask() is not None:
            raise RuntimeError("the object is read though it did not change")
    started = time.process_time()
    for _ in range(CALLS):
        ask()
    print(json.dumps({"start": start * 1000, "read": (time.process_time() - started) / CALLS * 1000}))


if __name__ == "__main__":
    main(*sys.argv[1:])
