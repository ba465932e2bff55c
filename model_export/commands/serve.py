"""despliegue serve: the whole application on this machine."""

from __future__ import annotations

import argparse
import logging
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from functions.core.base_path import BASE_PATH_RULE, is_base_path
from functions.core.definition import Definition, get_definition
from functions.core.errors import (
    DespliegueError,
    DiskError,
)
from functions.core.model_folder import EXAMPLES
from functions.core.other_origins import ORIGIN
from functions.local.home import Home
from functions.local.log_lines import log_to_stderr
from model_export.commands.first_version import fill_absent
from model_export.commands.options import add_models, definitions_of
from model_export.commands.other_models import warn_of_other_models

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from functions.core.tokens import RecentTokens

logger = logging.getLogger(__name__)
LAST_PORT = 65535
GRACE_SECONDS = 25
"""Less than the 30 seconds after which Kubernetes and ECS kill a container."""
HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "serve",
        help="serve all models on this machine, training a first version where there is none",
        description="Serve all models on this machine, with a page to try them at /playground and their documentation "
        "at /docs. A model without a version in production gets one first: the one in its folder, or one trained on "
        "its sample.csv.",
        examples=[
            "despliegue serve",
            "despliegue serve --port 9000 --model churn",
            "despliegue serve --host 0.0.0.0 --tokens tokens.json --allow-host models.example.org",
        ],
    )
    add_models(parser)
    parser.add_argument("--model", metavar="NAME", help="also serve this model at the root: /predict, /retrain, ...")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address of this machine, 0.0.0.0 for all; one that other machines reach needs --tokens or --no-tokens "
        "(default: 127.0.0.1)",
    )
    who = parser.add_mutually_exclusive_group()
    who.add_argument(
        "--tokens",
        type=Path,
        metavar="FILE",
        help="whoever predicts, trains or promotes needs a token of this file, which `despliegue token create --file` "
        "makes",
    )
    who.add_argument(
        "--no-tokens", action="store_true", help="whoever reaches the server may do everything (default on loopback)"
    )
    parser.add_argument(
        "--allow-host",
        type=_host_name,
        action="append",
        default=[],
        metavar="NAME",
        help="name by which clients call this server, such as models.example.org; may be repeated. Addresses in digits "
        "are taken without it where other machines reach the server (default: localhost and the name in --host)",
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
        help="site whose pages may read and predict here, such as http://localhost:3000, and with a token all that it "
        "permits; may be repeated (default: none)",
    )
    parser.add_argument(
        "--grace-seconds",
        type=_seconds,
        default=GRACE_SECONDS,
        metavar="N",
        help="time for requests in flight and the running training to end after SIGTERM (default: %(default)s)",
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="show the whole progress of a first training")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted."""
    from functions.local import server

    # from the beginning, because a first training may take minutes
    with server.left_on_sigterm():
        try:
            return _serve(options)
        except KeyboardInterrupt:  # the way to end it, and no failure
            home = Home.from_environment().root
            print(f"\nstopped; models, jobs and files stay in {home}, and an unfinished training begins again with it")
            return 0


def _serve(options: argparse.Namespace) -> int:
    from functions.local import server
    from functions.local.application import LastingParts, local_application
    from functions.local.model_folders import FollowingFolders, ModelFolders
    from functions.local.own_hosts import is_loopback

    log_to_stderr(logging.INFO, "%(asctime)s server %(levelname)s %(message)s")
    is_alone = is_loopback(options.host)
    tokens = _tokens(options, is_alone=is_alone)
    definitions = definitions_of(options)
    if options.model is not None:
        get_definition(definitions, options.model)
    home = Home.from_environment()
    _create(home, definitions)
    # The port is taken before anything is trained, so that a port in use is reported at once.
    socket = _listen(options.host, options.port)
    host = f"[{options.host}]" if ":" in options.host else options.host
    base_url = f"http://{host}:{socket.getsockname()[1]}"
    fill_absent(home, definitions, is_quiet=not options.verbose)
    warn_of_other_models(home, definitions)
    models = options.models.resolve()
    with (
        server.trainer_running(home, models, definitions) as trainer,
        server.batches_running(home, models) as batches,
    ):

        def finish() -> None:
            trainer.finish(options.grace_seconds)
            batches.finish(options.grace_seconds)

        lasting = LastingParts.of(home)

        def build(found: Mapping[str, Definition]) -> ASGIApp:
            home.create(list(found))
            return local_application(
                home,
                found,
                base_url=base_url,
                root_model=options.model,
                base_path=options.base_path,
                allowed_origins=options.allow_origin,
                allowed_hosts=options.allow_host,
                tokens=tokens,
                is_stopping=lambda: trainer.is_stopping,
                lasting=lasting,
            )

        application = FollowingFolders(ModelFolders(models, definitions), build)
        root = f"{base_url}{options.base_path}"
        print(f"try the models in a browser: {root}/playground", flush=True)
        print(f"serving {', '.join(definitions)} on {root}  (documentation: {root}/docs)", flush=True)
        if definitions:
            shown = next((one for one in definitions.values() if one.traits.reads != "question-and-context"), None)
            print(_first_steps(root, shown or next(iter(definitions.values()))), flush=True)
        server.run(
            application,
            socket,
            grace_seconds=options.grace_seconds,
            trusts_proxies=not is_alone,
            on_stop=finish,
        )
    return 0


def _tokens(options: argparse.Namespace, *, is_alone: bool) -> RecentTokens | None:
    """The tokens to check; None for none. Raises DespliegueError where that is not said, and for an unreadable file."""
    from functions.core.tokens import RecentTokens
    from functions.local.token_file import TokenFile

    if options.tokens is None:
        if not is_alone and not options.no_tokens:
            raise DespliegueError(
                f"other machines reach --host {options.host}: give --tokens FILE, which `despliegue token create NAME "
                "--scope SCOPE --file FILE` makes, or --no-tokens if whoever reaches the server may do everything"
            )
        if not is_alone:
            logger.warning("no tokens are checked: whoever reaches %s may predict, train and promote", options.host)
        return None
    file = TokenFile(options.tokens)
    if not file.read().tokens:
        logger.warning("%s has no token yet: nobody may predict, train or promote", file.path)
    return RecentTokens(file.read, on_failure=_report_unreadable)


def _report_unreadable(error: DespliegueError) -> None:
    from functions.core.tokens import LAST_GOOD_SECONDS

    logger.error("the tokens cannot be read, and the last good ones live for %d s: %s", LAST_GOOD_SECONDS, error)


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


def _seconds(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return int(text)


def _host_name(text: str) -> str:
    if not HOST_NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no host: give a name such as models.example.org, without scheme, port and path"
        )
    return text


def _listen(host: str, port: int) -> Any:
    from functions.local import server

    try:
        return server.listen(host, port)
    except OSError as error:
        raise DespliegueError(
            f"port {port} of {host}: {error.strerror}; choose another one with PORT or --port, or another --host"
        ) from None


def _create(home: Home, definitions: Mapping[str, Definition]) -> None:
    try:
        home.create(list(definitions))
    except DiskError as error:
        raise DespliegueError(f"{error}; or choose another home with DESPLIEGUE_HOME") from None


def _first_steps(root: str, definition: Definition) -> str:
    """What to do with the server: a first call, and how to end it."""
    examples = (definition.folder / EXAMPLES).resolve()
    with suppress(ValueError):  # another drive of Windows
        examples = Path(os.path.relpath(examples))
    call = f'curl {root}/models/{definition.name}/predict -H "Content-Type: application/json" -d "@{examples}"'
    return f"try it: {call}\nend it: Ctrl-C; models, jobs and files stay"
