"""Answers of each task to the `inputs` and `parameters` of the Hugging Face Inference API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from functions.core.errors import Fault, InvalidInputError
from functions.core.question_answering import CONTEXT, QUESTION
from functions.core.tasks import Task
from functions.inference.protocols.hugging_face.body import Body
from functions.inference.protocols.hugging_face.parameters import LabelParameters
from functions.predictors.parameters import PARAMETERS, read_parameters
from functions.predictors.question_answering.parameters import AnsweringParameters
from functions.serving.version import LoadedVersion

if TYPE_CHECKING:
    from functions.predictors.question_answering.predictor import QuestionAnsweringPredictor

NO_SCORES = (
    "this model has labels without scores, because its classifier has no probabilities: "
    "POST /models/{}/predict gives the label with its decision"
)
NO_TARGETS = (
    "this model has several targets, and an answer of this form names the labels of one: "
    "POST /models/{}/predict gives one object for each instance, with every target"
)
FORM = frozenset({"dict_type", "string_type", "missing", "extra"})
"""Types of faults in inputs that are perhaps those of another task."""
AnswerTask = Callable[[LoadedVersion, Body], Any]


def question_answering(version: LoadedVersion, body: Body) -> Any:
    """The answer to one pair, or its answers with `top_k`; for a list of pairs a list of these."""
    parameters = AnsweringParameters.from_mapping(body.parameters)
    pairs, is_list = _listed(_paired(version, body.inputs))
    with _faults_in_inputs(is_list=is_list):
        table = version.validate(pairs).table
        questions, contexts = cast(list[str], table[QUESTION]), cast(list[str], table[CONTEXT])
        answered = _answering(version).answer(questions, contexts, parameters)
    bare = [answers[0] if len(answers) == 1 else answers for answers in answered]
    return bare if is_list else bare[0]


def text_classification(version: LoadedVersion, body: Body) -> Any:
    """For a text or each text of a list, in order, its labels with their scores, the likeliest first.

    Raises InvalidInputError for a version without scores, or of several targets, which the form of the answer lacks.
    """
    manifest = version.manifest
    if manifest.schema.has_several_targets or manifest.scoring != "probabilities":
        reason = NO_TARGETS if manifest.schema.has_several_targets else NO_SCORES
        raise InvalidInputError([Fault((), reason.format(manifest.model), "not_supported")])
    top_k = read_parameters(body.parameters, LabelParameters).top_k
    texts, is_list = _listed(body.inputs)
    version.budget.check_rows(len(texts))
    name = version.manifest.schema.feature_names[0]  # the only one, as TextPredictor checks
    with _faults_in_inputs(is_list=is_list, depth=1):
        predictions = version.predict(version.validate([{name: text} for text in texts])).predictions
    return [_by_score(cast(dict[str, Any], found)["scores"])[:top_k] for found in predictions]


ANSWER_BY_TASK: Mapping[Task, AnswerTask] = {
    "question-answering": question_answering,
    "text-classification": text_classification,
}


def _answering(version: LoadedVersion) -> QuestionAnsweringPredictor:
    # not at the top: it loads the tokenizers, which no other task needs
    from functions.predictors.question_answering.predictor import QuestionAnsweringPredictor

    assert isinstance(version.predictor, QuestionAnsweringPredictor)  # noqa: S101  # as the version's task says
    return version.predictor


def asked_rows(inputs: Any) -> int:
    """The number of predictions that the inputs of any task ask for."""
    several = inputs if isinstance(inputs, list) else _several_questions(inputs)
    return 1 if several is None else len(several)


def _several_questions(inputs: Any) -> list[Any] | None:
    """The questions of the pipeline's form of several; None for any other form."""
    questions = inputs.get(QUESTION) if isinstance(inputs, dict) else None
    return questions if isinstance(questions, list) else None


def _paired(version: LoadedVersion, inputs: Any) -> Any:
    """A list of pairs for the pipeline's form of several: lists of questions and contexts, or one context for all.

    Raises InvalidInputError for lists of different lengths and for other names, TooLargeError for too many questions.
    """
    questions = _several_questions(inputs)
    if questions is None:
        return inputs
    version.budget.check_rows(len(questions))
    contexts = inputs.get(CONTEXT)
    if isinstance(contexts, list) and len(questions) != len(contexts):
        message = f"{len(contexts)} contexts for {len(questions)} questions: send one for each, or one for all"
        raise InvalidInputError([Fault(("inputs", CONTEXT), message, "length")])
    of_each = [{QUESTION: one} for one in questions]
    if isinstance(contexts, list):
        of_each = [{QUESTION: question, CONTEXT: one} for question, one in zip(questions, contexts, strict=True)]
    if questions and inputs.keys() - {QUESTION, CONTEXT}:
        # other names are refused with the first pair: a copy of them for each would fill the memory
        with _faults_in_inputs(is_list=False):
            version.validate([{**inputs, **of_each[0]}])
    return [{**inputs, **one} for one in of_each]


def refusal_of_task(error: InvalidInputError, task: Task) -> InvalidInputError:
    """The refusal of inputs or parameters in the form of another task, with the task that the model has."""
    if not any((fault.loc[:1] == ("inputs",) and fault.type in FORM) or _is_unknown(fault) for fault in error.faults):
        return error
    return InvalidInputError([*error.faults, Fault((), f"this model does {task}", "task")])


def _is_unknown(fault: Fault) -> bool:
    return fault.loc[:1] == (PARAMETERS,) and fault.type == "extra"


def _listed(inputs: Any) -> tuple[list[Any], bool]:
    return (inputs, True) if isinstance(inputs, list) else ([inputs], False)


@contextmanager
def _faults_in_inputs(*, is_list: bool, depth: int = 2) -> Iterator[None]:
    """Place faults at (row, name) where the client wrote the value, `depth` names deep; faults of parameters stay."""
    first = 0 if is_list else 1

    def place(fault: Fault) -> Fault:
        if fault.loc[:1] == (PARAMETERS,):
            return fault
        return Fault(("inputs", *fault.loc[first:depth]), fault.msg, fault.type)

    try:
        yield
    except InvalidInputError as error:
        raise error.relocated(place) from None


def _by_score(scores: Mapping[str, float]) -> list[dict[str, Any]]:
    ordered = sorted(scores.items(), key=lambda pair: pair[1], reverse=True)
    return [{"label": label, "score": score} for label, score in ordered]
