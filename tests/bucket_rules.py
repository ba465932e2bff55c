"""What S3 answers to pages of other origins, by the CORS rules of a bucket.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html: the first rule counts that fits the origin, the method
and every header that the browser asks for. Without one, S3 refuses what a browser asks first, and answers all else
without a word on origins, so that the browser keeps the answer from the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

Rule = Mapping[str, Any]
PREFIX = "access-control-"


def preflight_headers(rules: Sequence[Rule], sent: Mapping[str, str]) -> dict[str, str] | None:
    """The answer to what a browser asks first; None where S3 refuses it. Names in `sent` are in small letters."""
    method = sent.get(f"{PREFIX}request-method", "")
    wanted = [one.strip().lower() for one in sent.get(f"{PREFIX}request-headers", "").split(",") if one.strip()]
    rule = _first(rules, sent.get("origin", ""), method, wanted)
    if rule is None:
        return None
    asked = {"Access-Control-Allow-Headers": ", ".join(wanted)} if wanted else {}
    return {**_allowed(rule, sent["origin"]), **asked}


def answer_headers(rules: Sequence[Rule], method: str, sent: Mapping[str, str]) -> dict[str, str]:
    """The headers that S3 adds to an answer."""
    rule = _first(rules, sent.get("origin", ""), method, [])
    return {} if rule is None else _allowed(rule, sent["origin"])


def _first(rules: Sequence[Rule], origin: str, method: str, headers: Sequence[str]) -> Rule | None:
    return next((one for one in rules if origin and _fits(one, origin, method, headers)), None)


def _fits(rule: Rule, origin: str, method: str, headers: Sequence[str]) -> bool:
    known = [one.lower() for one in rule.get("AllowedHeaders", [])]
    return (
        any(fnmatchcase(origin, one) for one in rule["AllowedOrigins"])
        and method in rule["AllowedMethods"]
        and all(any(fnmatchcase(name, one) for one in known) for name in headers)
    )


def _allowed(rule: Rule, origin: str) -> dict[str, str]:
    everybody = "*" in rule["AllowedOrigins"]
    exposed = {"Access-Control-Expose-Headers": ", ".join(rule["ExposedHeaders"])} if rule.get("ExposedHeaders") else {}
    return {
        "Access-Control-Allow-Origin": "*" if everybody else origin,
        "Access-Control-Allow-Methods": ", ".join(rule["AllowedMethods"]),
        "Vary": "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
        **exposed,
    }
