"""What verbs print: a report for people, or JSON.

Everything goes through here, and foreign strings through `printable`: labels,
paths and texts come from files that somebody else wrote.
"""

import contextlib
import json
import logging
import sys
from collections.abc import Iterator

from bert_keras.printable import json_safe, printable


def print_json(values) -> None:
    """Writes one line of JSON on stdout."""
    sys.stdout.write(json_safe(json.dumps(values, ensure_ascii=False)) + "\n")


def print_line(*cells) -> None:
    """Writes one line on stdout, its cells separated by tabs."""
    sys.stdout.write("\t".join(map(printable, cells)) + "\n")


def print_table(table) -> None:
    """Writes a `rich` table, or anything else that rich renders, on stdout.

    Strings are shown as they are: `[b]` is no markup, `:smile:` no emoji.
    """
    import rich.console

    console = rich.console.Console(highlight=False, markup=False, emoji=False)
    console.print(table)


def print_report(metrics: dict, labels) -> None:
    """Writes metrics on stdout as a table for people."""
    from bert_keras.metrics import report

    # Not every label of a task is measured: parts of semantic roles are not.
    measured = metrics.get("per_class", {})
    shown = [label for label in labels or () if label in measured]
    print_table(report(metrics, shown))


def print_long_texts(which: str, counts: dict) -> None:
    """Writes on stdout how texts that are too long were read, if any is."""
    from bert_keras.metrics import long_texts_line

    if line := long_texts_line(counts):
        print_line(f"{which}: {line}")


def one_line(text) -> str:
    """Returns a text with each run of white space as one space."""
    return " ".join(str(text).split())


def note(message) -> None:
    """Writes a message for people on stderr; it may have several lines."""
    sys.stderr.write(printable(message, keep="\n") + "\n")


@contextlib.contextmanager
def warnings_as_notes() -> Iterator[None]:
    """Writes what the project's loggers warn of as notes."""
    logger, handler = logging.getLogger("bert_keras"), _Notes(logging.WARNING)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


class _Notes(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        note(self.format(record))
