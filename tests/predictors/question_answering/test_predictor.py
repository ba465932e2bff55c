"""Questions answered by a graph whose best tokens are known: the answers, the refusals, and their order."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.definition import Limits
from functions.core.errors import DamagedVersionError, InvalidInputError, TooLargeError
from functions.predictors.question_answering.pairs import SMALLEST_WINDOW_TOKENS
from functions.predictors.question_answering.parameters import AnsweringParameters, AnsweringSettings
from functions.predictors.question_answering.predictor import QuestionAnsweringPredictor
from functions.predictors.tokenizer import CHARACTERS_A_TOKEN
from tests.generated import examples
from tests.predictors.asked_texts import SENTENCES
from tests.predictors.question_answering.tiny_answering import LENGTH, SETTINGS, TOKENIZERS, graph, predictor, tokenizer

ASKED = "¿Cuándo?"
CONTEXT = "La ayuda se cobra en enero cada año."
FAR = " y más" * 60
EMOJI = "Sí 👩🏽\u200d🎓."
DEFAULT = AnsweringParameters()
ANYTHING = st.text(max_size=300) | st.lists(st.sampled_from([*SENTENCES, "</s>", "[SEP]", "\0", "\u200b", " "])).map(
    "".join
)


@pytest.fixture(scope="module", params=TOKENIZERS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def faults(asking: QuestionAnsweringPredictor, questions: list[str], contexts: list[str], **asked: Any) -> Any:
    with pytest.raises(InvalidInputError) as caught:
        asking.answer(questions, contexts, AnsweringParameters(**asked))
    return [(fault.loc, fault.type) for fault in caught.value.faults]


def test_the_answer_is_where_the_graph_says(kind: str) -> None:
    [[best]] = predictor(kind).answer([ASKED], [CONTEXT], DEFAULT)
    assert list(best) == ["score", "start", "end", "answer"]
    assert (best["answer"], best["start"], best["end"]) == ("enero", 21, 26)
    assert 0.5 < best["score"] < 1


def test_a_prediction_is_the_best_answer_of_each_row(kind: str) -> None:
    found = predictor(kind).predict({"question": [ASKED, ASKED], "context": [CONTEXT, "Se cobra en enero."]})
    assert [list(one) for one in found if isinstance(one, dict)] == [["answer", "score", "start", "end"]] * 2
    assert [(one["answer"], one["start"]) for one in found if isinstance(one, dict)] == [("enero", 21), ("enero", 12)]


@pytest.mark.parametrize("before", [0, 1, 5, 40])
def test_an_answer_is_found_however_far_into_the_context(kind: str, before: int) -> None:
    context = f"{EMOJI * before} en enero de 2026{FAR}"
    [[best]] = predictor(kind).answer([ASKED], [context], DEFAULT)
    assert context[best["start"] : best["end"]] == best["answer"] == "enero"


def test_the_same_text_in_several_windows_is_one_answer_with_all_scores(kind: str) -> None:
    asking = predictor(kind)
    once, twice = asking.answer(
        [ASKED] * 2, [f"en enero{FAR}", f"en enero{FAR} en enero"], AnsweringParameters(top_k=3)
    )
    assert (twice[0]["start"], twice[0]["answer"]) == (3, "enero")
    assert twice[0]["score"] > 1.5 * once[0]["score"]
    assert "enero" not in [one["answer"] for one in twice[1:]]


def test_types_show_the_graph_which_tokens_are_the_contexts(kind: str) -> None:
    """A type of 1 makes the context likelier than no answer in this graph."""
    asked = AnsweringParameters(top_k=5, handle_impossible_answer=True)
    inputs = ("input_ids", "token_type_ids")
    plain, typed = (predictor(kind, inputs=taken).answer([ASKED], ["a b"], asked)[0] for taken in (inputs[:1], inputs))
    null = [next(one["score"] for one in found if one["answer"] == "") for found in (plain, typed)]
    assert (null[1] < 0.9 * null[0]) is (kind == "word_pieces")


@pytest.mark.parametrize("asked", [True, False])
def test_no_answer_is_an_answer_where_it_is_allowed(kind: str, asked: bool) -> None:
    parameters = AnsweringParameters(top_k=100, handle_impossible_answer=asked)
    [found] = predictor(kind).answer([ASKED], ["Nada de eso."], parameters)
    null = [one for one in found if one["answer"] == "" and one["end"] == 0]
    assert len(null) == asked
    assert found == sorted(found, key=lambda one: -one["score"])


def test_as_many_answers_as_asked_for_and_no_more_than_there_are(kind: str) -> None:
    counts = [
        len(found)
        for top_k in (1, 2, 100)
        for found in predictor(kind).answer([ASKED], ["enero febrero"], AnsweringParameters(top_k=top_k))
    ]
    assert counts[:2] == [1, 2]
    assert 3 <= counts[2] < 10


def test_an_answer_has_at_most_the_tokens_allowed(kind: str) -> None:
    asked = AnsweringParameters(top_k=100, max_answer_len=2, align_to_words=False)
    [found] = predictor(kind).answer([ASKED], ["a b c d"], asked)
    assert {len(one["answer"].split()) for one in found} == {1, 2}


@pytest.mark.parametrize(
    ("question", "context"), [("", "a"), (" \t\n", "a"), ("a", ""), ("a", "\u2003"), ("a", "\ud800")]
)
def test_texts_without_a_word_are_refused(kind: str, question: str, context: str) -> None:
    name = "context" if question == "a" else "question"
    assert faults(predictor(kind), ["a", question], ["a", context]) == [((1, name), "unreadable")]


@pytest.mark.parametrize("text", ["\0\0", "\u200b", "\ufeff"])
def test_characters_that_a_tokenizer_drops_are_no_words(text: str) -> None:
    assert faults(predictor("word_pieces"), [text], [text]) == [
        ((0, "question"), "unreadable"),
        ((0, "context"), "unreadable"),
    ]
    [[best]] = predictor("byte_pairs").answer([text], [text], DEFAULT)
    assert best["answer"] in text


def test_every_fault_of_every_row_is_reported(kind: str) -> None:
    asking = predictor(kind)
    assert faults(asking, ["", "a", "a b " * 20, "a"], ["", "\udfff", "a", "a"]) == [
        ((0, "question"), "unreadable"),
        ((0, "context"), "unreadable"),
        ((1, "context"), "unreadable"),
        ((2, "question"), "too_long"),
    ]


def test_a_question_over_its_limit_is_refused_unless_the_request_raises_it(kind: str) -> None:
    asking, question = predictor(kind), "a b " * 9
    assert faults(asking, [question], [CONTEXT]) == [((0, "question"), "too_long")]
    with pytest.raises(InvalidInputError, match=r"tokens are more than 16: ask shorter"):
        asking.answer([question], [CONTEXT], DEFAULT)
    [[best]] = asking.answer([question], ["en enero"], AnsweringParameters(max_question_len=30, doc_stride=0))
    assert best["answer"] == "enero"


def test_a_question_that_leaves_no_room_to_move_on_is_refused_if_the_context_needs_windows(kind: str) -> None:
    asking = predictor(kind)
    asked = {"max_seq_len": 20, "doc_stride": 13}
    assert faults(asking, ["a b c d"], [CONTEXT + FAR], **asked) == [((0, "question"), "too_long")]
    assert faults(asking, ["a b c d"], [CONTEXT], max_seq_len=5, doc_stride=0) == [((0, "question"), "too_long")]
    [[best]] = asking.answer(["a b c d"], ["en enero"], AnsweringParameters(**asked))
    assert best["answer"] == "enero"


def test_more_than_the_model_reads_at_once_is_refused(kind: str) -> None:
    assert faults(predictor(kind), ["a"], ["a"], max_seq_len=LENGTH + 1) == [
        (("parameters", "max_seq_len"), "less_than_equal")
    ]


@pytest.mark.parametrize("text", ["a" * 2_000_000, " " * 2_000_000 + "a", "a b " * 500_000, "😀" * 500_000])
def test_two_megabytes_are_refused_before_they_are_taken_apart(kind: str, text: str) -> None:
    with pytest.raises(TooLargeError, match=r"\d+ characters are more than 131072, 16 for each of the 8192 tokens"):
        predictor(kind).answer([ASKED], [text], DEFAULT)


def test_a_hundred_thousand_characters_without_a_space_are_answered_or_refused_for_their_tokens(kind: str) -> None:
    text = "a" * 100_000
    if kind == "word_pieces":
        [[best]] = predictor(kind).answer([ASKED], [text], DEFAULT)
        assert (best["start"], best["end"]) == (0, len(text))
    else:
        with pytest.raises(TooLargeError, match=r"\d{5,} tokens in \d+ windows are more than 8192"):
            predictor(kind).answer([ASKED], [text], DEFAULT)


def test_tokens_of_all_windows_count_special_ones_and_questions_too(kind: str) -> None:
    asked, contexts = AnsweringParameters(max_seq_len=20, doc_stride=2), ["a b c d " * 10] * 2
    with pytest.raises(TooLargeError) as caught:
        predictor(kind, max_tokens=60).answer(["a", "a"], contexts, asked)
    tokens, windows = (int(figure) for figure in re.findall(r"\d+", str(caught.value))[:2])
    assert windows % 2 == 0
    assert tokens == 2 * 20 + (windows - 2) * SMALLEST_WINDOW_TOKENS
    [first, second] = predictor(kind, max_tokens=tokens).answer(["a", "a"], contexts, asked)
    assert first == second


def test_short_windows_cost_no_more_than_long_ones_may(kind: str) -> None:
    """7 kB in windows of 16 tokens were 512 runs of the graph, within the 8192 tokens of a request."""
    asked, context = AnsweringParameters(max_seq_len=16, doc_stride=0), "a b c d " * 500
    with pytest.raises(TooLargeError, match=r"windows are more than 8192.*longer max_seq_len.*64"):
        predictor(kind).answer([ASKED], [context], asked)
    longer = AnsweringSettings(512, max_question_len=16)
    [[best]] = predictor(kind, settings=longer).answer([ASKED], [f"{context} en enero"], DEFAULT)
    assert best["answer"] == "enero"


def test_many_short_pairs_count_as_the_tokens_that_they_have(kind: str) -> None:
    found = predictor(kind).answer([ASKED] * 400, ["en enero"] * 400, DEFAULT)
    assert {one["answer"] for [one] in found} == {"enero"}


def test_characters_are_counted_over_all_texts() -> None:
    asking = predictor("word_pieces", max_tokens=100)
    with pytest.raises(TooLargeError, match="characters"):
        asking.answer(["a"] * 2, ["b" * (50 * CHARACTERS_A_TOKEN)] * 2, DEFAULT)


@examples(150)
@given(st.lists(st.tuples(ANYTHING, ANYTHING), min_size=1, max_size=3), st.sampled_from(TOKENIZERS), st.booleans())
def test_any_text_is_answered_with_a_part_of_it_or_refused(
    pairs: list[tuple[str, str]], kind: str, align_to_words: bool
) -> None:
    questions, contexts = map(list, zip(*pairs, strict=True))
    parameters = AnsweringParameters(top_k=5, align_to_words=align_to_words, max_question_len=20, doc_stride=2)
    try:
        found = ASKING[kind].answer(questions, contexts, parameters)
    except (InvalidInputError, TooLargeError):
        return
    for context, answers in zip(contexts, found, strict=True):
        assert answers
        for one in answers:
            assert 0 <= one["start"] <= one["end"] <= len(context)
            assert context[one["start"] : one["end"]] == one["answer"]
    alone = [ASKING[kind].answer([question], [context], parameters)[0] for question, context in pairs]
    assert alone == found


ASKING = {kind: predictor(kind) for kind in TOKENIZERS}


def test_requests_at_once_do_not_disturb_each_other(kind: str) -> None:
    asking = ASKING[kind]
    contexts = [f"{sentence} en enero{FAR}" for sentence in SENTENCES]
    parameters = [AnsweringParameters(top_k=3, max_seq_len=length, doc_stride=3) for length in (24, 30, 40)]
    work = [(context, asked) for context in contexts for asked in parameters]
    alone = [asking.answer([ASKED], [context], asked) for context, asked in work]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda one: asking.answer([ASKED], [one[0]], one[1]), work)) == alone


@pytest.mark.parametrize("score", [float("nan"), float("inf")])
def test_rows_without_a_finite_answer_are_named(kind: str, score: float) -> None:
    made = graph(dict.fromkeys(range(5, 1000), score), {})
    asking = QuestionAnsweringPredictor(made, tokenizer(kind), SETTINGS.to_json(), Limits())
    assert faults(asking, [ASKED], [CONTEXT]) == [((0,), "not_finite")]


@pytest.mark.parametrize("damaged", [0, 1, 2])
def test_a_file_that_is_none_of_ours_is_damage(kind: str, damaged: int) -> None:
    files = [graph({}, {}), tokenizer(kind), SETTINGS.to_json()]
    files[damaged] = b"{}"
    with pytest.raises(DamagedVersionError, match=["model.onnx", "tokenizer.json", "answering.json"][damaged]):
        QuestionAnsweringPredictor(*files, Limits())


def test_a_graph_that_takes_what_nothing_gives_is_damage(kind: str) -> None:
    made = graph({}, {}, inputs=("input_ids", "global_attention_mask"))
    with pytest.raises(DamagedVersionError, match="global_attention_mask"):
        QuestionAnsweringPredictor(made, tokenizer(kind), AnsweringSettings(LENGTH).to_json(), Limits())
