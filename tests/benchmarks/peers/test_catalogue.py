"""What peers are asked, and where their predictions are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from benchmarks.peers.catalogue import DESPLIEGUE, PEERS, Peer

ROWS = [{"tenure": 4, "contract": "one_year"}, {"tenure": 5, "contract": "two_year"}]
PLAIN = {"churn_probability": 0.25, "churn": False}


def find(name: str, model: str = "churn") -> Peer:
    return next(peer for peer in PEERS[model] if peer.name == name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("fastapi_frame", ROWS),
        ("bentoml_frame", {"customers": ROWS}),
        ("mlflow", {"dataframe_records": ROWS}),
        ("kserve", {"instances": [{"tenure": [4, 5], "contract": ["one_year", "two_year"]}]}),
        (
            "mlserver",
            {
                "parameters": {"content_type": "pd"},
                "inputs": [
                    {"name": "tenure", "datatype": "FP64", "shape": [2, 1], "data": [4, 5]},
                    {
                        "name": "contract",
                        "datatype": "BYTES",
                        "shape": [2, 1],
                        "data": ["one_year", "two_year"],
                        "parameters": {"content_type": "str"},
                    },
                ],
                "outputs": [{"name": "predict_proba"}],
            },
        ),
    ],
)
def test_a_batch_is_put_into_the_form_of_the_peer(name: str, expected: Any) -> None:
    assert json.loads(find(name).wire.body(json.dumps(ROWS).encode())) == expected


@pytest.mark.parametrize("name", ["bentoml_frame", "mlflow"])
def test_one_row_is_a_list_where_the_peer_knows_lists_only(name: str) -> None:
    (rows,) = json.loads(find(name).wire.body(json.dumps(ROWS[0]).encode())).values()
    assert rows == ROWS[:1]


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("flask", [PLAIN, PLAIN]),
        ("mlflow", {"predictions": [[0.75, 0.25], [0.75, 0.25]]}),
        ("kserve", {"predictions": [[0.75, 0.25], [0.75, 0.25]]}),
        ("mlserver", {"outputs": [{"shape": [2, 2], "data": [0.75, 0.25, 0.75, 0.25]}]}),
    ],
)
def test_the_chances_of_yes_are_read_from_an_answer(name: str, answer: Any) -> None:
    assert find(name).wire.values(answer) == [0.25, 0.25]


def test_one_answer_and_labels_are_read() -> None:
    assert find("flask").wire.values(PLAIN) == [0.25]
    assert find("vetiver").wire.values({"predict": ["no", "yes"]}) == [0.0, 1.0]


def test_prices_and_our_own_answers_are_read() -> None:
    assert find("raw_asgi", "car-price").wire.values([{"price": 2.5}]) == [2.5]
    assert find("mlflow", "car-price").wire.values({"predictions": [2.5]}) == [2.5]
    assert DESPLIEGUE["car-price"].wire.values({"data": {"predictions": [2.5]}}) == [2.5]
    assert DESPLIEGUE["churn"].wire.values({"data": {"predictions": [{"scores": {"yes": 0.25}}]}}) == [0.25]


@pytest.mark.parametrize("model", PEERS)
def test_the_peers_of_a_model_differ_in_name_and_label(model: str) -> None:
    everyone = (DESPLIEGUE[model], *PEERS[model])
    assert len({peer.name for peer in everyone}) == len({peer.label for peer in everyone}) == len(everyone)
