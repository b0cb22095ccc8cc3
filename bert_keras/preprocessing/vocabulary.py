"""The pieces a model knows, in the order of their ids."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from bert_keras.config import TokenizerConfig
from bert_keras.contract import CONTINUATION_PREFIX


class Vocabulary:
    """An immutable list of pieces; a piece's position is its id.

    Args:
        pieces: Distinct strings; one that starts with `##` continues a word.
        config: Names the special tokens, which must be among the pieces.

    Attributes:
        pieces: The pieces, a tuple of strings.
        config: The configuration.

    Raises:
        ValueError: If a piece occurs twice or a special token is missing.

    Example:
        >>> pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "play"]
        >>> vocabulary = Vocabulary(pieces)
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
        self._ids = {piece: i for i, piece in enumerate(self._tokens)}
        _check(self._tokens, self._ids, config, source="vocabulary")

    @classmethod
    def from_file(
        cls,
        path: str | Path,
        config: TokenizerConfig = TokenizerConfig(),  # noqa: B008 (frozen)
    ) -> "Vocabulary":
        r"""Reads a `vocab.txt`: UTF-8, a piece a line.

        Only the line ending (`\n` or `\r\n`) is taken off. Pieces which other
        readers take for white space or line ends, such as U+2028 in BERT's
        Chinese vocabulary, are pieces.

        Raises:
            ValueError: If the file is empty, not text, or not a vocabulary;
                the message names the file and the line.
        """
        pieces = _read_pieces(Path(path))
        ids = {piece: i for i, piece in enumerate(pieces)}
        _check(pieces, ids, config, source=str(path))
        return cls(pieces, config)

    def save(self, path: str | Path) -> None:
        """Writes a `vocab.txt`; the file is there in full or not at all."""
        path = Path(path)
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        unfinished.write_bytes(self._to_bytes())
        os.replace(unfinished, path)

    @property
    def tokens(self) -> tuple[str, ...]:
        """The pieces in the order of their ids."""
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
        """Id of the piece for words that cannot be spelled."""
        return self._ids[self._config.unk_token]

    @property
    def sep_id(self) -> int:
        """Id of the piece that ends a segment."""
        return self._ids[self._config.sep_token]

    @property
    def pad_id(self) -> int:
        """Id of the piece that fills rows."""
        return self._ids[self._config.pad_token]

    @property
    def cls_id(self) -> int:
        """Id of the piece that starts a sequence."""
        return self._ids[self._config.cls_token]

    @property
    def mask_id(self) -> int:
        """Id of the piece that stands for a masked one."""
        return self._ids[self._config.mask_token]

    @property
    def digest(self) -> str:
        """SHA-256 of the file that `save` writes, in hexadecimal."""
        return hashlib.sha256(self._to_bytes()).hexdigest()

    def id_of(self, piece: str) -> int:
        """Returns the id of a piece, or of the unknown piece."""
        return self._ids.get(piece, self.unk_id)

    def __len__(self) -> int:
        return len(self._tokens)

    def __contains__(self, piece: str) -> bool:
        return piece in self._ids

    def __eq__(self, other) -> bool:
        if not isinstance(other, Vocabulary):
            return NotImplemented
        return (self._tokens, self._config) == (other._tokens, other._config)

    def __hash__(self) -> int:
        return hash((self._tokens, self._config))

    def __repr__(self) -> str:
        return f"Vocabulary({len(self)} pieces)"

    def _to_bytes(self) -> bytes:
        return "".join(f"{piece}\n" for piece in self._tokens).encode()


def _read_pieces(path: Path) -> tuple[str, ...]:
    data = path.read_bytes()
    if not data.strip():
        raise ValueError(
            f"{path}: Expected a vocabulary, one piece a line. Received an "
            "empty file. Copy it again from where the model came from."
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(
            f"{path}, line {line}: Expected UTF-8 text, one piece a line. "
            f"Received byte 0x{data[error.start]:02x}. Give the model's "
            "vocab.txt, not its weights or an archive."
        ) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ValueError(
            f"{path}, line {line}: Expected text, one piece a line. Received "
            "a NUL byte. Give the model's vocab.txt, not a binary file."
        )
    # Not `splitlines`, which also ends lines at U+2028 and others.
    lines = text.removesuffix("\n").split("\n")
    return tuple(line.removesuffix("\r") for line in lines)


def _check(
    pieces: tuple[str, ...],
    ids: dict[str, int],
    config: TokenizerConfig,
    source: str,
) -> None:
    if len(ids) < len(pieces):
        seen: dict[str, int] = {}
        for line, piece in enumerate(pieces, start=1):
            if piece in seen:
                raise ValueError(
                    f"{source}, line {line}: Expected distinct pieces. "
                    f"Received {piece!r}, which is also line {seen[piece]}. "
                    "Ids are line numbers, so rename the line, for example "
                    f"to [unused_{line}]; do not delete it."
                )
            seen[piece] = line
    missing = [token for token in config.special_tokens if token not in ids]
    if missing:
        raise ValueError(
            f"{source}: Expected the special tokens "
            f"{', '.join(config.special_tokens)}. Received {len(pieces)} "
            f"pieces without {', '.join(missing)}; line 1 is {pieces[:1]}. "
            "If the vocabulary calls them otherwise, name them in "
            "TokenizerConfig, for example cls_token='<s>'."
        )
