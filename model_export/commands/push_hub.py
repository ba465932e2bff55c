"""despliegue push-hub: push a question-answering checkpoint to a repository of the Hugging Face hub."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from functions.core.errors import DefinitionError
from model_export.commands.options import require_libraries
from model_export.commands.results import add_json, give

PUSH_LIBRARIES = ("torch", "transformers")
MESSAGE = "Model, tokenizer and card"


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "push-hub",
        help="push a question-answering checkpoint to the Hugging Face hub",
        examples=["despliegue push-hub my-model OWNER/NAME", "despliegue push-hub my-model OWNER/NAME --public"],
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of a checkpoint, as finetune-qa writes it")
    parser.add_argument("hub_id", metavar="OWNER/NAME", help="the repository, which is created if it does not exist")
    parser.add_argument(
        "--public", action="store_true", help="push to a repository that everybody may read (default: a private one)"
    )
    parser.add_argument(
        "--message", metavar="TEXT", default=MESSAGE, help=f"message of the commit (default: {MESSAGE})"
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Push, and print the files and their address; raises CheckpointError."""
    if not options.message.strip():
        raise DefinitionError("--message is empty: describe the commit, or leave the option out")
    require_libraries("push-hub", PUSH_LIBRARIES)
    from model_export.question_answering.pushing import Push, push

    pushed = push(Push(options.folder, options.hub_id, options.message, is_public=options.public))
    for note in pushed.notes:
        print(f"note: {note}")
    print(f"{options.hub_id}: {', '.join(pushed.files)}")
    print(pushed.address)
    give(options, {"hub_id": options.hub_id, "files": pushed.files, "address": pushed.address, "notes": pushed.notes})
    return 0
