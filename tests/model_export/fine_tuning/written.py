"""Files of questions, made for a test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from model_export.question_answering.squad import QuestionRecord, read_records

CONTEXT = "La beca paga el abono. El abono vale 200 euros."
PAYS = "¿Qué paga?"


def qa(id: str, *answers: tuple[str, Any], question: str = PAYS, is_impossible: Any = False) -> dict[str, Any]:
    listed = [{"text": text, "answer_start": start} for text, start in answers]
    return {"id": id, "question": question, "is_impossible": is_impossible, "answers": listed}


def body(*qas: Any, context: Any = CONTEXT) -> bytes:
    return json.dumps([{"context": context, "qas": list(qas)}]).encode()


def records(*qas: Any, context: str = CONTEXT) -> tuple[QuestionRecord, ...]:
    return read_records(body(*qas, context=context), "train.json").records


def write(path: Path, *qas: Any, context: str = CONTEXT) -> Path:
    path.write_bytes(body(*qas, context=context))
    return path
