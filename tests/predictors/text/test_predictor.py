"""A text model as it serves: batches, order, files that cannot be opened, rows without a finite answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from functions.core.errors import DamagedVersionError, InvalidInputError
from functions.core.schema import Feature, Schema
from functions.core.tasks import GRAPH, TASKS, VECTORIZER
from functions.predictors.by_task import Predictor, open_predictor
from model_export.pipelines.convert import export
from tests.generated import examples

TASK: Any = "text-classification"
SCHEMA = Schema((Feature("text", "string", categorical=False),), Feature("tag", "string"))
TEXTS = ["red apple", "green apple tree", "blue sea", "deep blue sea and sky", "red car", "fast red car"]
TAGS = ["fruit", "fruit", "water", "water", "road", "road"]
WORDS = st.lists(
    st.sampled_from(["red", "green", "blue", "apple", "sea", "car", "Tree", "ÑANDÚ", "深層", ",", "."]), max_size=6
).map(" ".join)


@pytest.fixture(scope="module")
def pipeline() -> Any:
    return make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(TEXTS, TAGS)


@pytest.fixture(scope="module")
def files(pipeline: Any) -> dict[str, bytes]:
    return export(TASK, pipeline, SCHEMA)


@pytest.fixture(scope="module")
def predictor(files: dict[str, bytes], pipeline: Any) -> Predictor:
    return open_predictor(TASK, "pipeline", files, SCHEMA, pipeline.classes_.tolist())


def test_the_files_of_the_task_are_those_that_are_exported(files: dict[str, bytes]) -> None:
    assert tuple(files) == (*TASKS[TASK].served_files["pipeline"], VECTORIZER)
    assert set(files) - {GRAPH} <= set(TASKS[TASK].optional_files)


def test_a_version_without_any_vectorizer_is_damaged(files: dict[str, bytes]) -> None:
    with pytest.raises(DamagedVersionError, match=r"neither vectorizer\.json nor text_columns\.json"):
        open_predictor(TASK, "pipeline", {GRAPH: files[GRAPH]}, SCHEMA, ["fruit"])


def test_a_text_model_may_end_in_any_classifier() -> None:
    forest = make_pipeline(TfidfVectorizer(), RandomForestClassifier(5, random_state=0)).fit(TEXTS, TAGS)
    served = open_predictor(TASK, "pipeline", export(TASK, forest, SCHEMA), SCHEMA, forest.classes_.tolist())
    texts: list[Any] = [*TEXTS, " ", "a red apple by the sea"]
    assert [one["label"] for one in served.predict({"text": texts})] == forest.predict(texts).tolist()  # type: ignore[index]


def test_a_label_comes_with_all_scores(predictor: Predictor, pipeline: Any) -> None:
    [found] = predictor.predict({"text": ["a red apple in a tree"]})
    assert isinstance(found, dict)
    [expected] = pipeline.predict_proba(["a red apple in a tree"])
    assert found["scores"] == pytest.approx(dict(zip(pipeline.classes_, expected, strict=True)), rel=1e-12)
    assert (found["label"], found["score"]) == ("fruit", found["scores"]["fruit"])


@examples(50)
@given(st.lists(WORDS, min_size=1, max_size=8), st.randoms())
def test_no_document_changes_the_answer_for_another(predictor: Predictor, texts: list[str], chance: Any) -> None:
    label, scores = predictor.run({"text": [*texts]})
    order = list(range(len(texts)))
    chance.shuffle(order)
    alone = [predictor.run({"text": [text]}) for text in texts]
    permuted = predictor.run({"text": [texts[row] for row in order]})
    np.testing.assert_array_equal(permuted[0], label[order])
    np.testing.assert_array_equal([one[0][0] for one in alone], label)
    # Softmax rounds the last bit differently at another place in the batch
    np.testing.assert_allclose(permuted[1], scores[order], rtol=1e-14)
    np.testing.assert_allclose([one[1][0] for one in alone], scores, rtol=1e-14)


def test_documents_without_a_known_word_are_classified_by_the_intercept_alone(
    predictor: Predictor, pipeline: Any
) -> None:
    unknown = [" ", "xyz", "日本"]
    np.testing.assert_allclose(predictor.run({"text": [*unknown]})[1], pipeline.predict_proba(unknown), rtol=1e-12)


@pytest.mark.parametrize("name", [GRAPH, VECTORIZER])
def test_a_file_that_is_none_of_ours_is_damaged(files: dict[str, bytes], name: str) -> None:
    with pytest.raises(DamagedVersionError, match=name.replace(".", r"\.")):
        open_predictor(TASK, "pipeline", {**files, name: b"{}"}, SCHEMA, ["a", "b"])


def test_a_schema_of_several_columns_is_no_text_models(files: dict[str, bytes]) -> None:
    schema = Schema((*SCHEMA.features, Feature("title", "string")), SCHEMA.target)
    with pytest.raises(DamagedVersionError, match="one feature"):
        open_predictor(TASK, "pipeline", files, schema, ["a"])


def test_rows_without_a_finite_answer_are_named(files: dict[str, bytes]) -> None:
    """The graph of this test gives NaN for documents with terms."""
    inputs = [
        *(helper.make_tensor_value_info(name, TensorProto.INT64, [None]) for name in ("rows", "columns", "documents")),
        helper.make_tensor_value_info("values", TensorProto.DOUBLE, [None]),
    ]
    outputs = [
        helper.make_tensor_value_info("label", TensorProto.INT64, [None]),
        helper.make_tensor_value_info("probabilities", TensorProto.DOUBLE, [None, 2]),
    ]
    nothing = helper.make_tensor("nothing", TensorProto.DOUBLE, [1], [0.0])
    not_a_number = helper.make_tensor("not_a_number", TensorProto.DOUBLE, [1, 2], [float("nan")] * 2)
    nodes = [
        helper.make_node("ConstantOfShape", ["documents"], ["label"], value=helper.make_tensor("", 7, [1], [0])),
        helper.make_node("Concat", ["documents", "two"], ["shape"], axis=0),
        helper.make_node("ConstantOfShape", ["shape"], ["zeros"], value=nothing),
        helper.make_node("Shape", ["values"], ["terms"]),
        helper.make_node("Concat", ["terms", "two"], ["term_shape"], axis=0),
        helper.make_node("Expand", ["not_a_number", "term_shape"], ["updates"]),
        helper.make_node("Unsqueeze", ["rows", "one"], ["places"]),
        helper.make_node("ScatterND", ["zeros", "places", "updates"], ["probabilities"]),
    ]
    constants = [
        helper.make_tensor("one", TensorProto.INT64, [1], [1]),
        helper.make_tensor("two", TensorProto.INT64, [1], [2]),
        not_a_number,
    ]
    graph = helper.make_graph(nodes, "nan", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    predictor = open_predictor(TASK, "pipeline", {**files, GRAPH: model.SerializeToString()}, SCHEMA, ["a", "b"])
    with pytest.raises(InvalidInputError) as caught:
        predictor.predict({"text": ["xyz", "apple", " ", "sea"]})
    assert [(fault.loc, fault.type) for fault in caught.value.faults] == [((1,), "not_finite"), ((3,), "not_finite")]
