"""Despliegue behind one HTTP parser of uvicorn: python -m benchmarks.parser_process h11 MODEL FOLDER"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal, cast

import uvicorn

from benchmarks.preparation import MODELS, home_of
from functions.core.model_folder import load_definition
from functions.local.application import local_application
from functions.local.server import listen
from functions.local.slow_bodies import SlowBodies

Parser = Literal["h11", "httptools"]


def main(parser: Parser, model: str, folder: Path) -> None:
    socket = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{socket.getsockname()[1]}"
    application = local_application(home_of(folder), {model: load_definition(MODELS / model)}, base_url=url)
    # as functions/local/server.py, but for the parser
    config = uvicorn.Config(
        SlowBodies(application),
        http=parser,
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
    )
    print(f"serving on {url}", flush=True)
    uvicorn.Server(config).run(sockets=[socket])


if __name__ == "__main__":
    main(cast(Parser, sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
