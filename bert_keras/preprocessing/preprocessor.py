"""Raw text to the encoder's inputs: the tokenizer and packing in one."""

import dataclasses
import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from bert_keras import contract
from bert_keras.config import TokenizerConfig
from bert_keras.preprocessing.packing import Padding, SpecialIds, pack
from bert_keras.preprocessing.tokenizer import Tokenizer
from bert_keras.preprocessing.vocabulary import Vocabulary

TOKENIZER_CONFIG = contract.TOKENIZER_CONFIG


class Preprocessor(tf.Module):
    """Turns strings into packed ids, eagerly, in `tf.data` or in an export.

    Args:
        tokenizer: Splits texts into tokens.
        max_length: Maximum number of tokens in a sequence, including `[CLS]`
            and `[SEP]`.
        padding: `"longest"` pads to the longest sequence of the batch,
            `"fixed"` to `max_length`, a list of lengths to the smallest that
            fits.

    Raises:
        ValueError: If `max_length` or `padding` is invalid.

    Example:
        >>> tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b"]
        >>> vocabulary = Vocabulary(tokens)
        >>> tokenizer = Tokenizer(vocabulary, TokenizerConfig())
        >>> inputs = Preprocessor(tokenizer)(["a b"], ["b"])
        >>> inputs["input_word_ids"].numpy().tolist()
        [[2, 5, 6, 3, 6, 3]]
        >>> inputs["input_type_ids"].numpy().tolist()
        [[0, 0, 0, 0, 1, 1]]
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        *,
        max_length: int = 128,
        padding: Padding = "longest",
    ):
        super().__init__()
        _check_lengths(max_length, padding)
        self._tokenizer = tokenizer
        self._max_length = max_length
        # A tuple, because tf.Module would wrap and track a list.
        self._padding = padding if isinstance(padding, str) else tuple(padding)
        self._special = SpecialIds.from_vocabulary(tokenizer.vocabulary)

    @classmethod
    def load(cls, folder: str | Path) -> "Preprocessor":
        """Reads what `save` wrote.

        Raises:
            ValueError: If the JSON file in the folder has unknown keys.
        """
        folder = Path(folder)
        path = folder / TOKENIZER_CONFIG
        values = json.loads(path.read_text(encoding="utf-8"))
        options = {
            key: values.pop(key)
            for key in ("max_length", "padding", "special_tokens_in_text")
            if key in values
        }
        names = {field.name for field in dataclasses.fields(TokenizerConfig)}
        if unknown := sorted(set(values) - names):
            raise ValueError(
                f"{path}: Expected the keys of a saved preprocessor. Received "
                f"unknown keys: {', '.join(unknown)}. To read the file of "
                "another library, load the folder by its handle."
            )
        config = TokenizerConfig(**values)
        vocabulary = Vocabulary.from_file(folder / contract.VOCABULARY, config)
        special = options.pop("special_tokens_in_text", False)
        tokenizer = Tokenizer(
            vocabulary, config, special_tokens_in_text=special
        )
        return cls(tokenizer, **options)

    def save(self, folder: str | Path) -> None:
        """Writes `vocab.txt` and `tokenizer_config.json` to a folder."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        values = self.config.to_dict() | {
            "max_length": self.max_length,
            "padding": self.padding,
            "special_tokens_in_text": self._tokenizer.special_tokens_in_text,
        }
        self.vocabulary.save(folder / contract.VOCABULARY)
        unfinished = folder / f".{TOKENIZER_CONFIG}.{os.getpid()}"
        unfinished.write_text(
            json.dumps(values, indent=2, ensure_ascii=False) + "\n",
            encoding="utf-8",
        )
        os.replace(unfinished, folder / TOKENIZER_CONFIG)

    def copy(
        self, *, max_length: int | None, special_tokens_in_text: bool
    ) -> "Preprocessor":
        """Returns a preprocessor with the same vocabulary and rules.

        Args:
            max_length: Maximum number of tokens in a sequence; `None` keeps
                the present one.
            special_tokens_in_text: See `Tokenizer`.
        """
        tokenizer = self._tokenizer
        if tokenizer.special_tokens_in_text != special_tokens_in_text:
            tokenizer = Tokenizer(
                tokenizer.vocabulary,
                tokenizer.config,
                special_tokens_in_text=special_tokens_in_text,
            )
        return Preprocessor(
            tokenizer,
            max_length=max_length or self._max_length,
            padding=self._padding,
        )

    @property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer."""
        return self._tokenizer

    @property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary."""
        return self._tokenizer.vocabulary

    @property
    def config(self) -> TokenizerConfig:
        """The tokenizer's configuration."""
        return self._tokenizer.config

    @property
    def max_length(self) -> int:
        """Maximum number of tokens in a sequence."""
        return self._max_length

    @property
    def padding(self) -> str | tuple[int, ...]:
        """The length that sequences are padded to; see `Preprocessor`."""
        return self._padding

    def __call__(self, texts, texts_b=None) -> dict[str, tf.Tensor]:
        """Tokenizes and packs texts, or pairs of texts.

        Args:
            texts: Strings [batch]: a list, array or tensor of str or bytes.
            texts_b: The second text of each pair, strings [batch], or None.

        Returns:
            `contract.ENCODER_INPUTS`, each int32 [batch, length].

        Raises:
            ValueError: If these are not strings, or differ in number.
        """
        texts = _as_strings(texts, "texts")
        if texts_b is None:
            return self.pack(self._tokenizer.tokenize(texts))
        texts_b = _as_strings(texts_b, "texts_b")
        _check_pairs(texts, texts_b)
        return self.pack(
            self._tokenizer.tokenize(texts), self._tokenizer.tokenize(texts_b)
        )

    def tokenize(self, texts) -> tf.RaggedTensor:
        """Returns ids without special tokens; see `Tokenizer.tokenize`."""
        return self._tokenizer.tokenize(_as_strings(texts, "texts"))

    def tokenize_with_offsets(
        self, texts
    ) -> tuple[tf.RaggedTensor, tf.RaggedTensor, tf.RaggedTensor]:
        """Returns ids, starts and ends; see `Tokenizer`."""
        return self._tokenizer.tokenize_with_offsets(
            _as_strings(texts, "texts")
        )

    def pack(
        self, ids: tf.RaggedTensor, ids_b: tf.RaggedTensor | None = None
    ) -> dict[str, tf.Tensor]:
        """Adds special tokens, truncates and pads.

        Args:
            ids: First segment, int32 [batch, (tokens)].
            ids_b: Second segment, int32 [batch, (tokens)], or None.

        Returns:
            `contract.ENCODER_INPUTS`, each int32 [batch, length].
        """
        return pack(
            ids,
            ids_b,
            self._special,
            max_length=self._max_length,
            padding=self._padding,
        )


def _check_lengths(max_length: int, padding: Padding) -> None:
    if not isinstance(max_length, int) or max_length < 3:
        raise ValueError(
            "Expected `max_length` to be at least 3, for [CLS] and two [SEP]. "
            f"Received: max_length={max_length!r}. BERT was trained with 512."
        )
    if padding in ("longest", "fixed"):
        return
    if (
        isinstance(padding, Sequence)
        and not isinstance(padding, str | bytes)
        and len(padding) > 0
        and all(isinstance(n, int) and 0 < n <= max_length for n in padding)
    ):
        return
    raise ValueError(
        "Expected `padding` to be 'longest', 'fixed', or a list of integers "
        f"from 1 to max_length={max_length}. Received: "
        f"padding={padding!r}"
    )


def _as_strings(texts, name: str) -> tf.Tensor:
    """Returns a string tensor [batch]."""
    if not tf.is_tensor(texts):
        _check_strings(texts, name)
        # Without a dtype, an empty list would become numbers.
        try:
            texts = tf.constant(texts, tf.string)
        except ValueError as error:
            raise ValueError(
                f"Expected `{name}` to be texts that UTF-8 can encode. "
                f"Received: {name}[{_first_surrogate(texts)}] with a lone "
                "surrogate. Try text.encode('utf-8', 'ignore')."
            ) from error
    if texts.dtype != tf.string or texts.shape.rank not in (1, None):
        raise ValueError(
            f"Expected `{name}` to be strings [batch]. Received: dtype "
            f"{texts.dtype.name}, shape {texts.shape}. Give a list of texts, "
            "or a tensor of rank 1."
        )
    return texts


def _check_strings(texts, name: str) -> None:
    if isinstance(texts, str | bytes):
        raise ValueError(
            f"Expected `{name}` to be a list of texts. Received a single "
            f"text: {name}={texts!r}. Try [{texts!r}]."
        )
    for index, text in enumerate(texts):
        if not isinstance(text, str | bytes | np.str_ | np.bytes_):
            raise ValueError(
                f"Expected `{name}` to contain str or bytes. Received: "
                f"{name}[{index}]={text!r}, {type(text).__name__}. Convert it, "
                "or drop examples without text."
            )


def _first_surrogate(texts) -> int:
    return next(
        index
        for index, text in enumerate(texts)
        if any("\ud800" <= character <= "\udfff" for character in str(text))
    )


def _check_pairs(texts: tf.Tensor, texts_b: tf.Tensor) -> None:
    if texts.shape.is_compatible_with(texts_b.shape):
        return
    raise ValueError(
        "Expected as many `texts_b` as `texts`. Received: "
        f"{texts.shape[0]} texts, {texts_b.shape[0]} texts_b. Give one of "
        "each for every pair."
    )
