"""Tokens: made at random, kept as digests, compared in constant time, and refused for every doubt."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.errors import ConflictError, DamagedRecordError, DespliegueError, InvalidInputError, NotFoundError
from functions.core.routes import TokenScope
from functions.core.tokens import (
    KEPT_SECONDS,
    LAST_GOOD_SECONDS,
    Decision,
    RecentTokens,
    TokenRecord,
    TokenRecords,
    decide,
    digest_of,
    make_token,
)

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
ENTRY: dict[str, Any] = {
    "name": "ana",
    "sha256": hashlib.sha256(b"dsp_something").hexdigest(),
    "scopes": ["predict", "train"],
    "created": "2026-01-31T12:00:00Z",
    "expires": None,
}
KNOWN, KNOWN_TOKEN = make_token("known", ["predict"], now=NOW)
OF_MODELS = ("churn", "becas", "car-price", "churn-2", "Churn", None)
OTHERS = tuple(make_token(name, ["predict"], now=NOW)[0] for name in ("first", "second"))


def body(*entries: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"tokens": entries, **more}).encode()


def test_a_token_is_random_and_known_by_its_prefix() -> None:
    made = {make_token("ana", ["predict"], now=NOW)[1] for _ in range(100)}
    assert len(made) == 100
    assert all(token.startswith("dsp_") and len(token) == len("dsp_") + 43 for token in made)


def test_only_the_digest_of_a_token_is_kept() -> None:
    document = TokenRecords((KNOWN,)).to_json().decode()
    assert hashlib.sha256(KNOWN_TOKEN.encode()).hexdigest() in document
    assert KNOWN_TOKEN not in document + repr(KNOWN)
    assert KNOWN_TOKEN.removeprefix("dsp_") not in document


def test_the_document_is_what_the_deployment_writes() -> None:
    assert TokenRecords.from_json(b'{"tokens": []}', "the secret") == TokenRecords(())
    (token,) = TokenRecords.from_json(body({**ENTRY, "expires": "2026-02-01T13:00:00+01:00"}), "the secret").tokens
    assert (token.name, token.scopes, token.created) == ("ana", ("predict", "train"), NOW)
    assert token.expires == NOW + DAY


def test_the_document_survives_being_written_and_read() -> None:
    tokens = TokenRecords((KNOWN, make_token("ana", ["admin", "train"], now=NOW, lifetime=DAY)[0]))
    assert TokenRecords.from_json(tokens.to_json(), "the secret") == tokens
    assert json.loads(tokens.to_json())["tokens"][1].keys() == ENTRY.keys()


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        (b"", "truncated"),
        (b"[]", "object"),
        (b"{}", "tokens"),
        (b"\xff", "utf-8|JSON"),
        (body(version=1), "version"),
        (body({**ENTRY, "expired": None}), r"expired.*\$\.tokens\[0\]"),
        (body({key: value for key, value in ENTRY.items() if key != "expires"}), "expires"),
        (body({**ENTRY, "expires": "2026-01-31T12:00:00"}), r"timezone.*expires"),
        (body({**ENTRY, "created": 0}), "created"),
        (body({**ENTRY, "sha256": "0" * 63}), "sha256"),
        (body({**ENTRY, "sha256": "0" * 64 + "\n"}), "sha256"),
        (body({**ENTRY, "sha256": "A" * 64}), "sha256"),
        (body({**ENTRY, "scopes": []}), "scopes"),
        (body({**ENTRY, "scopes": ["public"]}), "public.*scopes"),
        (body({**ENTRY, "name": "a b"}), "name"),
        (body(ENTRY, {**ENTRY, "sha256": "0" * 64}), "two tokens are named ana"),
    ],
)
def test_a_damaged_document_is_refused_whole_with_the_place(damaged: bytes, reason: str) -> None:
    with pytest.raises(DamagedRecordError, match=rf"^the secret cannot be read: .*(?:{reason})"):
        TokenRecords.from_json(damaged, "the secret")


def test_a_token_pasted_over_the_document_is_not_quoted() -> None:
    with pytest.raises(DamagedRecordError) as caught:
        TokenRecords.from_json(KNOWN_TOKEN.encode(), "the secret")
    assert KNOWN_TOKEN not in str(caught.value)


@pytest.mark.parametrize("name", ["a", "7", "ana", "Ana.Garcia_2-b", "x" * 64])
def test_a_name_may_be(name: str) -> None:
    record, _ = make_token(name, ["predict"], now=NOW)
    assert TokenRecords.from_json(TokenRecords((record,)).to_json(), "the secret").tokens[0].name == name


@pytest.mark.parametrize("name", ["", "x" * 65, "-ana", ".ana", "ana garcia", "ana\n", "añá", "ana/b"])
def test_a_name_may_not_be(name: str) -> None:
    with pytest.raises(InvalidInputError, match=r"name: .*1 to 64 letters"):
        make_token(name, ["predict"], now=NOW)


@pytest.mark.parametrize("scopes", [[], ["public"], ["predict", "root"]])
def test_scopes_are_known_ones_and_at_least_one(scopes: list[Any]) -> None:
    with pytest.raises(InvalidInputError, match="predict, train, batch, admin"):
        make_token("ana", scopes, now=NOW)


def test_scopes_are_kept_once_and_in_one_order() -> None:
    assert make_token("ana", ["admin", "predict", "admin"], now=NOW)[0].scopes == ("predict", "admin")


@given(position=st.integers(0, len(KNOWN_TOKEN) - 1), character=st.sampled_from(ALPHABET + " .é\0"))
def test_a_token_that_differs_in_one_character_never_passes(position: int, character: str) -> None:
    changed = KNOWN_TOKEN[:position] + character + KNOWN_TOKEN[position + 1 :]
    decision = decide(TokenRecords((KNOWN, *OTHERS)), changed, "predict", NOW, model="churn")
    assert decision.allowed is (changed == KNOWN_TOKEN)


@given(st.integers(0, len(KNOWN_TOKEN)))
def test_part_of_a_token_never_passes(length: int) -> None:
    assert (TokenRecords((KNOWN,)).find(KNOWN_TOKEN[:length]) is not None) is (length == len(KNOWN_TOKEN))


def test_the_digest_itself_is_no_token() -> None:
    assert TokenRecords((KNOWN,)).find(KNOWN.sha256) is None


@pytest.mark.parametrize("presented", [KNOWN_TOKEN, "dsp_unknown"], ids=["known", "unknown"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_every_record_is_compared_at_each_place_of_the_token(
    presented: str, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []
    compare = hmac.compare_digest

    def counting(kept: str, given: str) -> bool:
        compared.append(kept)
        return compare(kept, given)

    monkeypatch.setattr("functions.core.tokens.hmac.compare_digest", counting)
    records = [*OTHERS]
    records.insert(place, KNOWN)
    assert TokenRecords(tuple(records)).find(presented) == (KNOWN if presented == KNOWN_TOKEN else None)
    assert compared == [record.sha256 for record in records]


def test_a_token_expires_at_its_moment_and_not_before() -> None:
    record, token = make_token("ana", ["predict"], now=NOW, lifetime=DAY)
    tokens = TokenRecords((record,))
    just_before = NOW + DAY - timedelta(microseconds=1)
    assert decide(tokens, token, "predict", just_before, model="churn") == Decision(True, "valid token", "ana")
    assert decide(tokens, token, "predict", NOW + DAY, model="churn") == Decision(False, "expired token", "ana")
    assert decide(TokenRecords((KNOWN,)), KNOWN_TOKEN, "predict", NOW + 10_000 * DAY, model="churn").allowed


@pytest.mark.parametrize("held", get_args(TokenScope))
@pytest.mark.parametrize("needed", get_args(TokenScope))
def test_no_scope_includes_another(held: TokenScope, needed: TokenScope) -> None:
    record, token = make_token("ana", [held], now=NOW)
    decision = decide(TokenRecords((record,)), token, needed, NOW, model="churn")
    assert decision.allowed is (held == needed)
    assert decision.token == record.name
    assert decision.allowed or needed in decision.reason


def test_a_token_for_models_opens_these_alone_and_no_path_without_a_model() -> None:
    record, token = make_token("ana", ["predict"], now=NOW, models=["churn", "becas", "churn"])
    assert record.models == ("becas", "churn")
    tokens = TokenRecords((record,))
    opened = {model: decide(tokens, token, "predict", NOW, model=model).allowed for model in OF_MODELS}
    assert opened == {"churn": True, "becas": True, "car-price": False, "churn-2": False, "Churn": False, None: False}
    refused = decide(tokens, token, "predict", NOW, model="car-price")
    assert refused == Decision(False, "the token is for becas, churn only", "ana")
    assert not decide(tokens, token, "train", NOW, model="churn").allowed


def test_a_token_without_models_is_for_all_of_them() -> None:
    tokens = TokenRecords((KNOWN,))
    assert KNOWN.models is None
    assert all(decide(tokens, KNOWN_TOKEN, "predict", NOW, model=model).allowed for model in OF_MODELS)


def test_models_are_written_only_where_they_limit_a_token() -> None:
    """A release before them refuses the key, and a document without it is read as it was."""
    limited = make_token("ana", ["predict"], now=NOW, models=["churn"])[0]
    entries = json.loads(TokenRecords((KNOWN, limited)).to_json())["tokens"]
    assert [list(entry) for entry in entries] == [list(ENTRY), [*ENTRY, "models"]]
    assert TokenRecords.from_json(body(*entries), "the store") == TokenRecords((KNOWN, limited))
    assert TokenRecords.from_json(body(ENTRY), "the store").tokens[0].models is None


@pytest.mark.parametrize("models", [[], ["Churn"], ["churn", ""], ["a/b"], ["churn\n"], ["*"]])
def test_a_token_is_for_names_of_models(models: list[str]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        make_token("ana", ["predict"], now=NOW, models=models)
    assert caught.value.faults[0].loc == ("models",)
    with pytest.raises(DamagedRecordError):
        TokenRecords.from_json(body({**ENTRY, "models": models}), "the store")


def test_rotation_has_both_tokens_valid_until_the_old_one_is_revoked() -> None:
    new, new_token = make_token("known-2", ["predict"], now=NOW)
    both = TokenRecords((KNOWN,)).with_token(new, NOW)
    assert [decide(both, token, "predict", NOW, model="churn").token for token in (KNOWN_TOKEN, new_token)] == [
        "known",
        "known-2",
    ]
    after = both.without_token("known")
    assert decide(after, KNOWN_TOKEN, "predict", NOW, model="churn") == Decision(False, "unknown token")
    assert decide(after, new_token, "predict", NOW, model="churn").allowed


def test_a_name_belongs_to_one_living_token() -> None:
    tokens = TokenRecords((_token("ana", expires=NOW + DAY),))
    again = _token("ana", sha256="1" * 64)
    with pytest.raises(ConflictError, match="'ana' already"):
        tokens.with_token(again, NOW)
    assert tokens.with_token(again, NOW + DAY) == TokenRecords((again,))


def test_the_same_token_again_changes_nothing() -> None:
    tokens = TokenRecords((KNOWN, *OTHERS))
    assert tokens.with_token(KNOWN, NOW) == tokens


def test_an_unknown_name_cannot_be_revoked_and_the_known_ones_are_listed() -> None:
    with pytest.raises(NotFoundError, match="no token 'third'; known: first, second"):
        TokenRecords(OTHERS).without_token("third")


def test_an_expired_token_can_be_revoked() -> None:
    assert TokenRecords((_token("ana", expires=NOW),)).without_token("ana") == TokenRecords(())


def _token(name: str, *, sha256: str = digest_of("dsp_any"), expires: datetime | None = None) -> TokenRecord:
    return TokenRecord(name=name, sha256=sha256, scopes=("predict",), created=NOW - DAY, expires=expires)


@dataclass(slots=True)
class Store:
    """A store of tokens that a test can damage, with a clock that only a test moves."""

    body: bytes
    answers_after_seconds: float = 0.0
    seconds: float = 1000.0
    reads: int = 0
    failures: list[DespliegueError] = field(default_factory=list)

    def read(self) -> TokenRecords:
        self.reads += 1
        self.seconds += self.answers_after_seconds
        return TokenRecords.from_json(self.body, "the store")

    def recent(self) -> RecentTokens:
        return RecentTokens(self.read, on_failure=self.failures.append, clock=lambda: self.seconds)


def _records(*names: str) -> bytes:
    return TokenRecords(tuple(make_token(name, ["predict"], now=NOW)[0] for name in names)).to_json()


def _names(tokens: TokenRecords) -> list[str]:
    return [one.name for one in tokens.tokens]


def test_a_revocation_is_seen_when_five_seconds_have_passed_and_nothing_is_asked_before() -> None:
    store = Store(_records("ana"))
    recent = store.recent()
    assert _names(recent.current()) == ["ana"]
    store.body = _records()
    store.seconds += KEPT_SECONDS - 0.001
    assert _names(recent.current()) == ["ana"]
    assert store.reads == 1
    store.seconds += 0.001
    assert _names(recent.current()) == []
    assert (store.reads, KEPT_SECONDS) == (2, 5.0)


def test_the_age_of_the_tokens_counts_from_the_question_and_not_from_the_answer() -> None:
    store = Store(_records("ana"), answers_after_seconds=3)
    recent = store.recent()
    recent.current()
    store.seconds += 2
    recent.current()
    assert store.reads == 2


def test_the_last_good_tokens_live_on_for_minutes_while_the_store_cannot_be_read_and_each_failure_is_reported() -> None:
    store = Store(_records("ana"))
    recent = store.recent()
    recent.current()
    store.body = b"damaged"
    read_at = store.seconds
    while store.seconds < read_at + LAST_GOOD_SECONDS - KEPT_SECONDS:
        store.seconds += KEPT_SECONDS
        assert _names(recent.current()) == ["ana"]
    assert len(store.failures) == store.reads - 1 == LAST_GOOD_SECONDS / KEPT_SECONDS - 1
    store.seconds = read_at + LAST_GOOD_SECONDS
    for _ in range(2):
        with pytest.raises(DamagedRecordError, match="the store"):
            recent.current()
    store.body = _records("ana")
    assert _names(recent.current()) == ["ana"]


def test_a_revocation_is_seen_five_seconds_after_the_store_can_be_read_again() -> None:
    store = Store(_records("ana"))
    recent = store.recent()
    recent.current()
    store.body = b"damaged"
    store.seconds += KEPT_SECONDS
    assert _names(recent.current()) == ["ana"]
    store.body = _records()
    store.seconds += KEPT_SECONDS
    assert _names(recent.current()) == []


def test_a_store_that_fails_late_delays_one_request_in_five_seconds_and_not_each() -> None:
    store = Store(_records("ana"))
    recent = store.recent()
    recent.current()
    store.body, store.answers_after_seconds = b"damaged", 8
    store.seconds += KEPT_SECONDS
    for _ in range(4):
        recent.current()
        store.seconds += KEPT_SECONDS / 4
    assert store.reads == 2


def test_the_last_good_tokens_are_never_older_than_promised_even_if_the_last_attempt_was_late() -> None:
    store = Store(_records("ana"))
    recent = store.recent()
    recent.current()
    read_at = store.seconds
    store.body = b"damaged"
    store.seconds = read_at + LAST_GOOD_SECONDS - 0.001
    recent.current()
    store.seconds = read_at + LAST_GOOD_SECONDS
    with pytest.raises(DamagedRecordError):
        recent.current()


def test_without_tokens_that_were_good_before_a_failure_is_raised() -> None:
    store = Store(b"damaged")
    with pytest.raises(DamagedRecordError):
        store.recent().current()
    assert len(store.failures) == 1
