"""Small and large damage to requests, by chance: the same for the same seed."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from tests.fuzz.asked import Asked

NASTY: Sequence[Any] = (
    None, True, False, 0, -1, 1, 2.0, 1e308, -1e-320, 2**53 + 1, 10**30, "", " ", "\0", "a" * 5000, "\ud800", "é", "ﬁ",
    "👩🏽\u200d🎓", "\u202e", "</s>", "[SEP]", "NaN", "-", "1e3", "2014", "../../etc/passwd", "'; drop", "{{7*7}}",
    [], {}, [[]], [{}], {"instances": []}, {"": ""}, {"inputs": {}}, {"texts": [{"text": "a"}]}, [None] * 50,
)  # fmt: skip
LARGE: Sequence[Callable[[], bytes]] = (
    lambda: b"[" + b"{}," * 1_500_000 + b"{}]",
    lambda: b"[" * 2_000_000,
    lambda: b"{" + b",".join(b'"k%d":1' % number for number in range(300_000)) + b"}",
    lambda: b'[{"tenure":' + b"9" * 3_000_000 + b"}]",
    lambda: b'{"question":"' + b"a" * 2_000_000 + b'","context":"b"}',
    lambda: b'{"text":"' + "é ".encode() * 1_000_000 + b'"}',
    lambda: b"[" + b"1," * 2_000_000 + b"1]",
    lambda: b" " * 4_500_000,
    lambda: b"\xff" * 6_000_000,
)
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW", "get")
PARTS = (
    "churn", "car-price", "becas", "project-tags", "boats", "predict", "retrain", "jobs", "versions", "production",
    "%2F", "..", ".", "%2e%2e%2f", "", "%00", "%0d%0a", "ü", "%ff", "0", "-1", "9" * 400, "a" * 3000, "{model}", "~",
)  # fmt: skip
QUERIES = (
    "page=0", "page=-1", "page=1e3", "page_size=0", "page_size=100000", "page=" + "9" * 300, "filter=overall",
    "filter=", "filter=%00", "mode=extend", "mode=replace", "mode=other", "force=true", "force=maybe",
    "force=true&force=false", "&&==", "%ff=%fe", "a=" + "b" * 3000, "page=1&page=2", "x" * 3000,
)  # fmt: skip
HEADERS: Sequence[tuple[str, Sequence[str]]] = (
    ("Content-Type", ("text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "", "a/b",
                      "application/vnd.api+json", "multipart/form-data", "multipart/form-data; boundary=", "text/csv")),
    ("Content-Encoding", ("gzip", "identity", "br", "gzip, gzip", "")),
    ("Accept-Encoding", ("gzip", "gzip;q=0", "*", "br", "identity;q=0, gzip", "\xff")),
    ("Accept", ("text/html", "*/*", "application/xml;q=0.9", ",")),
    ("Prefer", ("respond-async", "wait=0", "respond-async, wait=1e9", "\xff")),
    ("Idempotency-Key", ("a", "", "x" * 3000, "\xe9", '"quoted"')),
    ("Authorization", ("Bearer a", "Bearer", "Basic YTpi", "Bearer \xff")),
    ("Origin", ("null", "http://localhost:3000", "https://evil.example", "")),
    ("Sec-Fetch-Site", ("cross-site", "same-origin", "none")),
    ("Host", ("evil.example", "localhost", "[::1]:1", "localhost:99999", "a b")),
    ("X-Forwarded-Prefix", ("/ml", "//evil.example", "\xff")),
    ("X-Forwarded-Proto", ("https", "https,http", "javascript")),
    ("X-Wait-For-Model", ("true", "2", "\xff")),
    ("Expect", ("100-continue", "200-ok")),
    ("Range", ("bytes=0-1", "bytes=5-1", "bytes=0-0," * 200)),
    ("If-None-Match", ("*", '"a"', "a")),
    ("Upgrade", ("h2c", "websocket")),
    ("Cookie", ("a=b; c", "=" * 2000)),
    ("Connection", ("close", "keep-alive", "upgrade")),
)  # fmt: skip
ONE_THAT_WAITS_IN = 500


def mutated(asked: Asked, chance: Random) -> Asked:
    """The request with one to four faults; a retrain does not wait for its job, but for one in some hundred."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        asked = chance.choice(MUTATIONS)(asked, chance)
    if "retrain" in asked.path and chance.randrange(ONE_THAT_WAITS_IN):
        asked = replace(asked, headers={**asked.headers, "Prefer": "respond-async"})
    return asked


def _value(asked: Asked, chance: Random) -> Asked:
    """Another value, name or length somewhere in the JSON of the body."""
    try:
        document = json.loads(asked.body)
    except ValueError:
        return _bytes(asked, chance)
    return replace(asked, body=_dumped(_changed(document, chance), chance))


def _changed(node: Any, chance: Random) -> Any:
    if not node or not isinstance(node, dict | list) or not chance.randrange(4):
        return chance.choice(NASTY)
    if isinstance(node, list):
        place = chance.randrange(len(node))
        kept = [*node[:place], _changed(node[place], chance), *node[place + 1 :]]
        return chance.choice((kept, kept, node * chance.choice((2, 30)), node[:place], [node]))
    name = chance.choice(list(node))
    kept = {**node, name: _changed(node[name], chance)}
    others = {other: value for other, value in node.items() if other != name}
    return chance.choice((kept, kept, kept, others, {**others, name.upper(): node[name]}, {**node, "more": kept}))


def _dumped(document: Any, chance: Random) -> bytes:
    text = json.dumps(document, ensure_ascii=bool(chance.randrange(2)), indent=chance.choice((None, None, 1)))
    return text.encode("utf-8", errors="surrogatepass")


def _bytes(asked: Asked, chance: Random) -> Asked:
    """Bytes that are turned, cut, doubled or put in, or another encoding of all of them."""
    body = bytearray(asked.body or b"{}")
    place = chance.randrange(len(body) + 1)
    choices: Sequence[Callable[[], bytes]] = (
        lambda: bytes(body[:place]),
        lambda: bytes(body[:place] + chance.randbytes(chance.choice((1, 2, 40))) + body[place:]),
        lambda: bytes(body[:place] + body[place // 2 :]),
        lambda: bytes(byte ^ (1 << chance.randrange(8)) if not chance.randrange(20) else byte for byte in body),
        lambda: b"\xef\xbb\xbf" + bytes(body),
        lambda: bytes(body).decode("latin-1").encode("utf-16"),
        lambda: gzip.compress(bytes(body)),
        lambda: bytes(body).replace(b":", b":NaN,", 1),
        lambda: b"",
    )
    return replace(asked, body=chance.choice(choices)())


def _path(asked: Asked, chance: Random) -> Asked:
    parts = asked.path.split("/")
    place = chance.randrange(len(parts))
    part = chance.choice(PARTS)
    changed = chance.choice(
        (
            [*parts[:place], part, *parts[place + 1 :]],
            [*parts[:place], part, *parts[place:]],
            [*parts, ""],
            parts[:place],
        )
    )
    return replace(asked, path="/".join(changed).replace("/", "%2F", chance.choice((0, 0, 0, 1))))


def _query(asked: Asked, chance: Random) -> Asked:
    return replace(asked, query="&".join(chance.choices(QUERIES, k=chance.choice((1, 1, 3)))))


def _header(asked: Asked, chance: Random) -> Asked:
    name, values = chance.choice(HEADERS)
    headers = {known: value for known, value in asked.headers.items() if known.lower() != name.lower()}
    return replace(asked, headers=headers if not chance.randrange(4) else {**headers, name: chance.choice(values)})


def _method(asked: Asked, chance: Random) -> Asked:
    return replace(asked, method=chance.choice(METHODS))


def _chunks(asked: Asked, chance: Random) -> Asked:
    return replace(asked, is_chunked=True)


MUTATIONS = (_value, _value, _value, _value, _bytes, _bytes, _path, _query, _header, _header, _method, _chunks)
