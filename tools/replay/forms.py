"""Upload forms, posted as a browser does."""

from __future__ import annotations

from collections.abc import Iterable

from tools.replay.requests import Body, Request

BOUNDARY = "replay-boundary"
PATH = "/local-uploads"
FIELDS = ("key", "expires", "max_bytes", "signature")
MULTIPART = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def form_body(form: str, content: str, *, without: Iterable[str] = (), **changes: str) -> Body:
    """The fields of the form that was kept under that name, then the file; `changes` replace fields."""
    fields = {name: f"${{{form}.fields.{name}}}" for name in FIELDS if name not in without} | changes
    parts = [_part(f'name="{name}"', value) for name, value in fields.items()]
    if "file" not in without:
        parts.append(_part('name="file"; filename="rows.csv"\r\nContent-Type: text/csv', content))
    return Body("".join(parts) + f"--{BOUNDARY}--\r\n")


def posted(name: str, form: str, content: str, kind: str = "upload") -> Request:
    """The form posted with that content."""
    return Request(name, kind, method="POST", target=PATH, headers=MULTIPART, body=form_body(form, content))


def _part(disposition: str, value: str) -> str:
    return f"--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{value}\r\n"
