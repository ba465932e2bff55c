"""The server behind a reverse proxy with a prefix, one that takes it off and one that leaves it, in a real browser."""

from __future__ import annotations

import http.client
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from functions.core.definition import Definition
from functions.local import server
from functions.local.application import local_application
from functions.local.home import Home

PREFIX = "/ml"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass
class Proxied:
    """A proxy's address, and the paths that it was asked for."""

    url: str = ""
    asked: list[str] = field(default_factory=list)


@contextmanager
def proxying(upstream: tuple[str, int], *, takes_off: bool) -> Iterator[Proxied]:
    """A proxy that shows `upstream` below PREFIX and passes the Host on, as proxies of public servers are set up."""
    found = Proxied()

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found.asked.append(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            connection = http.client.HTTPConnection(*upstream, timeout=60)
            path = self.path.removeprefix(PREFIX) if takes_off else self.path
            connection.request(self.command, path, body, dict(self.headers))
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP_BY_HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as listening:
        found.url = f"http://127.0.0.1:{listening.server_address[1]}{PREFIX}"
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        yield found
        listening.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def upstream(trained_home: Home, definitions: Mapping[str, Definition]) -> tuple[str, int]:
    """The address of a server that knows its base path; no trainer runs."""
    listening = server.listen("127.0.0.1", 0)
    host, port = listening.getsockname()
    application = local_application(trained_home, definitions, base_url=f"http://{host}:{port}", base_path=PREFIX)
    threading.Thread(target=server.run, args=(application, listening), daemon=True).start()
    return host, port


@pytest.fixture(scope="module", params=[True, False], ids=["takes the prefix off", "leaves the prefix"])
def proxied(request: pytest.FixtureRequest, upstream: tuple[str, int]) -> Iterator[Proxied]:
    with proxying(upstream, takes_off=request.param) as found:
        yield found


def test_a_client_predicts_and_finds_its_page_again(proxied: Proxied, definitions: Mapping[str, Definition]) -> None:
    with httpx.Client(base_url=proxied.url, timeout=60) as client:
        answer = client.post("models/churn/predict", json=dict(definitions["churn"].examples[0]))
        assert answer.json()["url"] == f"{proxied.url}/models/churn/predict"
        assert client.get("models/churn/jobs/").status_code == 200
        assert client.get(f"{proxied.url}x/models").status_code == 404


def test_the_documentation_shows_every_model_and_asks_nothing_outside_of_the_prefix(
    proxied: Proxied, definitions: Mapping[str, Definition], tmp_path: Path
) -> None:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip(f"SKIPPED: no browser: none of {', '.join(BROWSERS)} is installed")
    proxied.asked.clear()
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=30000"]
    command = [browser, *options, f"--user-data-dir={tmp_path}", "--dump-dom", f"{proxied.url}/docs"]
    page = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout
    for model in definitions:
        assert f'id="operations-{model}-predict_{model}"' in page
    assert {f"{PREFIX}/docs", f"{PREFIX}/openapi.json", f"{PREFIX}/docs/swagger-ui-bundle.js"} <= set(proxied.asked)
    assert [path for path in proxied.asked if not path.startswith(f"{PREFIX}/")] == []
