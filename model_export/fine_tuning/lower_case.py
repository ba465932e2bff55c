"""A tokenizer that makes texts lower-case, out of one that may not."""

from __future__ import annotations

from tokenizers.normalizers import BertNormalizer, Lowercase, Sequence
from transformers import PreTrainedTokenizerFast


def lower_cased(tokenizer: PreTrainedTokenizerFast) -> PreTrainedTokenizerFast:
    """The tokenizer itself, changed so that it, and what it saves, make every text lower-case.

    One of WordPiece also takes the accents off, unless its own settings say whether it does, as BERT's do_lower_case.
    """
    backend = tokenizer.backend_tokenizer
    own = backend.normalizer
    if isinstance(own, BertNormalizer):
        backend.normalizer = BertNormalizer(own.clean_text, own.handle_chinese_chars, own.strip_accents, lowercase=True)
        # When it is loaded again, this setting is put in place of what tokenizer.json says.
        tokenizer.init_kwargs["do_lower_case"] = tokenizer.do_lower_case = True
    else:
        backend.normalizer = Lowercase() if own is None else Sequence([Lowercase(), own])
    return tokenizer
