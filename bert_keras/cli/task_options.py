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
        arguments: Its options, those of `bert_keras.task_specs` of this kind.
        columns: Names of the data's columns by what they hold; `None` for
            those to be found by their names.
    """

    kind: str
    arguments: dict
    columns: dict

    def spec(self):
        """Returns the `TaskSpec`; raises `ValueError` if an option is wrong."""
        from bert_keras.task_specs import SPECS

        return SPECS[self.kind](**self.arguments)


Pooling = Annotated[
    str, typer.Option(help="How tokens are pooled: cls, mean or max.")
]
Windows = Annotated[
    str,
    typer.Option(
        help="Texts longer than a sequence: first truncates them; mean, max "
        "or attention read them in windows and pool the windows' vectors."
    ),
]
Stride = Annotated[
    int | None,
    typer.Option(
        help="Tokens from one window to the next; default: no overlap."
    ),
]
MaxWindows = Annotated[
    int | None,
    typer.Option(help="Maximum windows per text; default: no limit."),
]


def classifier(
    labels: Annotated[
        str | None,
        typer.Option(help="Comma-separated; default: learned from the data."),
    ] = None,
    multi_label: Annotated[
        bool,
        typer.Option(
            "--multi-label", help="Several labels per text, joined by '|'."
        ),
    ] = False,
    balance: Annotated[
        str | None,
        typer.Option(help="weights or sampling, for imbalanced classes."),
    ] = None,
    label_smoothing: Annotated[
        float,
        typer.Option(help="Share of each target spread over all classes."),
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
        typer.Option(help="Comma-separated; default: learned from the data."),
    ] = None,
    crf: Annotated[
        bool,
        typer.Option("--crf", help="Also learn which tag follows which."),
    ] = False,
    text_column: TextColumn = None,
    label_column: LabelColumn = None,
    bad_rows: BadRows = None,
):
    """Train a tagger: entities of a text, or arguments of a predicate."""
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
        typer.Option(
            help="cls, mean or max; default: as the encoder's files say."
        ),
    ] = None,
    objective: Annotated[
        str,
        typer.Option(
            help="scores: pairs with a similarity score. positives: pairs "
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
    """Train an embedder: similar texts get similar vectors."""
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
            help="Give no answer above this no_answer_score; default: the "
            "best on --dev."
        ),
    ] = None,
    stride: Annotated[
        int | None,
        typer.Option(
            help="Tokens from one window to the next; default: a third of a "
            "window."
        ),
    ] = None,
    max_query_length: Annotated[
        int, typer.Option(help="Maximum tokens of a question; the rest is cut.")
    ] = 64,
    max_answer_length: Annotated[
        int, typer.Option(help="Maximum tokens of an answer.")
    ] = 30,
    text_column: TextColumn = None,
    text_b_column: TextBColumn = None,
    label_column: LabelColumn = None,
    bad_rows: BadRows = None,
):
    """Train a question answerer: each answer is a span of a context.

    Contexts may have any length: windows of --max-length tokens, by default
    384, slide over them.
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
        float, typer.Option(help="Share of the tokens that are masked.")
    ] = 0.15,
    whole_words: Annotated[
        bool,
        typer.Option("--whole-words/--single-tokens", help="What is masked."),
    ] = True,
    join_lines: Annotated[
        bool,
        typer.Option(
            "--join-lines/--single-lines",
            help="What makes a sequence: as many lines of a document as "
            "fit, or each line.",
        ),
    ] = True,
    k: Annotated[
        int, typer.Option(min=1, help="Tokens to suggest for each [MASK].")
    ] = 5,
    text_column: TextColumn = None,
):
    """Train a masked language model: adapt an encoder to running text.

    A .txt file has a sentence or a paragraph per line, and blank lines between
    documents; in a table, each row is a document.
    """
    options = {
        "mask_rate": mask_rate,
        "whole_words": whole_words,
        "join_lines": join_lines,
        "k": k,
    }
    return TaskOptions("masked-lm", options, {"text": text_column})


TASKS = (classifier, regressor, tagger, embedder, qa, masked_lm)
