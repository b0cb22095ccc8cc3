"""The options of each task, for every verb that trains."""

import dataclasses
from typing import Annotated

import typer

from bert_keras.cli.options import (
    BadRows,
    LabelColumn,
    TextBColumn,
    TextColumn,
)


@dataclasses.dataclass(frozen=True)
class TaskOptions:
    """A task as the command line describes it.

    Attributes:
        kind: Name of the task.
        options: Its options, those of `bert_keras.task_specs` of this kind.
        columns: Names of the data's columns by what they hold; `None` for
            those to be found.
    """

    kind: str
    options: dict
    columns: dict

    def spec(self):
        """Returns the `TaskSpec`; raises `ValueError` if an option is wrong."""
        from bert_keras.task_specs import SPECS

        return SPECS[self.kind](**self.options)


Pooling = Annotated[str, typer.Option(help="cls, mean or max.")]
Windows = Annotated[
    str,
    typer.Option(
        help="Texts longer than a row: first cuts them; mean, max or "
        "attention read all by windows and pool their vectors."
    ),
]
Stride = Annotated[
    int | None,
    typer.Option(help="Pieces between windows; side by side if absent."),
]
MaxWindows = Annotated[
    int | None,
    typer.Option(help="Windows of a text; the rest is cut. No limit."),
]


def classifier(
    labels: Annotated[
        str | None,
        typer.Option(help="Comma-separated; learned from the data if absent."),
    ] = None,
    multi_label: Annotated[
        bool, typer.Option("--multi-label", help="Labels joined by '|'.")
    ] = False,
    balance: Annotated[
        str | None,
        typer.Option(help="weights or sampling, for uneven classes."),
    ] = None,
    label_smoothing: Annotated[
        float,
        typer.Option(help="Share of a target spread over all classes."),
    ] = 0.0,
    pooling: Pooling = "cls",
    windows: Windows = "first",
    stride: Stride = None,
    max_windows: MaxWindows = None,
    text_column: TextColumn = None,
    text_b_column: TextBColumn = None,
    label_column: LabelColumn = None,
):
    """Train a classifier: texts or pairs, one label or several."""
    options = {
        "labels": None if labels is None else labels.split(","),
        "multi_label": multi_label,
        "balance": balance,
        "label_smoothing": label_smoothing,
        "pooling": pooling,
        "windows": windows,
        "stride": stride,
        "max_windows": max_windows,
    }
    columns = {
        "text": text_column,
        "text_b": text_b_column,
        "label": label_column,
    }
    return TaskOptions("classifier", options, columns)


def regressor(
    pooling: Pooling = "cls",
    windows: Windows = "first",
    stride: Stride = None,
    max_windows: MaxWindows = None,
    text_column: TextColumn = None,
    text_b_column: TextBColumn = None,
    label_column: LabelColumn = None,
):
    """Train a regressor: a number for a text or a pair of texts."""
    options = {
        "pooling": pooling,
        "windows": windows,
        "stride": stride,
        "max_windows": max_windows,
    }
    columns = {
        "text": text_column,
        "text_b": text_b_column,
        "label": label_column,
    }
    return TaskOptions("regressor", options, columns)


def tagger(
    labels: Annotated[
        str | None,
        typer.Option(help="Comma-separated; learned from the data if absent."),
    ] = None,
    crf: Annotated[
        bool,
        typer.Option("--crf", help="Learn which tag follows which as well."),
    ] = False,
    text_column: TextColumn = None,
    label_column: LabelColumn = None,
    bad_rows: BadRows = None,
):
    """Train a tagger: names in a text, or the roles of a predicate."""
    options = {
        "labels": None if labels is None else labels.split(","),
        "crf": crf,
    }
    columns = {
        "text": text_column,
        "label": label_column,
        "bad_rows": bad_rows,
    }
    return TaskOptions("tagger", options, columns)


def embedder(
    pooling: Annotated[
        str | None,
        typer.Option(help="cls, mean or max; what the encoder's folder says."),
    ] = None,
    objective: Annotated[
        str,
        typer.Option(
            help="scores: pairs with a score of likeness. positives: pairs "
            "that mean the same."
        ),
    ] = "scores",
    windows: Windows = "first",
    stride: Stride = None,
    max_windows: MaxWindows = None,
    text_column: TextColumn = None,
    text_b_column: TextBColumn = None,
    label_column: LabelColumn = None,
):
    """Train an embedder: like texts get vectors that are near."""
    options = {
        "objective": objective,
        "windows": windows,
        "stride": stride,
        "max_windows": max_windows,
    }
    if pooling is not None:
        options["pooling"] = pooling
    columns = {
        "text": text_column,
        "text_b": text_b_column,
        "label": label_column,
    }
    return TaskOptions("embedder", options, columns)


def qa(
    threshold: Annotated[
        float | None,
        typer.Option(
            help="No answer above this no_answer_score; the best on --dev."
        ),
    ] = None,
    stride: Annotated[
        int | None,
        typer.Option(help="Pieces between windows; a third of a window."),
    ] = None,
    max_query_length: Annotated[
        int, typer.Option(help="Pieces of a question; the rest is cut.")
    ] = 64,
    max_answer_length: Annotated[
        int, typer.Option(help="Pieces of an answer at most.")
    ] = 30,
    text_column: TextColumn = None,
    text_b_column: TextBColumn = None,
    label_column: LabelColumn = None,
    bad_rows: BadRows = None,
):
    """Train a question answerer: answers are cut from a text.

    The text may be of any length; a window has --max-length 384 pieces.
    Columns: --text-column the question, --text-b-column the context,
    --label-column the answers.
    """
    options = {
        "threshold": threshold,
        "stride": stride,
        "max_query_length": max_query_length,
        "max_answer_length": max_answer_length,
    }
    columns = {
        "question": text_column,
        "context": text_b_column,
        "answer": label_column,
        "bad_rows": bad_rows,
    }
    return TaskOptions("qa", options, columns)


def masked_lm(
    mask_rate: Annotated[
        float, typer.Option(help="Share of the pieces that are masked.")
    ] = 0.15,
    whole_words: Annotated[
        bool, typer.Option("--whole-words/--pieces", help="What is masked.")
    ] = True,
    join_lines: Annotated[
        bool,
        typer.Option(
            "--join-lines/--single-lines",
            help="What makes a row: lines of a document, or each line.",
        ),
    ] = True,
    k: Annotated[
        int, typer.Option(min=1, help="Pieces to give for each [MASK].")
    ] = 5,
    text_column: TextColumn = None,
):
    """Train a masked language model: fit an encoder to running text.

    A .txt file has a sentence or a paragraph a line, blank lines between
    documents; each row of a table is a document.
    """
    options = {
        "mask_rate": mask_rate,
        "whole_words": whole_words,
        "join_lines": join_lines,
        "k": k,
    }
    return TaskOptions("masked-lm", options, {"text": text_column})


TASKS = (classifier, regressor, tagger, embedder, qa, masked_lm)
