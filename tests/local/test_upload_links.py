"""Forms for one file: signed, limited in size and time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import httpx
import pytest
from starlette.types import ASGIApp

from functions.core.local_storage import LocalStorage
from functions.core.uploads import UploadLink
from functions.inference.application import create_application
from functions.inference.control.fastapi_app import fastapi_app
from functions.local import upload_links
from functions.local.upload_links import LocalUploadLinks

KEY = "uploads/churn/jobs/1/rows.csv"
LIMIT = 1000
MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}


@pytest.fixture
def links(tmp_path: Path) -> LocalUploadLinks:
    return LocalUploadLinks(LocalStorage(tmp_path))


@pytest.fixture
def poster(links: LocalUploadLinks, connect: Callable[[ASGIApp], httpx.Client]) -> httpx.Client:
    return connect(create_application(fastapi_app([links.router()])))


@pytest.fixture
def link(links: LocalUploadLinks) -> UploadLink:
    return links.create(KEY, max_bytes=LIMIT)


def post(
    poster: httpx.Client, link: UploadLink, body: bytes = b"rows", changes: Mapping[str, str] | None = None
) -> httpx.Response:
    return poster.post(link.url, data={**link.fields, **(changes or {})}, files={"file": ("local.csv", body)})


def test_a_posted_file_is_written_under_its_key(poster: httpx.Client, link: UploadLink, tmp_path: Path) -> None:
    answer = post(poster, link, b"a,b\r\n1,2\r\n")
    assert (answer.status_code, answer.content) == (204, b"")
    assert (tmp_path / KEY).read_bytes() == b"a,b\r\n1,2\r\n"


def test_a_file_of_exactly_the_limit_is_taken(poster: httpx.Client, link: UploadLink, tmp_path: Path) -> None:
    assert post(poster, link, b"x" * LIMIT).status_code == 204
    assert (tmp_path / KEY).stat().st_size == LIMIT


@pytest.mark.parametrize("size", [LIMIT + 1, LIMIT + upload_links.FORM_BYTES + 1, 3_000_000])
def test_a_larger_file_is_refused(poster: httpx.Client, link: UploadLink, tmp_path: Path, size: int) -> None:
    answer = post(poster, link, b"x" * size)
    assert answer.status_code == 413
    assert str(LIMIT) in answer.json()["errors"][0]["msg"]
    assert not (tmp_path / KEY).exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("signature", "0" * 64),
        ("signature", ""),
        ("signature", "ñ"),
        ("key", "uploads/churn/other.csv"),
        ("key", "../escape"),
        ("max_bytes", "999999999"),
        ("expires", "99999999999"),
        ("expires", "never"),
    ],
)
def test_a_form_that_was_changed_is_forbidden(
    poster: httpx.Client, link: UploadLink, tmp_path: Path, name: str, value: str
) -> None:
    answer = post(poster, link, changes={name: value})
    assert answer.status_code == 403
    assert "POST /models/{model}/uploads" in answer.json()["errors"][0]["msg"]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_an_expired_form_is_forbidden(
    poster: httpx.Client, link: UploadLink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = time.time() + link.expires_seconds + 2
    monkeypatch.setattr("functions.local.upload_links.time.time", lambda: late)
    answer = post(poster, link)
    assert answer.status_code == 403
    assert "expired" in answer.json()["errors"][0]["msg"]


def test_a_form_of_another_process_is_forbidden(poster: httpx.Client, tmp_path: Path) -> None:
    other = LocalUploadLinks(LocalStorage(tmp_path)).create(KEY, max_bytes=LIMIT)
    assert post(poster, other).status_code == 403


def test_a_form_without_a_file_is_refused(poster: httpx.Client, link: UploadLink) -> None:
    answer = poster.post(link.url, data=link.fields)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"] == ["body", "file"]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "application/json", 403),
        (b"{}", "application/json", 403),
        (b"nonsense", "multipart/form-data; boundary=x", 400),
        (b"nonsense", "multipart/form-data", 400),
        (b"\xff\xfe", "application/x-www-form-urlencoded", 403),
    ],
)
def test_what_is_no_form_is_refused(
    poster: httpx.Client, link: UploadLink, body: bytes, content_type: str, status: int
) -> None:
    answer = poster.post(link.url, content=body, headers={"Content-Type": content_type})
    assert answer.status_code == status


@pytest.mark.parametrize(
    "part", [b'name="key"', b'name="key"\r\n', b'--x\r\nname="key"\r\n\r\n', b"\r\n--", b"\r\n\r\n"]
)
def test_what_repeats_the_parts_of_a_form_is_refused_as_every_large_one_without_a_signature(
    poster: httpx.Client, part: bytes
) -> None:
    """It is a megabyte: only a search in one pass, of no more than the beginning, comes to an end."""
    answers = [
        poster.post("/local-uploads", content=body, headers=MULTIPART) for body in (part * 100_000, b"a" * 10**6)
    ]
    assert [answer.status_code for answer in answers] == [413, 413]
    assert answers[0].json()["errors"] == answers[1].json()["errors"]


def test_a_signature_is_looked_for_in_the_beginning_of_a_form_alone(poster: httpx.Client, link: UploadLink) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="more"\r\n\r\n%s\r\n'
    before = upload_links.FORM_BYTES - len(part % b"")
    statuses = []
    for size in (before - len(fields_of(link)) - len(b"--"), before):
        body = part % (b"a" * size) + fields_of(link) + FILE_FIRST + b"a" * (LIMIT // 2) + b"\r\n--x--\r\n"
        statuses.append(poster.post("/local-uploads", content=body, headers=MULTIPART).status_code)
    assert statuses == [204, 413]


def test_a_file_may_have_the_name_of_a_field(poster: httpx.Client, links: LocalUploadLinks, tmp_path: Path) -> None:
    link, body = links.create(KEY, max_bytes=50_000), b"1,2\r\n" * 10_000
    assert poster.post(link.url, data=link.fields, files={"file": ("key", body)}).status_code == 204
    assert (tmp_path / KEY).read_bytes() == body


def test_a_second_post_replaces_the_file(poster: httpx.Client, link: UploadLink, tmp_path: Path) -> None:
    for body in (b"first", b"second"):
        assert post(poster, link, body).status_code == 204
    assert (tmp_path / KEY).read_bytes() == b"second"


FILE_FIRST = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'


def fields_of(link: UploadLink, header: bytes = b"") -> bytes:
    parts = (
        b'--x\r\nContent-Disposition: form-data; name="%s"\r\n%s\r\n%s\r\n' % (name.encode(), header, value.encode())
        for name, value in link.fields.items()
    )
    return b"".join(parts)


@pytest.mark.parametrize("beginning", ["the file", "fields of another server", "fields"])
def test_a_form_is_read_no_further_than_its_signature_permits(
    poster: httpx.Client, link: UploadLink, beginning: str, tmp_path: Path
) -> None:
    other = LocalUploadLinks(LocalStorage(tmp_path)).create(KEY, max_bytes=100_000)
    fields = {"the file": b"", "fields of another server": fields_of(other), "fields": fields_of(link)}[beginning]
    read: list[int] = []

    def parts() -> Iterator[bytes]:
        yield fields + FILE_FIRST
        for number in range(1000):
            read.append(number)
            yield b"a" * 500

    answer = poster.post("/local-uploads", content=parts(), headers=MULTIPART)
    assert answer.status_code == 413
    permitted = LIMIT if beginning == "fields" else 0
    assert len(read) <= (permitted + upload_links.FORM_BYTES) // 500 + 2


@pytest.mark.parametrize("header", [b"", b"Content-Type: text/plain; charset=utf-8\r\n"])
def test_the_fields_of_any_client_are_found(
    poster: httpx.Client, links: LocalUploadLinks, tmp_path: Path, header: bytes
) -> None:
    link = links.create(KEY, max_bytes=50_000)
    body = fields_of(link, header) + FILE_FIRST + b"a" * 50_000 + b"\r\n--x--\r\n"
    assert poster.post("/local-uploads", content=body, headers=MULTIPART).status_code == 204
    assert (tmp_path / KEY).stat().st_size == 50_000


class Watched(LocalStorage):
    """A folder that notes whether a write holds up the event loop."""

    in_loop: bool | None = None

    def write_from(self, key: str, source: BinaryIO) -> None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            self.in_loop = False
        else:
            self.in_loop = True
        super().write_from(key, source)


def test_the_file_is_written_outside_the_event_loop(tmp_path: Path, connect: Callable[[ASGIApp], httpx.Client]) -> None:
    storage = Watched(tmp_path)
    links = LocalUploadLinks(storage)
    answer = post(connect(create_application(fastapi_app([links.router()]))), links.create(KEY, max_bytes=LIMIT))
    assert answer.status_code == 204
    assert storage.in_loop is False


async def posted_beside(
    links: LocalUploadLinks, link: UploadLink, beginning: bytes
) -> tuple[list[int], httpx.Response, httpx.Response]:
    """The statuses of MOST_FORMS posts that stop after `beginning` for a while, one post meanwhile, and one after."""
    application = create_application(fastapi_app([links.router()]))
    stopped: list[bool] = []
    go_on = asyncio.Event()

    async def slow_body() -> AsyncIterator[bytes]:
        yield beginning
        stopped.append(True)
        await go_on.wait()
        yield b"--x--\r\n"

    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        slow = [
            asyncio.create_task(client.post("/local-uploads", content=slow_body(), headers=MULTIPART))
            for _ in range(upload_links.MOST_FORMS)
        ]
        while len(stopped) < len(slow):
            await asyncio.sleep(0.01)
        meanwhile = await client.post(link.url, data=link.fields, files={"file": b"meanwhile"})
        go_on.set()
        ended = [(await one).status_code for one in slow]
        return ended, meanwhile, await client.post(link.url, data=link.fields, files={"file": b"after"})


def test_only_so_many_forms_are_received_at_once_because_each_fills_the_temporary_folder(
    links: LocalUploadLinks, tmp_path: Path
) -> None:
    link = links.create(KEY, max_bytes=50_000)
    beginning = fields_of(link) + FILE_FIRST + b"a" * upload_links.FORM_BYTES + b"\r\n"
    ended, refused, taken = asyncio.run(posted_beside(links, link, beginning))
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert "4 files are being uploaded" in refused.json()["errors"][0]["msg"]
    assert ended == [204] * upload_links.MOST_FORMS
    assert taken.status_code == 204
    assert (tmp_path / KEY).read_bytes() == b"after"


@pytest.mark.parametrize(("beginning", "status"), [(b"", 403), (b"--x\r\n", 400)])
def test_forms_without_a_signature_keep_out_none_that_has_one(
    links: LocalUploadLinks, link: UploadLink, beginning: bytes, status: int
) -> None:
    ended, meanwhile, _ = asyncio.run(posted_beside(links, link, beginning))
    assert meanwhile.status_code == 204
    assert ended == [status] * upload_links.MOST_FORMS
