"""The forward that trains is that of the model that is shipped."""

from __future__ import annotations

import pytest
import torch
from tokenizers import Tokenizer

from zoo.becas.attention import DENSE_UP_TO
from zoo.becas.features import NO_FACT, collate, feature
from zoo.becas.learning import Learner
from zoo.becas.model import build_model, hidden_states
from zoo.becas.tokenizer import train_tokenizer
from zoo.draws import Draws

TEXT = "La Beca Olmos paga 1,200 pesos al mes. Se pide del 3 al 14 de mayo, en el portal, con la CURP. " * 8
SPANS = {1: (19, 38), 2: (51, 66)}
pytestmark = pytest.mark.filterwarnings("ignore:Input ids are automatically padded")


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer([TEXT] * 3, vocabulary=400)


@pytest.mark.parametrize("times", [(1, 1), (1, 2), (2, 5)], ids=["dense", "around the limit", "blocks"])
def test_the_states_are_those_of_the_stock_forward(tokenizer: Tokenizer, times: tuple[int, int]) -> None:
    torch.manual_seed(0)
    model = build_model(tokenizer.get_vocab_size(), layers=2, width=128).eval()
    features = [feature(tokenizer, "¿Cuánto?", TEXT * number, {}, NO_FACT) for number in times]
    batch, _ = collate(features)
    assert (batch.ids.shape[1] > DENSE_UP_TO) is (times != (1, 1))
    with torch.no_grad():
        for weights in model.parameters():
            weights.add_(torch.randn_like(weights) * 0.05)
        ours = model.qa_outputs(hidden_states(model, batch)[1])[..., 0]
        theirs = model(input_ids=batch.ids, attention_mask=batch.is_token.long()).start_logits
    assert float((ours - theirs)[batch.is_token].abs().max()) < 1e-4


def test_the_answers_tokens_are_those_of_its_characters(tokenizer: Tokenizer) -> None:
    for number, (start, end) in SPANS.items():
        one = feature(tokenizer, "¿Cuánto paga la beca?", TEXT, SPANS, number)
        first, last = (one.offsets[token - one.context] for token in (one.start, one.end))
        assert TEXT[first[0] : last[1]].strip() == TEXT[start:end]
        tagged = [token for token, fact in enumerate(one.facts, start=one.context) if fact == number]
        assert tagged == list(range(one.start, one.end + 1))


def test_what_a_text_lacks_is_answered_by_its_first_token(tokenizer: Tokenizer) -> None:
    one = feature(tokenizer, "¿Quién?", TEXT, SPANS, 3)
    assert (one.start, one.end, one.asked) == (0, 0, 3)


def test_every_task_is_learned_from(tokenizer: Tokenizer) -> None:
    torch.manual_seed(0)
    learner = Learner(build_model(tokenizer.get_vocab_size(), layers=2, width=64), facts=3)
    optimizer = torch.optim.AdamW(learner.parameters(), lr=3e-3)
    features = [
        feature(tokenizer, question, TEXT[:200], SPANS, asked) for question, asked in (("¿Cuánto?", 1), ("¿Cuándo?", 2))
    ]
    losses = []
    for _ in range(40):
        batch, targets = collate(features)
        loss = learner(batch, targets, helping=1.0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0] / 4
    assert learner.answers(*collate(features), longest=30) == [(one.start, one.end) for one in features]


def test_contexts_begin_anywhere_in_training_alone(tokenizer: Tokenizer) -> None:
    features = [feature(tokenizer, "¿Cuánto?", TEXT, SPANS, 1)] * 8
    plain, _ = collate(features)
    trained, _ = collate(features, Draws(1))
    assert torch.equal(plain.positions[0, : features[0].context], trained.positions[0, : features[0].context])
    assert len({int(row[features[0].context]) for row in trained.positions}) > 1
    assert torch.equal(plain.ids, trained.ids)
    assert int(trained.positions.max()) < 2050
