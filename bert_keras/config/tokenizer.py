"""How text becomes tokens."""

import dataclasses

from bert_keras.config.ranges import check_integer

_MAX_WORD_LENGTH = 100_000


@dataclasses.dataclass(frozen=True)
class TokenizerConfig:
    """How text becomes tokens, with the keys of `tokenizer_config.json`.

    Attributes:
        do_lower_case: Whether text is lowercased before tokenization.
        strip_accents: Whether combining marks are removed; `None` follows
            `do_lower_case`, as original BERT does.
        tokenize_chinese_chars: Whether every CJK character is a word of its
            own.
        max_word_length: Characters; a longer word becomes one unknown token.
            200 in original BERT, 100 in Hugging Face tokenizers.
        unk_token: Replaces words that the vocabulary cannot spell.
        sep_token: Ends a segment.
        pad_token: Pads a sequence.
        cls_token: Starts a sequence.
        mask_token: Replaces a masked token.
    """

    do_lower_case: bool = True
    strip_accents: bool | None = None
    tokenize_chinese_chars: bool = True
    max_word_length: int = 200
    unk_token: str = "[UNK]"
    sep_token: str = "[SEP]"
    pad_token: str = "[PAD]"
    cls_token: str = "[CLS]"
    mask_token: str = "[MASK]"

    def __post_init__(self):
        check_integer(
            "max_word_length", self.max_word_length, 1, _MAX_WORD_LENGTH
        )

    @property
    def strips_accents(self) -> bool:
        """`strip_accents` with its default resolved."""
        if self.strip_accents is None:
            return self.do_lower_case
        return self.strip_accents

    @property
    def special_tokens(self) -> tuple[str, ...]:
        """The five special tokens: unk, sep, pad, cls, mask."""
        return (
            self.unk_token,
            self.sep_token,
            self.pad_token,
            self.cls_token,
            self.mask_token,
        )

    def to_dict(self) -> dict:
        """Returns the fields by name, ready for JSON."""
        return dataclasses.asdict(self)
