"""A server of a few lines in the form of a peer: python tiny_server.py PORT CHANCE [FAILS_AFTER]"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

PORT, CHANCE = int(sys.argv[1]), float(sys.argv[2])
FAILS_AFTER = int(sys.argv[3]) if len(sys.argv) > 3 else None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answered = 0

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        Handler.answered += 1
        has_failed = FAILS_AFTER is not None and Handler.answered > FAILS_AFTER
        answer = {"churn_probability": CHANCE}
        body = json.dumps([answer] * len(asked) if isinstance(asked, list) else answer).encode()
        self.send_response(500 if has_failed else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


HTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
