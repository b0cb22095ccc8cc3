"""Metrics as a table for the terminal, for the caller to print."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bert_keras.metrics.long_texts import LONG_TEXTS, long_texts_line
from bert_keras.metrics.names import words
from bert_keras.printable import printable

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

_PER_CLASS = "per_class"
_COUNT = "examples"
_BOLD = 3
# Groups of examples that are evaluated separately.
_GROUPS = {"by_length": "length of the text", "by_type": "type of answer"}


def report(
    metrics: dict,
    labels: Sequence[str] = (),
    *,
    sort: str = "f1",
    limit: int = 15,
) -> "RenderableType":
    """Returns a summary line and, for a classifier, a row for each label.

    Groups of examples, such as `by_length`, get a table of their own. If texts
    were longer than a sequence, a line says what happened to them.

    The labels with the lowest F1 are bold. If there are more labels than
    `limit`, only the worst are shown, and a line says so. Labels without
    examples, for which the model is not to blame, come last and are dimmed.

    Args:
        metrics: Result of `classification_metrics`, `multi_label_metrics` or
            `regression_metrics`.
        labels: Labels to show, in this order; all of them if empty.
        sort: `"f1"`, the worst first, or `"label"`, the order of `labels`.
        limit: Maximum number of rows.

    Raises:
        ValueError: If `sort` or a label is unknown.

    Example:
        >>> import rich
        >>> rich.print(report({"examples": 2, "pearson": 0.5, "mae": 1.0}))
        2 examples · Pearson 0.500 · MAE 1.000
    """
    from rich.console import Group
    from rich.text import Text

    if sort not in ("f1", "label"):
        raise ValueError(
            f"Expected `sort` to be 'f1' or 'label'. Received: sort={sort!r}"
        )
    parts: list[RenderableType] = [Text(_summary(metrics))]
    if _PER_CLASS in metrics:
        rows = _select(metrics[_PER_CLASS], labels)
        shown = _order(rows, sort, limit)
        parts.append(_table(rows, shown))
        if len(shown) < len(rows):
            note = f"The worst {len(shown)} of {len(rows)} labels by F1."
            parts.append(Text(note, style="italic"))
    parts += [
        _group_table(heading, metrics[name])
        for name, heading in _GROUPS.items()
        if name in metrics
    ]
    if line := long_texts_line(metrics.get(LONG_TEXTS, {})):
        parts.append(Text(line))
    return Group(*parts)


def _group_table(heading: str, groups: dict[str, dict]) -> "Table":
    """Returns a row for each group and a column for each metric."""
    from rich.table import Table
    from rich.text import Text

    names = list(next(iter(groups.values())))
    table = Table(heading)
    for name in names:
        table.add_column(words(name), justify="right")
    for group, row in groups.items():
        cells = [
            f"{row[name]:.3f}"
            if isinstance(row[name], float)
            else f"{row[name]:,}"
            for name in names
        ]
        table.add_row(Text(printable(group)), *cells)
    return table


def _summary(metrics: dict) -> str:
    scalars = [
        f"{words(name)} {value:.3f}"
        for name, value in metrics.items()
        if isinstance(value, float)
    ]
    if _COUNT in metrics:
        scalars.insert(0, f"{metrics[_COUNT]:,} examples")
    return " · ".join(scalars)


def _select(
    per_class: dict[str, dict], labels: Sequence[str]
) -> dict[str, dict]:
    unknown = [label for label in labels if label not in per_class]
    if unknown:
        raise ValueError(
            f"Expected labels among {', '.join(per_class)}. "
            f"Received: {', '.join(unknown)}"
        )
    return {label: per_class[label] for label in labels or per_class}


def _worst_first(rows: dict[str, dict]) -> list[str]:
    return sorted(
        rows, key=lambda label: (not rows[label]["support"], rows[label]["f1"])
    )


def _order(rows: dict[str, dict], sort: str, limit: int) -> list[str]:
    worst = _worst_first(rows)[:limit]
    if sort == "f1":
        return worst
    return [label for label in rows if label in worst]


def _table(rows: dict[str, dict], shown: list[str]) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table()
    table.add_column("label", overflow="fold")
    for heading in ("precision", "recall", "F1", "examples"):
        table.add_column(heading, justify="right")
    # At most half of the labels are bold, or it would not stand out.
    bold = _worst_first(rows)[: min(_BOLD, len(rows) // 2)]
    for label in shown:
        row = rows[label]
        numbers = [f"{row[name]:.3f}" for name in ("precision", "recall", "f1")]
        style = "bold" if label in bold else ""
        # `Text`, because rich would interpret markup in a label.
        table.add_row(
            Text(printable(label)),
            *numbers,
            f"{row['support']:,}",
            style=style if row["support"] else "dim",
        )
    return table
