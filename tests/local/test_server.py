"""The trainer of the server: started again after its death, ended with the server."""

from __future__ import annotations

import asyncio
import http.client
import logging
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI, Request, Response

from functions.core.jobs import Job, Jobs
from functions.local import server, supervised_child
from functions.local.home import Home
from functions.local.server import listen, trainer_running

KNOWN = ("car-price", "churn")
PARENT = """
import sys, time
from pathlib import Path
from functions.local.home import Home
from functions.local.server import trainer_running
with trainer_running(Home(Path(sys.argv[1])), Path(sys.argv[2]), ["car-price", "churn"]):
    time.sleep(600)
"""
SLOW_SERVER = """
import asyncio
from fastapi import FastAPI
from functions.local import server, supervised_child
application = FastAPI()
stopping = asyncio.Event()
@application.get("/slow")
async def slow():
    print("asked", flush=True)
    await stopping.wait()
    await asyncio.sleep(0.5)
    from fastapi import Response
    return Response("done")
def stop():
    print("stopping", flush=True)
    stopping.set()
listening = server.listen("127.0.0.1", 0)
print(listening.getsockname()[1], flush=True)
with server.left_on_sigterm():
    server.run(application, listening, grace_seconds=20, on_stop=stop)
"""
STARTING = """
import subprocess, sys
from functions.local import server, supervised_child
with server.left_on_sigterm():
    subprocess.run([sys.executable, "-c", "import time; print('training', flush=True); time.sleep(600)"])
"""
Started = list["subprocess.Popen[bytes]"]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """The trainer processes that were started, in order."""
    found: Started = []

    class Recorded(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *args: object, **options: object) -> None:
            super().__init__(*args, **options)  # type: ignore[call-overload]
            found.append(self)

    monkeypatch.setattr(subprocess, "Popen", Recorded)
    monkeypatch.setattr(supervised_child, "RESTART_SECONDS", 0.01)
    return found


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def drop(home: Home, name: str) -> None:
    home.create(["churn"])
    (home.root / "uploads/churn" / name).write_text("no,header\n")


def jobs_of(home: Home) -> list[Job]:
    return [job for job in Jobs(home.registry.storage).newest_first("churn").entries if job.is_finished]


def test_a_trainer_that_is_killed_is_started_again(
    tmp_path: Path, workspace: Path, started: Started, caplog: pytest.LogCaptureFixture
) -> None:
    home = Home(tmp_path)
    with caplog.at_level(logging.ERROR), trainer_running(home, workspace / "models", KNOWN):
        wait_for(lambda: len(started) == 1)
        started[0].kill()
        wait_for(lambda: len(started) == 2)
        drop(home, "rows.csv")
        wait_for(lambda: jobs_of(home))
    assert [job.state for job in jobs_of(home)] == ["refused"]
    assert "started again" in caplog.text
    assert all(process.returncode is not None for process in started)


def test_the_trainer_ends_with_the_block(tmp_path: Path, workspace: Path, started: Started) -> None:
    with trainer_running(Home(tmp_path), workspace / "models", KNOWN):
        wait_for(lambda: started)
        assert started[0].poll() is None
    assert len(started) == 1
    assert started[0].returncode is not None


def test_a_block_that_ends_at_once_does_not_wait_for_a_trainer(
    tmp_path: Path, workspace: Path, started: Started
) -> None:
    for _ in range(10):
        with trainer_running(Home(tmp_path), workspace / "models", KNOWN):
            pass
    assert all(process.returncode is not None for process in started)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX; on Windows every kill is one")
def test_the_trainer_ends_when_its_server_is_killed(tmp_path: Path, root: Path, workspace: Path) -> None:
    home = Home(tmp_path)
    drop(home, "rows.csv")
    command = [sys.executable, "-c", PARENT, str(tmp_path), str(workspace / "models")]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as parent:
        try:
            wait_for(lambda: jobs_of(home))  # the trainer is at work
        finally:
            parent.kill()
        # the trainer holds the same pipe: the end of file is its end
        parent.communicate(timeout=60)
    assert parent.returncode == -signal.SIGKILL


def test_a_trainer_that_was_asked_to_finish_finishes_its_job_within_the_grace(
    tmp_path: Path, workspace: Path, started: Started
) -> None:
    home = Home(tmp_path)
    sample = (workspace / "models" / "churn" / "sample.csv").read_bytes()
    with trainer_running(home, workspace / "models", KNOWN) as trainer:
        drop(home, "first.csv")
        wait_for(lambda: jobs_of(home))  # the trainer is at work
        (home.root / "uploads" / "churn" / "second.csv").write_bytes(sample)
        jobs = Jobs(home.registry.storage)
        wait_for(lambda: any(job.state == "running" for job in jobs.newest_first("churn").entries))
        assert not trainer.is_stopping
        trainer.finish(60)
        assert trainer.is_stopping
        drop(home, "third.csv")
    assert sorted(job.state for job in jobs.newest_first("churn").entries) == ["refused", "succeeded"]
    assert [process.returncode for process in started] == [0]


def test_a_trainer_that_does_not_finish_within_the_grace_is_killed_and_the_log_says_so(
    tmp_path: Path, workspace: Path, started: Started, caplog: pytest.LogCaptureFixture
) -> None:
    with trainer_running(Home(tmp_path), workspace / "models", KNOWN) as trainer:
        wait_for(lambda: started)
        started[0].send_signal(signal.SIGSTOP)
        trainer.finish(0.1)
        trainer.finish(3600)  # a second signal gives no more time
    assert [process.returncode for process in started] == [-signal.SIGKILL]
    assert "not finished in time: the next start begins it again" in caplog.text


def test_a_trainer_that_has_ended_can_be_asked_to_finish(tmp_path: Path, workspace: Path, started: Started) -> None:
    with trainer_running(Home(tmp_path), workspace / "models", KNOWN) as trainer:
        wait_for(lambda: started)
        started[0].kill()
        started[0].wait()
        trainer.finish(60)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM is POSIX; on Windows it kills")
def test_sigterm_drains_requests_in_flight_and_is_a_success(tmp_path: Path, root: Path) -> None:
    command = [sys.executable, "-c", SLOW_SERVER]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert process.stdout.readline() == "asked\n"
            process.terminate()
            assert process.stdout.readline() == "stopping\n"
            wait_for(lambda: not accepts(port))
            answer = http.client.HTTPResponse(connection, method="GET")
            answer.begin()
            assert (answer.status, answer.read()) == (200, b"done")
        assert process.wait(30) == 0


def test_sigterm_before_the_first_answer_is_a_success_and_leaves_no_process(tmp_path: Path, root: Path) -> None:
    """As process 1 of a container, Python would not even die of it."""
    with subprocess.Popen([sys.executable, "-c", STARTING], cwd=root, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "training\n"
        process.terminate()
        process.stdout.read()  # the training holds the same pipe: the end of file is its end
    assert process.returncode == 0


def test_the_handler_of_sigterm_is_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with server.left_on_sigterm():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.skipif(sys.platform != "linux", reason="SKIPPED: only Linux has every address 127.x.y.z")
@pytest.mark.parametrize(
    ("client", "trusts_proxies", "scheme"),
    [("127.0.0.1", False, "https"), ("127.0.0.2", False, "http"), ("127.0.0.2", True, "https")],
)
def test_the_scheme_is_the_one_that_a_trusted_proxy_names(client: str, trusts_proxies: bool, scheme: str) -> None:
    application = FastAPI()

    @application.get("/scheme")
    async def asked(request: Request) -> Response:
        return Response(request.url.scheme)

    listening = listen("127.0.0.1", 0)
    options = {"trusts_proxies": trusts_proxies}
    threading.Thread(target=server.run, args=(application, listening), kwargs=options, daemon=True).start()
    with socket.create_connection(listening.getsockname(), 30, source_address=(client, 0)) as connection:
        connection.sendall(b"GET /scheme HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Proto: https\r\n\r\n")
        answer = http.client.HTTPResponse(connection, method="GET")
        answer.begin()
        assert answer.read().decode() == scheme


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def test_a_free_port_is_picked_and_a_used_one_is_refused() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        assert port > 0
        with pytest.raises(OSError, match="in use"):
            listen("127.0.0.1", port)


def test_small_answers_are_sent_without_delay() -> None:
    delays: list[int] = []

    def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        delays.append(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    async def connect() -> None:
        with listen("127.0.0.1", 0) as found:
            async with await asyncio.start_server(connected, sock=found):
                reader, writer = await asyncio.open_connection(*found.getsockname())
                await reader.read()
                writer.close()
                await writer.wait_closed()

    asyncio.run(connect())
    assert delays
    assert all(delays)


UPGRADE = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQBAAAAAAIAAAAA\r\n"
BODY = b'{"tenure": 1}'
LENGTH = b"Content-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)


@pytest.mark.parametrize("sent", [LENGTH, CHUNKED], ids=["length", "chunked"])
def test_a_client_that_offers_http2_gets_its_answers_on_one_connection(sent: bytes) -> None:
    """The clients of Java and Spring do, and curl --http2: the server may ignore the offer, not the body."""
    application = FastAPI()

    @application.post("/echo")
    async def echo(request: Request) -> Response:
        return Response(await request.body())

    listening = listen("127.0.0.1", 0)
    threading.Thread(target=server.run, args=(application, listening), daemon=True).start()
    with socket.create_connection(listening.getsockname(), timeout=30) as connection:
        for _ in range(2):
            connection.sendall(b"POST /echo HTTP/1.1\r\nHost: localhost\r\n" + UPGRADE + sent)
            answer = http.client.HTTPResponse(connection, method="POST")
            answer.begin()
            assert (answer.status, answer.read()) == (200, BODY)
