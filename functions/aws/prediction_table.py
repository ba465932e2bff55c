"""Predictions by id in a DynamoDB table, one item each, which the table forgets after some days.

A prediction and its warnings are kept as JSON text, so that a lookup gives the numbers of the prediction bit for bit:
DynamoDB's own numbers have 38 decimal digits and no infinity.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from functions.core.errors import Fault, InvalidInputError, StorageError
from functions.core.lookups import StoredPrediction
from functions.core.threads import in_threads

if TYPE_CHECKING:
    from functions.aws.client import TableClient

KEY, EXPIRES, LINE, PREDICTION, WARNINGS = "key", "expires", "line", "prediction", "warnings"
DAY_SECONDS = 86_400
CONNECTIONS = 16
"""The requests to the table at a time."""
PUT_ITEMS = 25
GET_ITEMS = 100
MOST_KEY_BYTES = 2_048
MOST_ITEM_BYTES = 400_000
"""A little less than the 400 KiB of DynamoDB, which counts names of attributes too."""
DIGEST = "#"
"""The first character of the last part of a key that has the digest of an id in place of the id."""
PAUSES_SECONDS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0)
"""Before each further request for what DynamoDB left over: a new table takes 4,000 writes a second, then grows."""
THROTTLED = ("ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException")
Item = TypeVar("Item")


class PredictionTable:
    """The predictions in `table`; what is written is forgotten after `days`.

    The key of an item is model#batch#id, with a digest in place of an id that is too long for a key. Safe among
    threads. Errors of AWS are raised as StorageError.
    """

    def __init__(self, table: str, *, days: int, client: TableClient | None = None) -> None:
        """Make a client at the first use unless `client` is given."""
        self._table = table
        self._days = days
        self._given_client = client

    @cached_property
    def _client(self) -> TableClient:
        # not at the top: botocore takes half a second, and few requests look predictions up
        from functions.aws.client import table_client

        return self._given_client or table_client(CONNECTIONS)

    def write(self, model: str, batch: str, predictions: Sequence[StoredPrediction]) -> None:
        """Store predictions, the last one of those that have the same id.

        Raises StorageError, and InvalidInputError for a prediction of over 400 kB; warnings that make it larger are
        left out.
        """
        expires = int(time.time()) + self._days * DAY_SECONDS
        # a request with one key twice is refused
        items = {_key(model, batch, one.id): one for one in predictions}
        puts = ({"PutRequest": {"Item": _item(key, one, expires)}} for key, one in items.items())
        client = self._client
        with self._calling():
            # as many requests as there are connections, so that few items are in memory as DynamoDB's own
            for some in _chunks(puts, PUT_ITEMS * CONNECTIONS):
                in_threads(partial(self._put, client), list(_chunks(some, PUT_ITEMS)))

    def read(self, model: str, batch: str, ids: Sequence[str]) -> dict[str, StoredPrediction]:
        """The predictions of a batch for those of the ids that it has. Raises StorageError."""
        by_key = {_key(model, batch, one): one for one in ids}
        client = self._client
        with self._calling():
            items = [one for some in _chunks(by_key, GET_ITEMS) for one in self._get(client, some)]
        now = time.time()
        # DynamoDB deletes what has expired some days later
        kept = {one[KEY]["S"]: one for one in items if float(one[EXPIRES]["N"]) > now}
        return {name: _prediction(name, kept[key]) for key, name in by_key.items() if key in kept}

    def remove(self, model: str, batch: str, ids: Sequence[str]) -> None:
        """Remove the predictions of a batch for these ids at once; do nothing for ids that it lacks.

        Raises StorageError.
        """
        keys = {_key(model, batch, one) for one in ids}
        removals = [{"DeleteRequest": {"Key": {KEY: {"S": key}}}} for key in sorted(keys)]
        with self._calling():
            in_threads(partial(self._put, self._client), list(_chunks(removals, PUT_ITEMS)))

    def delete(self, model: str, batch: str) -> None:
        """Leave the predictions to expire: a table finds none by its batch, and each deletion costs what a write does.

        Nobody sees them meanwhile, because only the batch that answers is looked up.
        """

    def _put(self, client: TableClient, puts: Sequence[Any]) -> None:
        """Make puts, or removals."""
        asked: Mapping[str, Any] = {self._table: puts}
        for pause in PAUSES_SECONDS:
            with _throttled():
                asked = client.batch_write_item(RequestItems=asked).get("UnprocessedItems")
            if not asked:
                return
            _sleep(pause)
        raise StorageError(f"the table {self._table} takes no more predictions now: its throughput is used up")

    def _get(self, client: TableClient, keys: Sequence[str]) -> list[Any]:
        asked: Mapping[str, Any] = {
            self._table: {"Keys": [{KEY: {"S": key}} for key in keys], "ConsistentRead": True},
        }
        found: list[Any] = []
        for pause in PAUSES_SECONDS:
            with _throttled():
                answer = client.batch_get_item(RequestItems=asked)
                found += answer["Responses"].get(self._table, [])
                asked = answer.get("UnprocessedKeys")
            if not asked:
                return found
            _sleep(pause)
        raise StorageError(f"the table {self._table} answers no more lookups now: its throughput is used up")

    @contextmanager
    def _calling(self) -> Iterator[None]:
        # a client that was called has loaded them; the start of a function has not
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (ClientError, BotoCoreError) as error:
            raise StorageError(f"table {self._table}: {error}") from error


@contextmanager
def _throttled() -> Iterator[None]:
    """Let a request that was refused as a whole be made again, as one is of which a part was left over."""
    from botocore.exceptions import ClientError

    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] not in THROTTLED:
            raise


def _key(model: str, batch: str, name: str) -> str:
    key = f"{model}#{batch}#{name}"
    encoded = key.encode(errors="surrogatepass")
    if len(encoded) <= MOST_KEY_BYTES and not name.startswith(DIGEST):
        return key
    return f"{model}#{batch}#{DIGEST}{hashlib.sha256(encoded).hexdigest()}"


def _item(key: str, one: StoredPrediction, expires: int) -> dict[str, dict[str, str]]:
    prediction, warnings = orjson.dumps(one.prediction), orjson.dumps(one.warnings)
    least = MOST_KEY_BYTES + len(prediction)
    if least > MOST_ITEM_BYTES:
        fault = f"its prediction takes {len(prediction)} bytes, more than a table holds: make the batch without lookup"
        raise InvalidInputError([Fault(("line", one.line), fault, "too_large")])
    item = {
        KEY: {"S": key},
        EXPIRES: {"N": str(expires)},
        LINE: {"N": str(one.line)},
        PREDICTION: {"S": prediction.decode()},
    }
    if one.warnings and least + len(warnings) <= MOST_ITEM_BYTES:
        item[WARNINGS] = {"S": warnings.decode()}
    return item


def _prediction(name: str, item: Mapping[str, Mapping[str, str]]) -> StoredPrediction:
    warnings = orjson.loads(item[WARNINGS]["S"]) if WARNINGS in item else []
    return StoredPrediction(name, int(item[LINE]["N"]), orjson.loads(item[PREDICTION]["S"]), tuple(warnings))


def _chunks(items: Iterator[Item] | Mapping[Item, Any] | Sequence[Item], size: int) -> Iterator[list[Item]]:
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


def _sleep(pause: float) -> None:
    time.sleep(pause * random.random())  # noqa: S311  # only spreads the writers
