"""Tokenizers as checkpoints of each family have them on the hub, made of a few texts.

Each has the class, the normalizer, the kind of pieces, the special tokens and the marks around a pair of its family.
SentencePiece's own normalization (nmt_nfkc) is a table in its file; `Nmt` and `NFKC` are what it was made from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tests.predictors.pieces import unigrams, word_pieces, words_of

SENTENCES = [
    "La beca de transporte paga el abono mensual del autobús y del metro a quien estudia lejos de su casa.",
    "Se puede pedir hasta el 15 de octubre, en la secretaría del centro o por correo electrónico.",
    "¿Cuándo se cobra? La ayuda se cobra en enero; el importe es de 1.250,50 € al año.",
    "Quien haya recibido otra beca del ministerio (¡aunque sea parcial!) no la puede pedir.",
    "What does it pay? The grant pays tuition, books and a laptop for two years.",
]
VOCABULARY = 400
PIECES = 150
"""Of a WordPiece or Unigram: little more than the characters, so that most words are several pieces."""
LONGEST = 200
"""Tokens of the longest input, to each of these tokenizers."""
PLAIN = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
ANGULAR = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
ALBERT = ("<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]")
PAIR_WITH_TYPES = "{0}:0 $A:0 {1}:0 $B:1 {1}:1"
PAIR_BEHIND_TWO = "{0} $A {1} {1} $B {1}"


def tokenizer_of_hub(folder: Path, family: str) -> Any:
    """A tokenizer of the family; its own files are written into the folder, as trainers of transformers leave them."""
    folder.mkdir(parents=True)
    return HUB_TOKENIZERS[family](folder)


def _byte_pairs(kind: str, folder: Path) -> Any:
    import transformers
    from tokenizers import ByteLevelBPETokenizer

    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(SENTENCES, vocab_size=VOCABULARY, special_tokens=list(ANGULAR), show_progress=False)
    vocabulary, merges = trained.save_model(str(folder))
    return getattr(transformers, kind)(vocab_file=vocabulary, merges_file=merges, model_max_length=LONGEST)


def _deberta(folder: Path) -> Any:
    from tokenizers import ByteLevelBPETokenizer
    from transformers import DebertaTokenizerFast

    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(SENTENCES, vocab_size=VOCABULARY - 5, special_tokens=list(PLAIN), show_progress=False)
    vocabulary, merges = trained.save_model(str(folder))
    return DebertaTokenizerFast(vocab_file=vocabulary, merges_file=merges, model_max_length=LONGEST)


def _modernbert(folder: Path) -> Any:
    """Pieces of bytes with the marks of a BERT, but no types to the model."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.BPE())
    made.normalizer = normalizers.NFC()
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=list(PLAIN),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(SENTENCES, trainer)
    made.post_processor = _template(made, PAIR_WITH_TYPES, "[CLS]", "[SEP]")
    names = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        model_max_length=LONGEST,
        model_input_names=["input_ids", "attention_mask"],
        **dict(zip(names, PLAIN, strict=True)),
    )


def _word_pieces(kind: str, folder: Path, *, special: Sequence[str] = PLAIN, is_lower: bool = False) -> Any:
    import transformers
    from tokenizers import BertWordPieceTokenizer

    splitting = BertWordPieceTokenizer(lowercase=is_lower)
    vocabulary = word_pieces(words_of(splitting, SENTENCES), special, PIECES)
    path = folder / "vocab.txt"
    path.write_text("".join(f"{piece}\n" for piece in vocabulary), encoding="utf-8")
    return getattr(transformers, kind)(vocab_file=str(path), model_max_length=LONGEST, do_lower_case=is_lower)


def _sentence_pieces(kind: str, folder: Path, *, special: Sequence[str], pair: str, normalizer: str) -> Any:
    """A tokenizer as its file of SentencePiece is converted: a Unigram of pieces that begin with a lower block."""
    import transformers
    from tokenizers import Tokenizer, decoders, models

    made = Tokenizer(models.Unigram())
    made.normalizer, made.pre_tokenizer = _NORMALIZERS[normalizer]()
    made.decoder = decoders.Metaspace()
    unknown = next(one for one in special if one.lower().strip("<>[]") == "unk")
    pieces = unigrams(words_of(made, SENTENCES), special, PIECES)
    made.model = models.Unigram(pieces, special.index(unknown))
    made.add_special_tokens(list(special))
    first, last = ("<s>", "</s>") if pair == PAIR_BEHIND_TWO else ("[CLS]", "[SEP]")
    made.post_processor = _template(made, pair, first, last)
    path = folder / "tokenizer.json"
    made.save(str(path))
    return getattr(transformers, kind)(tokenizer_file=str(path), model_max_length=LONGEST)


def _template(made: Any, pair: str, first: str, last: str) -> Any:
    from tokenizers import processors

    return processors.TemplateProcessing(
        single=f"{first} $A {last}",
        pair=pair.format(first, last),
        special_tokens=[(one, made.token_to_id(one)) for one in (first, last)],
    )


def _plain_spaces() -> tuple[Any, Any]:
    from tokenizers import Regex, normalizers, pre_tokenizers

    parts = [normalizers.Nmt(), normalizers.NFKC(), normalizers.Strip(left=False, right=True)]
    return normalizers.Sequence([*parts, normalizers.Replace(Regex(" {2,}"), "▁")]), pre_tokenizers.Metaspace()


def _without_accents() -> tuple[Any, Any]:
    from tokenizers import Regex, normalizers, pre_tokenizers

    quotes = [normalizers.Replace("``", '"'), normalizers.Replace("''", '"')]
    bare = [normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()]
    rest = [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    return normalizers.Sequence([*quotes, *bare, *rest]), pre_tokenizers.Metaspace()


def _stripped() -> tuple[Any, Any]:
    from tokenizers import Regex, normalizers, pre_tokenizers

    parts = [normalizers.Strip(), normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    return normalizers.Sequence(parts), pre_tokenizers.Sequence([pre_tokenizers.Metaspace()])


_NORMALIZERS: Mapping[str, Callable[[], tuple[Any, Any]]] = {
    "plain": _plain_spaces,
    "without accents": _without_accents,
    "stripped": _stripped,
}
HUB_TOKENIZERS: Mapping[str, Callable[[Path], Any]] = {
    "albert": partial(
        _sentence_pieces,
        "AlbertTokenizerFast",
        special=ALBERT,
        pair=PAIR_WITH_TYPES,
        normalizer="without accents",
    ),
    "bert": partial(_word_pieces, "BertTokenizerFast"),
    "big_bird": partial(
        _sentence_pieces,
        "BigBirdTokenizerFast",
        special=("<pad>", "</s>", "<s>", "<unk>", "[SEP]", "[MASK]", "[CLS]"),
        pair=PAIR_WITH_TYPES,
        normalizer="plain",
    ),
    "camembert": partial(
        _sentence_pieces,
        "CamembertTokenizerFast",
        special=("<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>", "<unk>NOTUSED", "<s>", "</s>", "<mask>"),
        pair=PAIR_BEHIND_TWO,
        normalizer="plain",
    ),
    "convbert": partial(_word_pieces, "ConvBertTokenizerFast", is_lower=True),
    "deberta": _deberta,
    "deberta-v2": partial(
        _sentence_pieces,
        "DebertaV2TokenizerFast",
        special=("[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"),
        pair=PAIR_WITH_TYPES,
        normalizer="stripped",
    ),
    "distilbert": partial(_word_pieces, "DistilBertTokenizerFast"),
    "electra": partial(_word_pieces, "ElectraTokenizerFast"),
    "longformer": partial(_byte_pairs, "LongformerTokenizerFast"),
    "modernbert": _modernbert,
    "mpnet": partial(_word_pieces, "MPNetTokenizerFast", special=("<s>", "<pad>", "</s>", "[UNK]", "<mask>")),
    "roberta": partial(_byte_pairs, "RobertaTokenizerFast"),
    # its own tokenizer runs code, Jieba's, which no tokenizer.json can hold: those that are served have this one
    "roformer": partial(_word_pieces, "BertTokenizerFast", is_lower=True),
    "squeezebert": partial(_word_pieces, "SqueezeBertTokenizerFast", is_lower=True),
    "xlm-roberta": partial(
        _sentence_pieces,
        "XLMRobertaTokenizerFast",
        special=("<s>", "<pad>", "</s>", "<unk>", "<mask>"),
        pair=PAIR_BEHIND_TWO,
        normalizer="plain",
    ),
}
"""By family, as FAMILIES."""
