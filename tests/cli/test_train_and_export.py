"""Training and exporting by commands; and what is left after a kill."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
import tensorflow as tf
from safetensors import SafetensorError, safe_open
from tiny_task import SINGLE, write_checkpoint, write_tsv

from bert_keras.export import verify
from bert_keras.serving.saved_model import ServedModel
from bert_keras.tasks import fine_tuning
from bert_keras.training import TrainingDiverged, TrainingSettings


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


def dtypes(version):
    """Of the variables that a SavedModel holds."""
    reader = tf.train.load_checkpoint(str(version / "variables" / "variables"))
    found = set(reader.get_variable_to_dtype_map().values())
    assert tf.bfloat16 in found
    return found


def epochs_saved(state):
    """How many epochs the state counts; 0 if there is none."""
    try:
        with safe_open(state, framework="numpy") as file:
            return json.loads(file.metadata()["progress"])["epoch"]
    except (OSError, SafetensorError):
        return 0


def test_killed_and_run_again(bert_keras, files):
    """SIGKILL, whenever it comes, costs no bit of the result."""
    more = ["--epochs", 40, "--json"]
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
    assert 3 <= left < 40

    resumed = bert_keras(*command(files, "killed", *more))
    assert resumed.code == 0, resumed.err
    assert f"epoch {left}/40" not in resumed.err
    assert f"epoch {left + 1}/40" in resumed.err
    whole = bert_keras(*command(files, "whole", *more))
    assert "epoch 1/40" in whole.err
    one, other = json.loads(resumed.out), json.loads(whole.out)
    assert one["history"] == other["history"]
    assert len(one["history"]) == 40
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
        *("--gradient-accumulation-steps", 2, "--tensorboard"),
    )
    assert ended.code == 0, ended.err
    found = json.loads(ended.out)
    assert set(found) == {"run", "history", "metrics", "long_texts"}
    assert "16 training examples, 16 for validation" in ended.err
    assert list((files / "run" / "logs").rglob("events*"))

    more = ["--precision", "bfloat16", "--json"]
    ended = bert_keras("export", files / "run", files / "models", *more)
    assert ended.code == 0, ended.err
    told = json.loads(ended.out)
    assert told["version"] == str(files / "models" / "1")
    assert set(told["agreement"]) == {
        "texts",
        "answers_equal",
        "largest_difference",
    }
    assert 0 < told["agreement"]["largest_difference"] < 0.1
    assert tf.float32 not in dtypes(files / "models" / "1")


# === What an exit code means ===
@pytest.fixture
def ends_by(monkeypatch):
    """Lets the training end by an error."""

    def ends_by(error):
        def train(*_, **__):
            raise error

        monkeypatch.setattr(fine_tuning, "train", train)

    return ends_by


def test_a_training_that_cannot_go_on_ends_with_one(bert_keras, files, ends_by):
    ends_by(TrainingDiverged(7, 0, TrainingSettings()))
    ended = bert_keras(*command(files, "run"))
    assert ended.code == 1
    assert ended.out == ""
    assert ended.err.count("error: ") == 1
    assert "lower learning rate" in ended.err
    assert "Traceback" not in ended.err


def test_ctrl_c_says_how_to_go_on(bert_keras, files, ends_by):
    ends_by(KeyboardInterrupt())
    ended = bert_keras(*command(files, "run"))
    assert ended.code == 1
    assert "Run the same command again to resume" in ended.err
    assert "Traceback" not in ended.err


def test_a_fault_of_the_program_is_not_hidden(bert_keras, files, ends_by):
    ends_by(RuntimeError("a bug"))
    with pytest.raises(RuntimeError, match="a bug"):
        bert_keras(*command(files, "run"))


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


def test_frozen_and_with_lora(bert_keras, files):
    ended = bert_keras(
        *command(files, "run", "--epochs", 1, "--lora", 2, "--freeze", 1)
    )
    assert ended.code == 0
    task = json.loads((files / "run" / "task.json").read_text())
    assert task["lora_rank"] == 2
    assert {"block_0", "embeddings"} <= set(task["frozen"])
    ended = bert_keras(*command(files, "other", "--freeze", "lowest"))
    assert ended.code == 2 and "Expected --freeze embeddings" in ended.err
    assert not (files / "other").exists()
