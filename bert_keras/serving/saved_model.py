"""Answers from an exported SavedModel, by nothing but TensorFlow.

This file imports nothing of the project. It is a module for the command line,
and a program that proves that an export needs no model code:

    python -I saved_model.py VERSION_FOLDER "a text" "another text"
    python -I saved_model.py VERSION_FOLDER < rows.jsonl

Rows are JSON objects of input names and texts; bytes that are no UTF-8 stand
as `{"b64": "..."}`, as in TF Serving's REST API. Each answer is a line of
JSON.
"""

import argparse
import base64
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

SIGNATURE = "serving_default"
BATCH_SIZE = 32


class ServedModel:
    """An exported version, open for questions.

    Args:
        folder: The version: the folder that holds `saved_model.pb`.

    Raises:
        ValueError: If it does not hold a SavedModel with this signature.

    Example:
        >>> model = ServedModel("saved_models/quickstart/1")
        >>> model.answer([{"text": "When will my order arrive?"}])[0]["label"]
        'order_status'
    """

    def __init__(self, folder: str | Path):
        if not (Path(folder) / "saved_model.pb").is_file():
            raise ValueError(
                "Expected the folder of an exported version, with "
                f"saved_model.pb in it. Received: {folder}"
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
        inputs = self._signature.structured_input_signature[1]
        self.inputs = tuple(sorted(inputs))

    def outputs(self, columns: dict[str, Sequence]) -> dict:
        """Asks for one batch.

        Args:
            columns: Texts by input name, str or bytes [batch].

        Returns:
            NumPy arrays by output name, each [batch, ...].
        """
        tensors = {
            name: self._tf.constant(list(texts), self._tf.string)
            for name, texts in columns.items()
        }
        outputs = self._signature(**tensors)
        return {name: values.numpy() for name, values in outputs.items()}

    def answer(self, rows: Sequence[dict]) -> list[dict]:
        """Answers rows, some at a time.

        Args:
            rows: One dict of input names and texts each.

        Returns:
            One dict of outputs each; `classes` and `scores` become one dict
            of scores by label.

        Raises:
            ValueError: If a row has other names than the signature.
        """
        for number, row in enumerate(rows, 1):
            if tuple(sorted(row)) != self.inputs:
                raise ValueError(
                    f"Expected rows of {', '.join(self.inputs)}. Received in "
                    f"row {number}: {', '.join(row) or 'nothing'}"
                )
        answers = []
        for start in range(0, len(rows), BATCH_SIZE):
            batch = rows[start : start + BATCH_SIZE]
            outputs = self.outputs(
                {name: [row[name] for row in batch] for name in self.inputs}
            )
            answers += _rows(outputs)
        return answers


def _rows(outputs: dict) -> list[dict]:
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
    return rows


def _plain(values):
    if isinstance(values, list):
        return [_plain(value) for value in values]
    return values.decode() if isinstance(values, bytes) else values


def _text(value) -> str | bytes:
    if isinstance(value, dict):
        return base64.b64decode(value["b64"])
    return value


def main() -> None:
    """Answers texts of the command line, or rows of JSON on stdin."""
    # Whoever runs this file proves that the export needs no model code.
    sys.modules["bert_keras"] = None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="version folder of a SavedModel")
    parser.add_argument("texts", nargs="*", help="texts; none reads stdin")
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
    sys.stdout.reconfigure(encoding="utf-8")
    main()
