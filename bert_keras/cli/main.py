"""`bert-keras`: one verb a file, and what an exit code means.

0: done. 2: wrong usage or bad input, said in one message. 1: anything else.
"""

import errno
import importlib.metadata
import os
import sys
from typing import Annotated

import typer

from bert_keras.cli.convert import convert
from bert_keras.cli.cross_validate import cross_validate
from bert_keras.cli.doctor import doctor
from bert_keras.cli.evaluate import evaluate
from bert_keras.cli.export import export
from bert_keras.cli.groups import with_groups
from bert_keras.cli.inspect import inspect
from bert_keras.cli.multi_task import multi_task
from bert_keras.cli.output import note, warnings_as_notes
from bert_keras.cli.predict import predict
from bert_keras.cli.score import score
from bert_keras.cli.search import index, search
from bert_keras.cli.train import train
from bert_keras.cli.tune import tune

_INTERRUPTED = 130  # what Typer makes of Ctrl-C

app = typer.Typer(
    name="bert-keras",
    help="BERT for TensorFlow and Keras 3: raw text in, a SavedModel out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    # Plain help: rich would take longer to import than all the rest.
    rich_markup_mode=None,
)


def _print_version(requested: bool) -> None:
    if requested:
        typer.echo(f"bert-keras {importlib.metadata.version('bert-keras')}")
        raise typer.Exit


@app.callback()
def _every_verb(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Print the version and exit.",
        ),
    ] = False,
):
    pass  # a verb follows


train.command()(with_groups(multi_task))
app.add_typer(train, name="train", help="Fine-tune an encoder for a task.")
app.add_typer(
    cross_validate,
    name="cross-validate",
    help="Train and evaluate a task on each fold of its data.",
)
app.add_typer(
    tune, name="tune", help="Search for the settings that train a task best."
)
for verb in (
    evaluate,
    predict,
    score,
    export,
    convert,
    index,
    search,
    inspect,
    doctor,
):
    app.command()(verb)


def main() -> None:
    """Runs the command line; errors become messages and exit codes."""
    try:
        with warnings_as_notes():
            app()
    except SystemExit as ended:
        if ended.code != _INTERRUPTED:
            raise
        note("Interrupted. Run the same command again to resume.")
        sys.exit(1)
    except ValueError as error:
        _say(error)
        sys.exit(2)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        _say(f"{error}. Free some space, then run it again." if full else error)
        sys.exit(2)
    except RuntimeError as error:
        # Only the project's own errors are written for users.
        if not type(error).__module__.startswith("bert_keras"):
            raise
        _say(error)
        sys.exit(1)


def _say(message) -> None:
    if os.environ.get("BERT_KERAS_TRACEBACK"):
        raise
    note(f"error: {message}")


if __name__ == "__main__":
    main()
