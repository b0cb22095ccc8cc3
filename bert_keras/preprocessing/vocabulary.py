"""The tokens a model knows, in the order of their ids."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from bert_keras.config import TokenizerConfig
from bert_keras.contract import CONTINUATION_PREFIX


class Vocabulary:
    """An immutable list of tokens; a token's index is its id.

    Args:
        tokens: Distinct strings; one that starts with `##` continues a word.
        config: Names the special tokens, which must be among the tokens.

    Attributes:
        tokens: The tokens, a tuple of strings.
        config: The configuration.

    Raises:
        ValueError: If a token occurs twice or a special token is missing.

    Example:
        >>> tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "play"]
        >>> vocabulary = Vocabulary(tokens)
        >>> len(vocabulary), vocabulary.cls_id, vocabulary.id_of("play")
        (6, 2, 5)
    """

    def __init__(
        self,
        tokens: Iterable[str],
        config: TokenizerConfig = TokenizerConfig(),  # noqa: B008 (frozen)
    ):
        self._tokens = tuple(tokens)
        self._config = config
        self._ids = {token: i for i, token in enumerate(self._tokens)}
        _check(self._tokens, self._ids, config, source="vocabulary")

    @classmethod
    def from_file(
        cls,
        path: str | Path,
        config: TokenizerConfig = TokenizerConfig(),  # noqa: B008 (frozen)
    ) -> "Vocabulary":
        r"""Reads a `vocab.txt`: UTF-8, one token per line.

        Only the line ending (`\n` or `\r\n`) is removed. A token that other
        readers treat as white space or as a line ending, such as U+2028 in
        BERT's Chinese vocabulary, is kept.

        Args:
            path: The file.
            config: Names the special tokens, which the file must contain.

        Raises:
            ValueError: If the file is empty, not text, or not a vocabulary;
                the message names the file and the line.
        """
        tokens = _read_tokens(Path(path))
        ids = {token: i for i, token in enumerate(tokens)}
        _check(tokens, ids, config, source=str(path))
        return cls(tokens, config)

    def save(self, path: str | Path) -> None:
        """Writes a `vocab.txt`, complete or not at all."""
        path = Path(path)
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        unfinished.write_bytes(self._to_bytes())
        os.replace(unfinished, path)

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens in the order of their ids."""
        return self._tokens

    @property
    def begins_word(self) -> np.ndarray:
        """Whether each token begins a word, by id, bool [tokens]."""
        return np.array(
            [not t.startswith(CONTINUATION_PREFIX) for t in self._tokens]
        )

    @property
    def config(self) -> TokenizerConfig:
        """The configuration that names the special tokens."""
        return self._config

    @property
    def unk_id(self) -> int:
        """Id of the token for words that cannot be spelled."""
        return self._ids[self._config.unk_token]

    @property
    def sep_id(self) -> int:
        """Id of the token that ends a segment."""
        return self._ids[self._config.sep_token]

    @property
    def pad_id(self) -> int:
        """Id of the token that pads a sequence."""
        return self._ids[self._config.pad_token]

    @property
    def cls_id(self) -> int:
        """Id of the token that starts a sequence."""
        return self._ids[self._config.cls_token]

    @property
    def mask_id(self) -> int:
        """Id of the token that replaces a masked one."""
        return self._ids[self._config.mask_token]

    @property
    def digest(self) -> str:
        """SHA-256 of the file that `save` writes, in hexadecimal."""
        return hashlib.sha256(self._to_bytes()).hexdigest()

    def id_of(self, token: str) -> int:
        """Returns the id of a token, or `unk_id` if it is not known."""
        return self._ids.get(token, self.unk_id)

    def __len__(self) -> int:
        return len(self._tokens)

    def __contains__(self, token: str) -> bool:
        return token in self._ids

    def __eq__(self, other) -> bool:
        if not isinstance(other, Vocabulary):
            return NotImplemented
        return (self._tokens, self._config) == (other._tokens, other._config)

    def __hash__(self) -> int:
        return hash((self._tokens, self._config))

    def __repr__(self) -> str:
        return f"Vocabulary({len(self)} tokens)"

    def _to_bytes(self) -> bytes:
        return "".join(f"{token}\n" for token in self._tokens).encode()


def _read_tokens(path: Path) -> tuple[str, ...]:
    data = path.read_bytes()
    if not data.strip():
        raise ValueError(
            f"{path}: Expected a vocabulary, one token per line. Received an "
            "empty file. Copy it again from where the model came from."
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(
            f"{path}, line {line}: Expected UTF-8 text, one token per line. "
            f"Received byte 0x{data[error.start]:02x}. Give the model's "
            "vocab.txt, not its weights or an archive."
        ) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ValueError(
            f"{path}, line {line}: Expected text, one token per line. "
            "Received a NUL byte. Give the model's vocab.txt, not a binary "
            "file."
        )
    # Not `splitlines`, which also splits at U+2028 and others.
    lines = text.removesuffix("\n").split("\n")
    return tuple(line.removesuffix("\r") for line in lines)


def _check(
    tokens: tuple[str, ...],
    ids: dict[str, int],
    config: TokenizerConfig,
    source: str,
) -> None:
    if len(ids) < len(tokens):
        seen: dict[str, int] = {}
        for line, token in enumerate(tokens, start=1):
            if token in seen:
                raise ValueError(
                    f"{source}, line {line}: Expected distinct tokens. "
                    f"Received {token!r}, which is also line {seen[token]}. "
                    "Ids are line numbers, so rename the line, for example "
                    f"to [unused_{line}]; do not delete it."
                )
            seen[token] = line
    missing = [token for token in config.special_tokens if token not in ids]
    if missing:
        raise ValueError(
            f"{source}: Expected the special tokens "
            f"{', '.join(config.special_tokens)}. Received {len(tokens)} "
            f"tokens without {', '.join(missing)}; line 1 is {tokens[:1]}. "
            "If the vocabulary has other names for them, set these in "
            "TokenizerConfig, for example cls_token='<s>'."
        )
