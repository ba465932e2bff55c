"""Arguments of Simple Transformers that nothing here corresponds to, each with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class UnsupportedArgument:
    """An argument that is refused, or ignored with a note, unless its value asks for nothing.

    `defaults` are the values that Simple Transformers has written into model_args.json by itself; None means any.
    """

    reason: str
    asks_nothing: tuple[Any, ...] = ()
    defaults: tuple[Any, ...] | None = ()
    is_refused: bool = False

    def is_harmless(self, value: object, *, is_written: bool) -> bool:
        """True if nothing is lost without it; `is_written` is for values of a model_args.json."""
        if is_written and (self.defaults is None or value in self.defaults):
            return True
        return value in self.asks_nothing


def _ignored(reason: str, *asks_nothing: Any, defaults: tuple[Any, ...] | None = ()) -> UnsupportedArgument:
    return UnsupportedArgument(reason, asks_nothing, defaults)


def _refused(reason: str, *asks_nothing: Any) -> UnsupportedArgument:
    return UnsupportedArgument(reason, asks_nothing, is_refused=True)


MODEL_CLASS = "model_class"
QUESTION_ANSWERING = "QuestionAnsweringModel"
_OWN_STEPS = "Adafactor takes learning_rate and scheduler here, which steps of its own would leave without effect"
_THREADS = "the tokenizer chooses its threads itself; use_multiprocessing = false keeps it to one"
_CACHE = "tokens are kept in output_dir, if reprocess_input_data is false or use_cached_eval_features is true"
_IN_MEMORY = "all questions are kept in memory, as tokens"
_ONE_LINE = "each evaluation is one line of the progress"
_ONE_RATE = "all weights are trained, with one learning rate"
_OWN_LOSS = "the loss is the model's own, the mean of the cross-entropies of start and end"
_INT8 = "export-hf --quantize makes an int8 graph of the trained model"
_OWN_TOKENIZER = "the tokenizer is that of --base: save the other one there, and leave this out"

UNSUPPORTED: Mapping[str, UnsupportedArgument] = {
    "adafactor_relative_step": _ignored(_OWN_STEPS, False, defaults=(True,)),
    "adafactor_warmup_init": _ignored(_OWN_STEPS, False, defaults=(True,)),
    "cache_dir": _ignored(_CACHE, defaults=("cache_dir/",)),
    "custom_layer_parameters": _refused(_ONE_RATE, []),
    "custom_parameter_groups": _refused(_ONE_RATE, []),
    "dataset_cache_dir": _ignored(_CACHE, None),
    "dynamic_quantize": _refused(_INT8, False),
    "encoding": _ignored("files are read as UTF-8", None, "utf-8", "UTF-8", "utf8", "utf-8-sig"),
    "evaluate_during_training_silent": _ignored(_ONE_LINE, True),
    "evaluate_during_training_verbose": _ignored(_ONE_LINE, False),
    "fp16_opt_level": _ignored("half precision is that of torch, which has no levels", defaults=("O1",)),
    "handle_impossible_answer": _ignored(
        "the questions decide: if one has no answer, the empty text is an answer", defaults=None
    ),
    "lazy_loading": _ignored(_IN_MEMORY, False),
    "local_rank": _ignored("one process trains", -1),
    "loss_args": _refused(_OWN_LOSS, {}, None),
    "loss_type": _refused(_OWN_LOSS, None),
    "model_name": _ignored("the model to begin with is --base", None, defaults=None),
    "model_type": _ignored("the config.json of --base names the type", None, defaults=None),
    "multiprocessing_chunksize": _ignored(_THREADS, defaults=(-1, 500)),
    "no_save": _refused("without a saved model there is nothing to export", False),
    "not_saved_args": _ignored("model_args.json has all arguments", [], None),
    "process_count": _ignored(_THREADS, defaults=None),
    "quantized_model": _refused(_INT8, False),
    "save_optimizer_and_scheduler": _ignored(
        "the state of both is kept for --resume until the run has ended, and never after it", True
    ),
    "skip_special_tokens": _ignored("answers are cut out of the context", defaults=None),
    "special_tokens_list": _refused(
        "add them to the tokenizer and the model of --base, by add_tokens and resize_token_embeddings, and save both",
        [],
        None,
    ),
    "tensorboard_dir": _ignored("the curve is training_curve.csv and .svg; wandb_project sends it elsewhere", None),
    "thread_count": _ignored(_THREADS, None),
    "tokenizer_name": _refused(_OWN_TOKENIZER, None),
    "tokenizer_type": _refused(_OWN_TOKENIZER, None),
    "train_custom_parameters_only": _refused(_ONE_RATE, False),
    "trust_remote_code": _refused("code that comes with a checkpoint is never run", False),
    "use_hf_datasets": _ignored(_IN_MEMORY, False),
    "use_multiprocessing_for_evaluation": _ignored(_THREADS, defaults=(True, False)),
    MODEL_CLASS: _refused("this command trains a QuestionAnsweringModel", QUESTION_ANSWERING),
}
