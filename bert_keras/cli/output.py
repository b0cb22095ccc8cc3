"""What verbs print: a report for people, or JSON."""

import json
import sys


def print_json(values) -> None:
    """Writes one line of JSON on stdout."""
    sys.stdout.write(json.dumps(values, ensure_ascii=False) + "\n")


def print_report(metrics: dict, labels) -> None:
    """Writes metrics on stdout as a table for people."""
    import rich.console

    from bert_keras.metrics import report

    # Not every label of a task is measured: parts of semantic roles are not.
    measured = metrics.get("per_class", {})
    shown = [label for label in labels or () if label in measured]
    rich.console.Console(highlight=False).print(report(metrics, shown))


def print_long_texts(which: str, counts: dict) -> None:
    """Writes on stdout what became of texts that are too long, if any is."""
    from bert_keras.metrics import long_texts_line

    if line := long_texts_line(counts):
        sys.stdout.write(f"{which}: {line}\n")


def note(message: str) -> None:
    """Writes a line for people on stderr."""
    sys.stderr.write(message + "\n")
