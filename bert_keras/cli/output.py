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

    rich.console.Console(highlight=False).print(report(metrics, labels or ()))


def note(message: str) -> None:
    """Writes a line for people on stderr."""
    sys.stderr.write(message + "\n")
