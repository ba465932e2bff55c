"""despliegue serve: the whole application on this machine."""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Mapping
from typing import Any

from functions.core.base_path import BASE_PATH_RULE, is_base_path
from functions.core.definition import Definition, get_definition
from functions.core.errors import DespliegueError, DiskError
from functions.core.model_folder import SAMPLE
from functions.core.other_origins import ORIGIN
from functions.core.version_folder import BAKED, has_baked
from functions.local.home import Home
from functions.local.log_lines import log_to_stderr
from model_export.commands.first_version import train_on_sample
from model_export.commands.options import add_models, definitions_of

LAST_PORT = 65535
# The laptop has no authorizer, so other machines must not reach it.
LOOPBACK = ("127.0.0.1", "::1", "localhost")
UNSERVED = "it has no version in production yet, and predict answers 503 until it has one"


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "serve",
        help="serve all models on this machine, training a first version where there is none",
        description="Serve all models on this machine, with their documentation at /docs. A model without a version in "
        "production gets one first: the one in its folder, or one trained on its sample.csv.",
    )
    add_models(parser)
    parser.add_argument("--model", metavar="NAME", help="also serve this model at the root: /predict, /retrain, ...")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        choices=LOOPBACK,
        help="address of this machine; no other is taken, because no tokens are checked (default: 127.0.0.1)",
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=os.environ.get("PORT", "8000"),
        help="port, 0 for any free one (default: $PORT, else 8000)",
    )
    parser.add_argument(
        "--base-path",
        type=_base_path,
        default="",
        metavar="PATH",
        help="path below which a proxy shows this server, such as /ml, whether or not the proxy takes it off "
        "(default: none)",
    )
    parser.add_argument(
        "--allow-origin",
        type=_origin,
        action="append",
        default=[],
        metavar="URL",
        help="site whose pages may read and predict here, such as http://localhost:3000; may be repeated "
        "(default: none)",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted."""
    from functions.local import server
    from functions.local.application import local_application

    log_to_stderr(logging.INFO, "%(asctime)s server %(levelname)s %(message)s")
    definitions = definitions_of(options)
    if options.model is not None:
        get_definition(definitions, options.model)
    home = Home.from_environment()
    _create(home, definitions)
    # The port is taken before anything is trained, so that a port in use is reported at once.
    socket = _listen(options.host, options.port)
    host = f"[{options.host}]" if ":" in options.host else options.host
    base_url = f"http://{host}:{socket.getsockname()[1]}"
    _fill_absent(home, definitions)
    application = local_application(
        home,
        definitions,
        base_url=base_url,
        root_model=options.model,
        base_path=options.base_path,
        allowed_origins=options.allow_origin,
    )
    with server.trainer_running(home, options.models.resolve()):
        root = f"{base_url}{options.base_path}"
        print(f"serving {', '.join(definitions)} on {root}  (documentation: {root}/docs)", flush=True)
        server.run(application, socket)
    return 0


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: use 0 (any free one) to {LAST_PORT}")
    return int(text)


def _base_path(text: str) -> str:
    if not is_base_path(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no base path: give {BASE_PATH_RULE}")
    return text


def _origin(text: str) -> str:
    if not ORIGIN.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no origin: give scheme, host and port as a browser does, such as http://localhost:3000, "
            "without a path or a slash at the end"
        )
    return text


def _listen(host: str, port: int) -> Any:
    from functions.local import server

    try:
        return server.listen(host, port)
    except OSError as error:
        raise DespliegueError(
            f"port {port} of {host}: {error.strerror}; choose another one with PORT or --port"
        ) from None


def _create(home: Home, definitions: Mapping[str, Definition]) -> None:
    try:
        home.create(list(definitions))
    except DiskError as error:
        raise DespliegueError(f"{error}; or choose another home with DESPLIEGUE_HOME") from None


def _fill_absent(home: Home, definitions: Mapping[str, Definition]) -> None:
    """Give each model without a version its first one: from its folder, else trained on its sample."""
    from functions.local import server

    absent = [model for model in definitions.values() if home.registry.promotable(model.name).etag is None]
    for definition in absent:
        if has_baked(definition.folder):
            print(f"{definition.name}: {_import(home, definition)}", flush=True)
        elif (definition.folder / SAMPLE).is_file():
            print(f"{definition.name}: nothing in production yet, training on its sample", flush=True)
            if not train_on_sample(definition, server.training_environment()):
                print(f"{definition.name}: {UNSERVED}")


def _import(home: Home, definition: Definition) -> str:
    """Import the version in a model's folder; returns the outcome in words, and never fails the others."""
    from functions.serving.promotion import UnservableError, import_and_promote

    try:
        manifest = import_and_promote(home.registry, definition.name, definition.folder / BAKED)
    except UnservableError as error:
        return f"{error}; {UNSERVED}"
    return f"version {manifest.version} is the one that comes with its folder"
