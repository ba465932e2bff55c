"""Notes about arguments that change nothing."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from model_export.fine_tuning.arguments import TYPES, FineTuningArguments, Optimizer, Scheduler
from model_export.fine_tuning.ineffective_arguments import NEEDED, WITHOUT_EFFECT, ineffective


def notes(**given: Any) -> list[str]:
    return list(ineffective(FineTuningArguments(**given), given))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"adam_epsilon": 1e-6, "optimizer": "Adafactor"}, ["adam_epsilon has no effect: optimizer is Adafactor"]),
        ({"max_grad_norm": 2.0, "optimizer": "Adafactor"}, ["max_grad_norm has no effect: optimizer is Adafactor"]),
        ({"adafactor_beta1": 0.9}, ["adafactor_beta1 has no effect: optimizer is AdamW"]),
        ({"warmup_steps": 3, "scheduler": "constant_schedule"}, ["warmup_steps has no effect: scheduler is constant_"]),
        ({"warmup_steps": 3, "warmup_ratio": 0.1}, ["warmup_ratio has no effect: warmup_steps is 3"]),
        ({"cosine_schedule_num_cycles": 2.0}, ["cosine_schedule_num_cycles has no effect: scheduler is linear_"]),
        ({"polynomial_decay_schedule_power": 2.0, "scheduler": "polynomial_decay_schedule_with_warmup"}, []),
        ({"save_best_model": False, "best_model_dir": "b"}, ["best_model_dir has no effect: save_best_model is false"]),
        ({"early_stopping_delta": 1.0}, ["early_stopping_delta has no effect: evaluate_during_training is false"]),
        ({"no_cache": True}, ["no_cache has no effect: nothing is cached by default"]),
        ({"no_cache": True, "reprocess_input_data": False}, []),
    ],
)
def test_an_argument_that_changes_nothing_is_noted(given: dict[str, Any], expected: list[str]) -> None:
    found = notes(**given)
    assert len(found) == len(expected)
    for note, start in zip(found, expected, strict=True):
        assert note.startswith(start)


def test_each_optimiser_and_scheduler_has_its_arguments() -> None:
    assert NEEDED["optimizer"].keys() == set(get_args(Optimizer))
    assert NEEDED["scheduler"].keys() == set(get_args(Scheduler))
    named = {name for names in WITHOUT_EFFECT.values() for name in names}
    named |= {name for by_value in NEEDED.values() for names in by_value.values() for name in names}
    assert named <= TYPES.keys()
