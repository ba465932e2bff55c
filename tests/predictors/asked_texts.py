"""Questions and contexts of every kind of text, made from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

SENTENCES = (
    "La beca de transporte paga el abono mensual del autobús y del metro a quien estudia lejos de su casa.",
    "Se puede pedir hasta el 15 de octubre, en la secretaría del centro o por correo electrónico.",
    "La ayuda se cobra en enero; el importe es de 1.250,50 € al año.",
    "Quien haya recibido otra beca del ministerio (¡aunque sea parcial!) no la puede pedir.",
    "The grant pays tuition, books and a laptop for two years.",
    "Teléfono: 91 555-12-34 — horario «de 9:00 a 14:00», excepto festivos…",
    "👩🏽\u200d🎓 Enhorabuena 🎉🎉, la beca es tuya 😀!",
    "El cafe\u0301 y la man\u0303ana, escritos con tildes sueltas.",
    "BECA beca Beca bEcA.",
    "Línea uno\r\nlínea dos\r\n\r\nlínea\tcuatro",
    "שלום עולם, המלגה משולמת בינואר. والمنحة تدفع في يناير.",
    "奨学金は一月に支払われます。",
    "a  b   c    d, e.f;g",
    "supercalifragilisticoexpialidoso" * 2,
    "Straße STRASSE ǅ ﬁn İstanbul",
    "\u00a0Espacio duro\u00a0y\u2003ancho ",
)
QUESTIONS = (
    "¿Cuándo se cobra?",
    "¿Qué paga la beca?",
    "What does it pay?",
    "¿Quién 🎓 paga?",
    "¿ hasta cua\u0301ndo\tse pide",
    "x",
)


@dataclass(frozen=True, slots=True)
class Asked:
    question: str
    context: str
    parameters: dict[str, Any]


def asked(number: int, seed: int = 0) -> list[Asked]:
    """Questions and contexts, the same in every run; their windows hold at least 64 tokens."""
    chance = Random(seed)
    return [Asked(chance.choice(QUESTIONS), _context(chance), _parameters(chance)) for _ in range(number)]


def _context(chance: Random) -> str:
    sentences = chance.choices(SENTENCES, k=chance.choice([1, 1, 2, 3, 5, 8, 20]))
    return chance.choice([" ", "\n", "  ", "\r\n", ""]).join(sentences)


def _parameters(chance: Random) -> dict[str, Any]:
    choices: dict[str, list[Any]] = {
        "top_k": [1, 2, 3, 10, 100],
        "doc_stride": [0, 1, 8, 30],
        "max_answer_len": [1, 2, 7, 15, 60, 1000],
        "max_seq_len": [64, 65, 100, 128],
        "max_question_len": [40, 64],
        "handle_impossible_answer": [True, False],
        "align_to_words": [True, False],
    }
    return {name: chance.choice(values) for name, values in choices.items() if chance.random() < 0.5}
