"""The page and its files, with the policy that lets it run nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

from functions.inference.control.playground.script import joined_script

FOLDER = Path(__file__).with_name("assets")
STYLES = ("tokens.css", "layout.css", "components.css")
"""The parts of the style sheet, in the order in which they overrule each other."""


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file of the page. Its `digest` is in the address under which the page asks for it."""

    body: bytes
    media_type: str
    digest: str


@cache
def page_files() -> dict[str, PageFile]:
    """The files by name; read and joined once in a process, and only where somebody opens the page."""
    modules = {path.stem: path.read_text("utf-8") for path in FOLDER.glob("*.js")}
    style = "\n".join((FOLDER / name).read_text("utf-8") for name in STYLES)
    return {
        "playground.js": _file(joined_script(modules, "main").encode(), "text/javascript"),
        "playground.css": _file(style.encode(), "text/css"),
        "icon.svg": _file((FOLDER / "icon.svg").read_bytes(), "image/svg+xml"),
    }


@cache
def page_below(base_path: str) -> bytes:
    """The page of an application below `base_path`; whole paths, because it is served at several depths."""
    page = (FOLDER / "page.html").read_text("utf-8").replace("{{base_path}}", escape(base_path))
    for name, file in page_files().items():
        page = page.replace(f"{{{{{name}}}}}", f"{escape(base_path)}/playground/{name}?digest={file.digest}")
    return page.encode()


def page_policy(upload_origins: Collection[str]) -> str:
    """The Content-Security-Policy: files and requests of this server, and uploads to `upload_origins`.

    Trusted Types keep the script itself from making elements out of text.
    """
    connect = " ".join(["'self'", *upload_origins])
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src {connect}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _file(body: bytes, media_type: str) -> PageFile:
    return PageFile(body, media_type, hashlib.sha256(body).hexdigest()[:16])
