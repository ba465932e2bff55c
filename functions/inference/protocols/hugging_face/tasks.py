"""What each task takes as `inputs` and `parameters`, and gives, in the Hugging Face Inference API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from functions.core.errors import Fault, InvalidInputError
from functions.core.question_answering import CONTEXT, QUESTION
from functions.core.tasks import Task
from functions.inference.protocols.hugging_face.body import Body
from functions.inference.protocols.hugging_face.parameters import LabelParameters
from functions.predictors.parameters import PARAMETERS, read_parameters
from functions.predictors.question_answering.parameters import AnsweringParameters
from functions.predictors.question_answering.predictor import QuestionAnsweringPredictor
from functions.serving.version import LoadedVersion

Run = Callable[[LoadedVersion, Body], Any]


def question_answering(version: LoadedVersion, body: Body) -> Any:
    """One pair in, its answer out, or with `top_k` its answers; a list of pairs in, a list of these out."""
    parameters = AnsweringParameters.from_mapping(body.parameters)
    pairs, is_list = _listed(body.inputs)
    with _faults_in_inputs(is_list=is_list):
        table = version.validate(pairs).table
        questions, contexts = cast(list[str], table[QUESTION]), cast(list[str], table[CONTEXT])
        answered = _answering(version).answer(questions, contexts, parameters)
    found = [answers[0] if len(answers) == 1 else answers for answers in answered]
    return found if is_list else found[0]


def text_classification(version: LoadedVersion, body: Body) -> Any:
    """A text or a list of texts in; for each, in order, its labels with their scores out, the likeliest first."""
    top_k = read_parameters(body.parameters, LabelParameters).top_k
    texts, is_list = _listed(body.inputs)
    version.budget.check_rows(len(texts))
    name = version.manifest.schema.feature_names[0]
    with _faults_in_inputs(is_list=is_list, depth=1):
        predictions = version.predict(version.validate([{name: text} for text in texts])).predictions
    return [_by_score(cast(dict[str, Any], one)["scores"])[:top_k] for one in predictions]


RUN: Mapping[Task, Run] = {"question-answering": question_answering, "text-classification": text_classification}


def _answering(version: LoadedVersion) -> QuestionAnsweringPredictor:
    assert isinstance(version.predictor, QuestionAnsweringPredictor)  # noqa: S101  # as the version's task says
    return version.predictor


def _listed(inputs: Any) -> tuple[list[Any], bool]:
    return (inputs, True) if isinstance(inputs, list) else ([inputs], False)


@contextmanager
def _faults_in_inputs(*, is_list: bool, depth: int = 2) -> Iterator[None]:
    """Puts faults under (row, name) where the client wrote them, `depth` names deep; those of parameters stay."""
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
    ordered = sorted(scores.items(), key=lambda one: one[1], reverse=True)
    return [{"label": label, "score": score} for label, score in ordered]
