"""An index: texts and their vectors on disk, to be searched by meaning.

index.json     how many texts, how wide, which model made the vectors
texts.jsonl    a JSON string a line
vectors.f32    float32 [texts, width], at unit length, little endian
"""

import dataclasses
import json
import shutil
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from bert_keras.postprocessing.nearest import nearest

_ABOUT, _TEXTS, _VECTORS = "index.json", "texts.jsonl", "vectors.f32"
_SHORTEST = 1e-12  # of a vector that is scaled to unit length


@dataclasses.dataclass(frozen=True)
class TextIndex:
    """Texts with vectors of unit length.

    Attributes:
        model: Which model made the vectors: its folder.
        texts: In the order of the vectors.
        vectors: float32 [texts, width], read from disk as they are needed.
    """

    model: str
    texts: Sequence[str]
    vectors: np.ndarray

    @classmethod
    def open(cls, folder: str | Path) -> "TextIndex":
        """Opens what `write_index` wrote.

        Raises:
            ValueError: If the folder holds no index, or half of one.
        """
        folder = Path(folder)
        if not (folder / _ABOUT).is_file():
            raise ValueError(
                f"Expected the folder of an index, with {_ABOUT} in it. "
                f"Received: {folder}. Make one with: bert-keras index"
            )
        about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        lines = (folder / _TEXTS).read_text(encoding="utf-8").splitlines()
        shape = (about["texts"], about["width"])
        size = (folder / _VECTORS).stat().st_size
        if len(lines) != shape[0] or size != 4 * shape[0] * shape[1]:
            raise ValueError(
                f"{folder}: Expected {shape[0]:,} texts with {shape[1]} "
                f"numbers each. Received: {len(lines):,} texts, {size:,} bytes "
                "of vectors. Make the index anew."
            )
        vectors = np.memmap(folder / _VECTORS, "<f4", "r", shape=shape)
        return cls(
            about["model"], [json.loads(line) for line in lines], vectors
        )

    def search(self, vectors: np.ndarray, count: int = 10) -> list[list[dict]]:
        """Finds the texts that are nearest to some vectors.

        Args:
            vectors: Of the queries, float [queries, width], of any length.
            count: Texts to find for each.

        Returns:
            For each query, dicts of `text`, `score` (the cosine) and `index`
            (the text's place, from 0), the nearest first.
        """
        places, cosines = nearest(_unit(vectors), self.vectors, count)
        return [
            [
                {"text": self.texts[i], "score": float(score), "index": int(i)}
                for i, score in zip(*row, strict=True)
            ]
            for row in zip(places, cosines, strict=True)
        ]


def write_index(
    folder: str | Path,
    parts: Iterable[tuple[Sequence[str], np.ndarray]],
    *,
    model: str,
) -> int:
    """Writes an index, complete or not at all.

    Args:
        folder: Must not exist, or be empty.
        parts: Some texts with their vectors, float [texts, width], at a time.
        model: Which model made the vectors.

    Returns:
        How many texts it holds.

    Raises:
        ValueError: If there is something in the folder, or no text.
    """
    folder = Path(folder)
    if folder.exists() and any(folder.iterdir()):
        raise ValueError(
            f"Expected a new folder for the index. Received: {folder}, which "
            "holds files. Choose another, or remove it."
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}")
    unfinished.mkdir()
    try:
        count = _write(unfinished, parts, model)
        unfinished.rename(folder)
    except OSError as error:
        # A failed write names no file by itself.
        if error.errno and not error.filename:
            error.filename = str(folder)
        raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return count


def _write(folder: Path, parts, model: str) -> int:
    count, width = 0, 0
    with (
        (folder / _TEXTS).open("w", encoding="utf-8") as texts_file,
        (folder / _VECTORS).open("wb") as vectors_file,
    ):
        for texts, vectors in parts:
            texts_file.writelines(json.dumps(text) + "\n" for text in texts)
            vectors_file.write(_unit(vectors).astype("<f4").tobytes())
            count, width = count + len(texts), vectors.shape[1]
    if not count:
        raise ValueError("Expected texts to index. Received none.")
    about = {"texts": count, "width": width, "model": model}
    (folder / _ABOUT).write_text(json.dumps(about, indent=2) + "\n")
    return count


def _unit(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, _SHORTEST)
