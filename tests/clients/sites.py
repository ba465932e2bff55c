"""Web sites of other origins: their pages, and what these report."""

from __future__ import annotations

import json
import mimetypes
import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

REPORT = "/report"
WAIT_SECONDS = 90
SCRIPTS = Path(__file__).with_name("pages")
WRAPPED = """<!doctype html><meta charset="utf-8"><script type="importmap">%s</script><script type="module">
const ARGUMENTS = %s;
const report = (found) => fetch("/report", {method: "POST", body: JSON.stringify(found)});
try { report(await (async () => { %s })()); } catch (error) { report({failed: String(error)}); }
</script>"""


@dataclass(slots=True)
class Site:
    """A site on a port of its own, with the pages of `pages` and the files of `folder`."""

    origin: str
    pages: dict[str, str] = field(default_factory=dict)
    folder: Path | None = None
    reports: queue.Queue[Any] = field(default_factory=queue.Queue)

    def page(self, script: str, arguments: Sequence[Any], imports: Mapping[str, str] | None = None) -> str:
        """The address of a page that runs a script of pages/, the body of a function, and reports what it returns."""
        path = f"/page-{len(self.pages)}.html"
        given = [json.dumps(one).replace("</", "<\\/") for one in ({"imports": imports or {}}, arguments)]
        self.pages[path] = WRAPPED % (*given, (SCRIPTS / script).read_text("utf-8"))
        return self.origin + path

    def reported(self) -> Any:
        """What the page reports; raises queue.Empty if it reports nothing in time."""
        return self.reports.get(timeout=WAIT_SECONDS)


@contextmanager
def site_running() -> Iterator[Site]:
    site = Site("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = site.pages.get(self.path)
            file = site.folder / self.path.lstrip("/") if site.folder else None
            if page is not None:
                self._answer(200, "text/html", page.encode())
            elif file is not None and file.is_file():
                self._answer(200, mimetypes.guess_type(file.name)[0] or "text/plain", file.read_bytes())
            else:
                self._answer(404, "text/plain", b"")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == REPORT:
                site.reports.put(json.loads(body))
            self._answer(204, "text/plain", b"")

        def log_message(self, *_: object) -> None:
            pass

        def _answer(self, status: int, media_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        site.origin = f"http://127.0.0.1:{running.server_port}"
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        try:
            yield site
        finally:
            running.shutdown()
            thread.join()
