import io

import pytest
from rich.console import Console
from rich.text import Text

from bert_keras.metrics import (
    classification_metrics,
    regression_metrics,
    report,
)


def render(renderable) -> str:
    console = Console(file=io.StringIO(), width=160)
    console.print(renderable)
    return console.file.getvalue()


def metrics_of(f1: dict[str, float], support: int = 10) -> dict:
    return {
        "examples": 1000,
        "accuracy": 0.5,
        "per_class": {
            label: {
                "precision": 0.5,
                "recall": 0.5,
                "f1": value,
                "support": support,
            }
            for label, value in f1.items()
        },
    }


def rows_of(text: str) -> list[str]:
    return [line.split()[1] for line in text.splitlines() if "│" in line]


def test_regression_is_one_line():
    text = render(report(regression_metrics([1, 2, 3], [1, 2, 5])))
    assert text.strip() == (
        "3 examples · Pearson 0.961 · Spearman 1.000 · MSE 1.333 · "
        "MAE 0.667 · R² -1.000"
    )


def test_classifier_has_a_row_for_each_label():
    scores = [[0.9, 0.1], [0.4, 0.6], [0.8, 0.2]]
    metrics = classification_metrics([0, 1, 1], scores, ["bad", "good"])
    text = render(report(metrics, ["bad", "good"]))
    assert text.startswith("3 examples · accuracy 0.667 · macro F1 0.667")
    assert rows_of(text) == ["bad", "good"]


def test_worst_come_first_or_the_order_of_the_labels():
    metrics = metrics_of({"x": 0.9, "y": 0.1, "z": 0.5})
    assert rows_of(render(report(metrics))) == ["y", "z", "x"]
    assert rows_of(render(report(metrics, sort="label"))) == ["x", "y", "z"]
    assert rows_of(render(report(metrics, ["z", "x"]))) == ["z", "x"]


def test_many_labels_show_the_worst_and_say_so():
    metrics = metrics_of({f"c{n:02}": n / 77 for n in range(77)})
    for sort in ("f1", "label"):
        text = render(report(metrics, sort=sort))
        assert rows_of(text) == [f"c{n:02}" for n in range(15)]
        assert "The worst 15 of 77 labels by F1." in text


def test_worst_rows_are_bold():
    metrics = metrics_of({"x": 0.9, "y": 0.1})
    table = report(metrics).renderables[1]
    assert [row.style for row in table.rows] == ["bold", ""]


def test_label_without_examples_is_dim_and_last():
    metrics = metrics_of({"x": 0.9, "y": 0.4, "none": 0.0})
    metrics["per_class"]["none"]["support"] = 0
    table = report(metrics).renderables[1]
    assert rows_of(render(table)) == ["y", "x", "none"]
    assert [row.style for row in table.rows] == ["bold", "", "dim"]


def test_markup_in_a_label_is_text():
    assert "[red]x" in render(report(metrics_of({"[red]x": 0.5})))


def test_summary_is_text():
    assert isinstance(report({"mae": 1.0}).renderables[0], Text)


def test_unknown_arguments():
    with pytest.raises(ValueError, match="sort='size'"):
        report({}, sort="size")
    with pytest.raises(ValueError, match="Received: w"):
        report(metrics_of({"x": 0.5}), ["x", "w"])
