"""Runs `bert-keras` within this process."""

import sys
from typing import NamedTuple

from bert_keras.cli.main import main


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


def runner(monkeypatch, capsys):
    """Returns a function from arguments to how the command ended."""

    def run(*arguments) -> Ended:
        monkeypatch.setattr(sys, "argv", ["bert-keras", *map(str, arguments)])
        capsys.readouterr()
        try:
            main()
        except SystemExit as ended:
            code = ended.code or 0
        else:
            code = 0
        captured = capsys.readouterr()
        return Ended(code, captured.out, captured.err)

    return run
