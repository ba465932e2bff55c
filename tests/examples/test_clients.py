"""The clients in examples/clients, each a process of its own against a deployment."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

if TYPE_CHECKING:
    from conftest import Deployment

BECAS = "BecarIA/Longformer-SQuAD-becas-1"
CLIENTS = ("churn.py", "car_price.py", "project_tags.sh", "becas.py")
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def clients(root: Path) -> Path:
    return root / "examples" / "clients"


class _Busy(BaseHTTPRequestHandler):
    """A server that answers every other request with 503."""

    requests: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.requests.append(self.headers.get("Authorization", ""))
        if len(self.requests) % 2:
            self._answer(503, {"message": "Service Unavailable"}, {"Retry-After": "0"})
        else:
            answer = {"model": "churn", "version": 1, "predictions": [{"scores": {"yes": 0.25}}], "warnings": [[]]}
            self._answer(200, {"data": answer})

    def _answer(self, status: int, document: Any, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def busy() -> Iterator[str]:
    _Busy.requests.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Busy) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_churn_prints_a_probability_for_each_customer(run_client: Run, clients: Path) -> None:
    done = run_client(clients / "churn.py")
    assert done.returncode == 0, done.stderr
    first, *customers = done.stdout.splitlines()
    assert re.fullmatch(r"churn version \d+", first)
    found = [re.fullmatch(r"(\S+|customer \d): leaves with probability (0\.\d{3})", line) for line in customers]
    assert [match[1] for match in found if match] == ["3907-mwtrb", "customer 1", "4061-qlwex"]


def test_car_price_retrains_and_predicts_with_the_new_version(
    deployment: Deployment, run_client: Run, clients: Path
) -> None:
    before = deployment.version("car-price")
    done = run_client(clients / "car_price.py")
    after = deployment.version("car-price")
    assert done.returncode == 0, done.stderr
    assert f"version {before} -> {after}" in done.stdout
    assert before != after
    assert re.search(r"^job [0-9a-f]{32}: succeeded", done.stdout, re.MULTILINE)
    assert f'production {{"version": {before}}}' in done.stdout.splitlines()[-1]
    prices = re.findall(r"^Maruti Swift VXI of 2014: ([\d,]+) rupees", done.stdout, re.MULTILINE)
    assert len(prices) == 2


def test_project_tags_prints_five_answers(run_client: Run, clients: Path) -> None:
    done = run_client(clients / "project_tags.sh")
    assert done.returncode == 0, done.stderr
    model, performance, one_arg, args, predict = (json.loads(line)["data"] for line in done.stdout.splitlines())
    assert model["name"] == "project-tags"
    assert performance["performance"]["f1"] > 0.8
    assert one_arg == {"learning_rate": args["args"]["learning_rate"]}
    assert [one["label"] for one in predict["predictions"]] == ["natural-language-processing", "computer-vision"]


def test_becas_gets_the_same_answer_from_both_libraries(
    deployment: Deployment, run_client: Run, clients: Path, root: Path
) -> None:
    if deployment.version(BECAS) is None:
        pytest.skip(f"SKIPPED: {deployment.url} has no version of {BECAS} in production")
    done = run_client(clients / "becas.py")
    assert done.returncode == 0, done.stderr
    question, answer, again = done.stdout.splitlines()
    inputs = json.loads((root / "examples" / "becas-request.json").read_text("utf-8"))["inputs"]
    assert question == inputs["question"]
    # the text stands in two windows, whose scores add up
    found = re.fullmatch(r"(.*) \(score [01]\.\d{3}, characters (\d+) to (\d+)\)", answer)
    assert found
    assert found[1] == inputs["context"][int(found[2]) : int(found[3])]
    assert again == f"InferenceClient: {found[1]}"
    told = deployment.http.post(f"/models/{BECAS}", json={"inputs": inputs}).json()
    assert answer == f"{told['answer']} (score {told['score']:.3f}, characters {told['start']} to {told['end']})"


@pytest.mark.parametrize(
    ("client", "body", "printed"),
    [
        ("churn.py", {"gender": "female", "seniorcitizen": "no"}, ["body.seniorcitizen: must be", "body.partner: "]),
        (
            "car_price.py",
            [{"name": "Maruti Swift", "year": 1900}],
            ["body.0.year: must be at least", "body.0.transmission: "],
        ),
        ("project_tags.sh", {"texts": [{"text": 7}, {}]}, ['"loc":["body","texts",0', '"loc":["body","texts",1']),
    ],
)
def test_errors_of_the_service_are_printed_line_by_line(
    run_client: Run, clients: Path, tmp_path: Path, client: str, body: Any, printed: list[str]
) -> None:
    (tmp_path / "body.json").write_text(json.dumps(body))
    done = run_client(clients / client, str(tmp_path / "body.json"))
    lines = done.stderr.splitlines()
    assert done.returncode == 1
    assert "422" in lines[0]
    assert all(any(line.strip().lstrip("{").startswith(text) for line in lines[1:]) for text in printed), done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("client", CLIENTS)
def test_an_address_without_a_service_is_named(run_client: Run, clients: Path, client: str) -> None:
    done = run_client(clients / client, base_url="http://127.0.0.1:1")
    assert done.returncode > 0
    assert "127.0.0.1" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_503_is_asked_again_with_the_token(
    run_client: Run, clients: Path, busy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_TOKEN", "secret")
    done = run_client(clients / "churn.py", base_url=busy)
    assert done.stdout.splitlines() == ["churn version 1", "customer 0: leaves with probability 0.250"], done.stderr
    assert _Busy.requests == ["Bearer secret"] * 2
