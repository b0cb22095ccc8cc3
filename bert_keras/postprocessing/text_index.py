"""An index on disk for semantic search: texts and their vectors.

index.json     number of texts, width of the vectors, the model they are from
texts.jsonl    one JSON string per line
vectors.f32    float32 [texts, width], of unit length, little endian
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
_MIN_NORM = 1e-12  # shorter vectors are not scaled to unit length


@dataclasses.dataclass(frozen=True)
class TextIndex:
    """Texts with vectors of unit length.

    Attributes:
        model: Folder of the model that the vectors are from.
        texts: The texts, in the order of the vectors.
        vectors: float32 [texts, width], read from disk on demand.
    """

    model: str
    texts: Sequence[str]
    vectors: np.ndarray

    @classmethod
    def open(cls, folder: str | Path) -> "TextIndex":
        """Opens an index that `write_index` wrote.

        Raises:
            ValueError: If the folder has no index, or an incomplete one.
        """
        folder = Path(folder)
        if not (folder / _ABOUT).is_file():
            raise ValueError(
                f"Expected the folder of an index, which contains {_ABOUT}. "
                f"Received: {folder}. Create one with: bert-keras index"
            )
        about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        lines = (folder / _TEXTS).read_text(encoding="utf-8").splitlines()
        shape = (about["texts"], about["width"])
        size = (folder / _VECTORS).stat().st_size
        if len(lines) != shape[0] or size != 4 * shape[0] * shape[1]:
            raise ValueError(
                f"{folder}: Expected {shape[0]:,} texts with {shape[1]} "
                f"numbers each. Received: {len(lines):,} texts, {size:,} bytes "
                "of vectors. Create the index again."
            )
        vectors = np.memmap(folder / _VECTORS, "<f4", "r", shape=shape)
        return cls(
            about["model"], [json.loads(line) for line in lines], vectors
        )

    def search(self, vectors: np.ndarray, top_k: int = 10) -> list[list[dict]]:
        """Finds the texts that are most similar to queries.

        Args:
            vectors: Vectors of the queries, float [queries, width]; they need
                not have unit length.
            top_k: Maximum number of texts to find for each query.

        Returns:
            For each query, dicts of `text`, `score` (the cosine similarity)
            and `index` (of the text, from 0), the most similar first.
        """
        indices, cosines = nearest(_unit(vectors), self.vectors, top_k)
        return [
            [
                {"text": self.texts[i], "score": float(score), "index": int(i)}
                for i, score in zip(*row, strict=True)
            ]
            for row in zip(indices, cosines, strict=True)
        ]


def write_index(
    folder: str | Path,
    parts: Iterable[tuple[Sequence[str], np.ndarray]],
    *,
    model: str,
) -> int:
    """Writes an index, complete or not at all.

    Args:
        folder: A folder that is empty or does not exist.
        parts: Batches of texts and their vectors, float [texts, width].
        model: Folder of the model that the vectors are from.

    Returns:
        The number of texts in the index.

    Raises:
        ValueError: If the folder is not empty, or there are no texts.
    """
    folder = Path(folder)
    if folder.exists() and any(folder.iterdir()):
        raise ValueError(
            f"Expected a new folder for the index. Received: {folder}, which "
            "is not empty. Choose another one, or remove it."
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}")
    unfinished.mkdir()
    try:
        count = _write(unfinished, parts, model)
        unfinished.rename(folder)
    except OSError as error:
        # The error of a failed write does not name the file.
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
        raise ValueError("Expected at least one text to index. Received none.")
    about = {"texts": count, "width": width, "model": model}
    (folder / _ABOUT).write_text(json.dumps(about, indent=2) + "\n")
    return count


def _unit(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, _MIN_NORM)
