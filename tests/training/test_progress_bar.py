import contextlib
import io

import keras
import pytest
import rich.console
from small_training import run

from bert_keras.training import ProgressBar


@pytest.fixture
def terminal():
    return rich.console.Console(
        file=io.StringIO(), force_terminal=True, width=100
    )


def test_the_bar_shows_loss_and_speed(terminal):
    run(callbacks=[ProgressBar(4, terminal)], epochs=2)
    shown = terminal.file.getvalue()
    assert "epoch 1/2" in shown
    assert "5/5" in shown
    assert "loss " in shown
    assert "examples/s" in shown
    assert "nan" not in shown


def test_each_epoch_leaves_a_line(terminal):
    history, _ = run(callbacks=[ProgressBar(4, terminal)], epochs=2)
    lines = [
        line
        for line in terminal.file.getvalue().splitlines()
        if "epoch 2/2 · loss" in line
    ]
    assert len(lines) == 1
    assert f"loss {history[1]['loss']:.4g}" in lines[0]
    assert f"validation: loss {history[1]['val_loss']:.4g}" in lines[0]


def test_into_a_file_only_the_lines_are_written(capsys):
    run(callbacks=[ProgressBar(4)], epochs=2)
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = [line for line in captured.err.splitlines() if line.strip()]
    assert len(lines) == 2
    assert lines[0].startswith("epoch 1/2 · loss ")


def test_a_failure_gives_the_cursor_back(terminal):
    def fail(*_, **__):
        raise KeyboardInterrupt

    failing = keras.callbacks.LambdaCallback(on_train_batch_end=fail)
    with pytest.raises(KeyboardInterrupt):
        with contextlib.closing(ProgressBar(4, terminal)) as bar:
            run(callbacks=[bar, failing])
    shown = terminal.file.getvalue()
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h") == 1


def test_names_of_metrics_are_not_markup(terminal):
    bar = ProgressBar(4, terminal)
    bar.set_params({"steps": 1, "epochs": 1})
    bar.on_epoch_begin(0)
    bar.on_train_batch_end(0, {"loss": 1.0})
    bar.on_epoch_end(0, {"loss": 1.0, "val_[/b]\x1b[2J:smile:": 0.5})
    assert r"[/b]\x1b[2J:smile: 0.5" in terminal.file.getvalue()
