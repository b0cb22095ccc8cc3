"""Training and exporting by commands; and what is left after a kill."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from safetensors import SafetensorError, safe_open
from tiny_task import SINGLE, write_checkpoint, write_tsv

from bert_keras.export import verify
from bert_keras.serving.saved_model import ServedModel
from bert_keras.training import loop


@pytest.fixture
def files(tmp_path):
    """Data and an encoder with dropout, whose state must survive too."""
    write_checkpoint(
        tmp_path / "encoder",
        hidden_dropout_prob=0.1,
        attention_probs_dropout_prob=0.1,
    )
    write_tsv(tmp_path / "train.tsv", SINGLE)
    return tmp_path


def command(files, out, *more):
    return [
        *("train", "classifier", "--encoder", str(files / "encoder")),
        *("--train", str(files / "train.tsv"), "--out", str(files / out)),
        *("--batch-size", "4", "--learning-rate", "0.01", *map(str, more)),
    ]


def epochs_saved(state):
    """How many epochs the state counts; 0 if there is none."""
    try:
        with safe_open(state, framework="numpy") as file:
            return json.loads(file.metadata()["progress"])["epoch"]
    except (OSError, SafetensorError):
        return 0


def test_killed_and_run_again(bert_keras, files):
    """SIGKILL, whenever it comes, costs no bit of the result."""
    more = ["--epochs", 60, "--json"]
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "bert_keras.cli.main"),
            *command(files, "killed", *more),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"CUDA_VISIBLE_DEVICES": "-1"},
    )
    state = files / "killed" / "state.safetensors"
    end = time.monotonic() + 300
    while epochs_saved(state) < 3:
        assert process.poll() is None, process.communicate()[1].decode()
        assert time.monotonic() < end
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    left = epochs_saved(state)
    assert 3 <= left < 60

    resumed = bert_keras(*command(files, "killed", *more))
    assert resumed.code == 0, resumed.err
    assert f"epoch {left}/60" not in resumed.err
    assert f"epoch {left + 1}/60" in resumed.err
    whole = bert_keras(*command(files, "whole", *more))
    assert "epoch 1/60" in whole.err
    one, other = json.loads(resumed.out), json.loads(whole.out)
    assert one["history"] == other["history"]
    assert len(one["history"]) == 60
    for name in ("model.safetensors", "history.json"):
        killed = (files / "killed" / name).read_bytes()
        assert killed == (files / "whole" / name).read_bytes(), name
    assert not state.exists()
    hidden = [p.name for p in (files / "whole").iterdir() if p.name[0] == "."]
    assert hidden == []


def test_train_in_bfloat16_then_export_at_half_the_size(
    bert_keras, files, monkeypatch
):
    monkeypatch.setattr(
        verify,
        "_answers_of",
        lambda folder, rows: ServedModel(folder).answer(rows),
    )
    ended = bert_keras(
        *command(files, "run", "--precision", "bfloat16", "--epochs", 2),
        *("--dev", files / "train.tsv", "--balance", "sampling", "--json"),
        *("--accumulation", 2, "--tensorboard"),
    )
    assert ended.code == 0, ended.err
    found = json.loads(ended.out)
    assert set(found) == {"run", "history", "metrics"}
    assert "16 training examples, 16 for validation" in ended.err
    assert list((files / "run" / "logs").rglob("events*"))

    sizes = {}
    for precision in ("float32", "bfloat16"):
        more = ["--precision", precision, "--json"]
        ended = bert_keras("export", files / "run", files / "models", *more)
        assert ended.code == 0, ended.err
        told = json.loads(ended.out)
        assert set(told["agreement"]) == {
            "texts",
            "labels_equal",
            "largest_difference",
        }
        variables = f"{told['version']}/variables/variables.data-00000-of-00001"
        sizes[precision] = os.path.getsize(variables)
    assert told["version"] == str(files / "models" / "2")
    assert sizes["bfloat16"] == pytest.approx(sizes["float32"] / 2, rel=0.2)


# === What an exit code means ===
def test_a_training_that_cannot_go_on_ends_with_one(
    bert_keras, files, monkeypatch
):
    monkeypatch.setattr(
        loop.TrainStep, "__call__", lambda self, *_: (float("nan"), False)
    )
    ended = bert_keras(*command(files, "run", "--epochs", 1))
    assert ended.code == 1
    assert ended.out == ""
    assert ended.err.count("error: ") == 1
    assert "lower learning rate" in ended.err
    assert "Traceback" not in ended.err


def test_ctrl_c_says_how_to_go_on(bert_keras, files, monkeypatch):
    def interrupt(self, *_):
        raise KeyboardInterrupt

    monkeypatch.setattr(loop.TrainStep, "__call__", interrupt)
    ended = bert_keras(*command(files, "run", "--epochs", 1))
    assert ended.code == 1
    assert "Run the same command again to go on" in ended.err
    assert "Traceback" not in ended.err


def test_a_fault_of_the_program_is_not_hidden(bert_keras, files, monkeypatch):
    def broken(self, *_):
        raise RuntimeError("a bug")

    monkeypatch.setattr(loop.TrainStep, "__call__", broken)
    with pytest.raises(RuntimeError, match="a bug"):
        bert_keras(*command(files, "run", "--epochs", 1))


def test_tracebacks_on_demand(bert_keras, files, monkeypatch):
    monkeypatch.setenv("BERT_KERAS_TRACEBACK", "1")
    with pytest.raises(ValueError, match="Expected a file"):
        bert_keras(*command(files / "nowhere", "run"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["train", "fly"],
        ["train", "classifier"],
        ["predict"],
        ["train", "classifier", "--epochs", "0"],
        ["train", "classifier", "--epochs", "many"],
        ["inspect", "a", "--unknown"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_two(bert_keras, arguments):
    ended = bert_keras(*arguments)
    assert ended.code == 2
    assert ended.out == ""
    assert "Usage" in ended.err


def test_help_is_no_error(bert_keras):
    ended = bert_keras("train", "classifier", "--help")
    assert ended.code == 0
    assert "--learning-rate" in ended.out
