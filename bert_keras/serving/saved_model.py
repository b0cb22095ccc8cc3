"""Predictions of an exported SavedModel, using nothing but TensorFlow.

This file imports nothing from the project. The command line uses it as a
module; as a program it proves that an export needs no model code:

    python -I saved_model.py VERSION_FOLDER "a text" "another text"
    python -I saved_model.py VERSION_FOLDER < rows.jsonl

Rows are JSON objects of input names and texts; bytes that are not UTF-8 are
written as `{"b64": "..."}`, as in TF Serving's REST API. Each prediction is
one line of JSON.
"""

import argparse
import base64
import io
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SIGNATURE = "serving_default"
BATCH_SIZE = 32
_ENTITY = "entity_"


class ServedModel:
    """An exported version, loaded for prediction.

    Args:
        folder: Folder of the version, which contains `saved_model.pb`.

    Raises:
        ValueError: If it contains no SavedModel with the serving signature.

    Example:
        >>> model = ServedModel("saved_models/quickstart/1")
        >>> model.answer([{"text": "When will my order arrive?"}])[0]["label"]
        'order_status'
    """

    def __init__(self, folder: str | Path):
        if not (Path(folder) / "saved_model.pb").is_file():
            raise ValueError(
                "Expected the folder of an exported version, which contains "
                f"saved_model.pb. Received: {folder}"
            )
        import tensorflow as tf
        import tensorflow_text  # noqa: F401  (registers the tokenizer's ops)

        self._tf = tf
        self._model = tf.saved_model.load(str(folder))
        if SIGNATURE not in self._model.signatures:
            raise ValueError(
                f"Expected a SavedModel with the signature {SIGNATURE!r}. "
                f"Received: {', '.join(self._model.signatures) or 'none'}"
            )
        self._signature = self._model.signatures[SIGNATURE]
        self._specs = self._signature.structured_input_signature[1]
        self.inputs = tuple(sorted(self._specs))

    def outputs(self, columns: Mapping[str, Sequence]) -> dict[str, Any]:
        """Predicts any number of rows, in batches.

        Args:
            columns: Texts by input name, str or bytes [rows].

        Returns:
            NumPy arrays by output name, each [rows, ...].

        Raises:
            ValueError: If the inputs are not those of the signature.
        """
        if sorted(columns) != sorted(self.inputs):
            raise ValueError(
                f"Expected {' and '.join(self.inputs)}. Received: "
                f"{' and '.join(columns) or 'nothing'}"
            )
        tensors = {
            name: self._tf.constant(list(columns[name]), spec.dtype)
            for name, spec in self._specs.items()
        }
        rows = len(next(iter(columns.values())))
        parts = []
        for start in range(0, rows, BATCH_SIZE):
            outputs = self._signature(
                **{
                    name: values[start : start + BATCH_SIZE]
                    for name, values in tensors.items()
                }
            )
            parts.append({name: t.numpy() for name, t in outputs.items()})
        return join_batches(parts)

    def answer(self, rows: Sequence[dict]) -> list[dict]:
        """Predicts rows.

        Args:
            rows: Dicts of texts by input name.

        Returns:
            A dict of outputs for each row; see `answer_rows`.

        Raises:
            ValueError: If a row's names are not those of the signature.
        """
        for number, row in enumerate(rows, 1):
            if tuple(sorted(row)) != self.inputs:
                raise ValueError(
                    f"Expected rows of {', '.join(self.inputs)}. Received in "
                    f"row {number}: {', '.join(row) or 'nothing'}"
                )
        if not rows:
            return []
        return answer_rows(
            self.outputs(
                {name: [row[name] for row in rows] for name in self.inputs}
            )
        )


def join_batches(parts: Sequence[dict]) -> dict:
    """Concatenates the outputs of several batches.

    Outputs of variable length, such as the entities of a text, are padded as
    in the signatures: with "", -1 or 0.0.

    Args:
        parts: NumPy arrays by output name, each [batch, ...].

    Returns:
        NumPy arrays by output name, each [rows, ...].
    """
    return {name: _join([part[name] for part in parts]) for name in parts[0]}


def _join(arrays: list):
    import numpy as np

    shapes = [array.shape[1:] for array in arrays]
    largest = tuple(max(sizes) for sizes in zip(*shapes, strict=True))
    kind = arrays[0].dtype.kind
    fill = b"" if kind == "O" else 0.0 if kind == "f" else -1
    filled = [
        np.pad(
            array,
            [(0, 0)]
            + [
                (0, most - size)
                for most, size in zip(largest, array.shape[1:], strict=True)
            ],
            constant_values=fill,
        )
        for array in arrays
    ]
    return np.concatenate(filled)


def answer_rows(outputs: dict) -> list[dict]:
    """Turns outputs into one dict per row, ready for JSON.

    `classes` and `scores` become a dict of scores by label; outputs whose
    names begin with `entity_` become `entities`, a list of dicts; `answers`
    become dicts too, and `tokens` become `masks`.

    Args:
        outputs: NumPy arrays by output name, each [rows, ...].

    Example:
        >>> answer_rows({"label": np.array([b"yes"]), "score": np.array([0.5])})
        [{'label': 'yes', 'score': 0.5}]
    """
    names = sorted(outputs)
    columns = [_plain(outputs[name].tolist()) for name in names]
    rows = [
        dict(zip(names, values, strict=True))
        for values in zip(*columns, strict=True)
    ]
    for row in rows:
        if "classes" in row:
            classes = row.pop("classes")
            row["scores"] = dict(zip(classes, row["scores"], strict=True))
        if f"{_ENTITY}count" in row:
            row["entities"] = _entities(row)
        if "answers" in row:
            row["answers"] = _answers(row)
        if "tokens" in row:
            row["masks"] = _masks(row)
    return rows


def _entities(row: dict) -> list[dict]:
    """Removes the entities from a row and returns them without padding."""
    count = row.pop(f"{_ENTITY}count")
    columns = {
        name.removeprefix(_ENTITY): row.pop(name)[:count]
        for name in list(row)
        if name.startswith(_ENTITY)
    }
    return [
        dict(zip(columns, values, strict=True))
        for values in zip(*columns.values(), strict=True)
    ]


def _answers(row: dict) -> list[dict]:
    """Removes the answers from a row and returns them without padding."""
    columns = [row["answers"]]
    columns += [row.pop(name) for name in ("scores", "starts", "ends")]
    return [
        {"answer": answer, "score": score, "start": start, "end": end}
        for answer, score, start, end in zip(*columns, strict=True)
        if start >= 0
    ]


def _masks(row: dict) -> list[dict]:
    """Removes the mask predictions from a row, returns them unpadded."""
    names = {"tokens": "token", "scores": "score", "sequences": "sequence"}
    columns = [row.pop(name) for name in names]
    return [
        {
            "start": start,
            "end": end,
            "guesses": [
                dict(zip(names.values(), guess, strict=True))
                for guess in zip(*guesses, strict=True)
            ],
        }
        for start, end, *guesses in zip(
            row.pop("starts"), row.pop("ends"), *columns, strict=True
        )
        if start >= 0
    ]


def _plain(values):
    if isinstance(values, list):
        return [_plain(value) for value in values]
    return values.decode() if isinstance(values, bytes) else values


def _text(value) -> str | bytes:
    if isinstance(value, dict):
        return base64.b64decode(value["b64"])
    return value


def main() -> None:
    """Predicts texts given as arguments, or rows of JSON on stdin."""
    # Makes importing the project fail: an export needs no model code. None is
    # how Python marks such a module; its stubs leave that out.
    sys.modules["bert_keras"] = None  # pyright: ignore[reportArgumentType]
    summary = (__doc__ or "").partition("\n")[0]
    parser = argparse.ArgumentParser(description=summary)
    parser.add_argument("folder", help="version folder of a SavedModel")
    parser.add_argument(
        "texts", nargs="*", help="texts; by default rows of JSON from stdin"
    )
    options = parser.parse_args()
    model = ServedModel(options.folder)
    if options.texts:
        rows = [{model.inputs[0]: text} for text in options.texts]
    else:
        rows = [
            {name: _text(value) for name, value in json.loads(line).items()}
            for line in sys.stdin
        ]
    for answer in model.answer(rows):
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    main()
