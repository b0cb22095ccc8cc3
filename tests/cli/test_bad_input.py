"""Bad input: code 2, one message that says what and where, nothing written."""

import hashlib
import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from tiny_task import SINGLE, write_checkpoint, write_tsv

from bert_keras.checkpoints import tensor_file


@pytest.fixture
def folder(tmp_path):
    """Where a user works: good data, and whatever a case adds."""
    write_tsv(tmp_path / "train.tsv", SINGLE)
    write_tsv(tmp_path / "dev.tsv", SINGLE[:2])
    return tmp_path


def digests(folder):
    """What stands in a folder, to see that nothing changed."""
    return {
        path.relative_to(folder).as_posix(): path.is_dir()
        or hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
    }


def train(run, folder, checkpoint, *more, task="classifier"):
    """Trains with what the folder holds; later options win."""
    return run(
        "train",
        task,
        "--encoder",
        checkpoint,
        "--train",
        folder / "train.tsv",
        "--dev",
        folder / "dev.tsv",
        "--out",
        folder / "run",
        *more,
    )


def check_message(ended, *parts):
    """One message, on stderr, of this kind."""
    assert ended.code == 2, ended.err
    assert ended.out == ""
    assert "Traceback" not in ended.err
    assert ended.err.count("error: ") == 1
    for part in parts:
        assert part in ended.err


def text(content):
    return lambda path: path.write_text(content, encoding="utf-8")


def absent(path):
    path.unlink()


def rows(*given, columns=("text", "label")):
    return lambda path: write_tsv(path, given, columns)


# Name: which file, how it comes to be bad, the task, what the message says.
DATA = {
    "a missing file": (
        "train.tsv",
        absent,
        "classifier",
        ["train.tsv", "Expected a file", "does not exist"],
    ),
    "a missing dev file": (
        "dev.tsv",
        absent,
        "classifier",
        ["dev.tsv", "Expected a file"],
    ),
    "a missing label column": (
        "train.tsv",
        rows(("a film", "pos"), columns=("text", "remark")),
        "classifier",
        ["train.tsv", "Expected a label column", "'remark'", "--label-column"],
    ),
    "a missing text column": (
        "train.tsv",
        rows(("a film", "pos"), columns=("blurb", "label")),
        "classifier",
        ["train.tsv", "Expected a text column", "--text-column"],
    ),
    "an empty file": (
        "train.tsv",
        text(""),
        "classifier",
        ["train.tsv", "empty"],
    ),
    "a header alone": (
        "train.tsv",
        text("text\tlabel\n"),
        "classifier",
        ["train.tsv", "at least one example", "written completely"],
    ),
    "a row that lacks a cell": (
        "train.tsv",
        text("text\tlabel\na film\tpos\na film\nbad\tneg\n"),
        "classifier",
        ["train.tsv:3"],
    ),
    "a label in dev that train lacks": (
        "dev.tsv",
        rows(("a film", "pos"), ("a film", "post")),
        "classifier",
        ["dev.tsv:3", "'post'", "close: 'pos'", "add examples"],
    ),
    "one class only": (
        "train.tsv",
        rows(("a film", "pos"), ("bad", "pos")),
        "classifier",
        ["train.tsv", "at least 2 different labels", "'pos'"],
    ),
    "an empty label": (
        "train.tsv",
        rows(("a film", "pos"), ("bad", ""), ("good", "neg")),
        "classifier",
        ["train.tsv:3", "empty label"],
    ),
    "a score that is no number": (
        "train.tsv",
        rows(("a film", "2.5"), ("bad", "low")),
        "regressor",
        ["train.tsv:3", "'low'", "train a classifier"],
    ),
    "an infinite score": (
        "dev.tsv",
        rows(("a film", "inf")),
        "regressor",
        ["dev.tsv:2", "'inf'"],
    ),
    "a binary file": (
        "train.tsv",
        lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff" * 9),
        "classifier",
        ["train.tsv", "UTF-8"],
    ),
    "pairs to train, single texts to measure": (
        "train.tsv",
        rows(
            ("a", "b", "pos"),
            ("c", "d", "neg"),
            columns=("text_a", "text_b", "label"),
        ),
        "classifier",
        ["dev.tsv", "Expected pairs of texts", "--text-b-column"],
    ),
}


@pytest.mark.parametrize("name", DATA)
def test_bad_data(bert_keras, folder, tiny_checkpoint, name):
    file, spoil, task, parts = DATA[name]
    if task == "regressor":
        for other in ("train.tsv", "dev.tsv"):
            write_tsv(folder / other, [("a film", 1.5), ("bad", 0.5)])
    spoil(folder / file)
    before = digests(folder)
    ended = train(bert_keras, folder, tiny_checkpoint, task=task)
    check_message(ended, *parts)
    assert digests(folder) == before


def roberta(folder):
    write_checkpoint(folder / "encoder", model_type="roberta")


def other_vocabulary(folder):
    encoder = write_checkpoint(folder / "encoder")
    with open(encoder / "vocab.txt", "a") as file:
        file.write("more\npieces\n")


def other_shapes(folder):
    write_checkpoint(folder / "encoder", hidden_size=24)


def no_weights(folder):
    (write_checkpoint(folder / "encoder") / "model.safetensors").unlink()


def damaged_weights(folder):
    path = write_checkpoint(folder / "encoder") / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def lying_header(folder):
    """A header that promises more than the file has."""
    path = write_checkpoint(folder / "encoder") / "model.safetensors"
    content = path.read_bytes()
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    header.pop("__metadata__", None)
    max(header.values(), key=lambda t: t["data_offsets"])["shape"][0] = 10**9
    lie = json.dumps(header).encode()
    size = len(lie).to_bytes(8, "little")
    path.write_bytes(size + lie + content[end:])


def not_a_number(folder):
    path = write_checkpoint(folder / "encoder") / "model.safetensors"
    tensors = load_file(path)
    tensors["embeddings.LayerNorm.bias"][3] = np.nan
    save_file(tensors, path)


def broken_config(folder):
    write_checkpoint(folder / "encoder").joinpath("config.json").write_text("{")


ENCODERS = {
    "a handle that does not exist": (lambda folder: None, ["encoder"]),
    "another architecture": (
        roberta,
        ["config.json", "'bert'", "'roberta'"],
    ),
    "another vocabulary": (
        other_vocabulary,
        ["vocab.txt", "Expected 33 tokens", "35", "another model"],
    ),
    "weights of another shape": (other_shapes, ["model.safetensors"]),
    "no weights": (no_weights, ["model.safetensors"]),
    "damaged weights": (damaged_weights, ["model.safetensors"]),
    "a header that lies": (lying_header, ["model.safetensors", "complete"]),
    "a weight that is no number": (
        not_a_number,
        ["model.safetensors", "NaN", "embeddings/norm/beta"],
    ),
    "a broken configuration": (broken_config, ["config.json"]),
}


@pytest.mark.parametrize("name", ENCODERS)
def test_bad_encoder(bert_keras, folder, name):
    make, parts = ENCODERS[name]
    make(folder)
    before = digests(folder)
    ended = train(bert_keras, folder, folder / "encoder")
    check_message(ended, *parts)
    assert digests(folder) == before


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["--max-length", 15], ["at most 14", "max_length=15"]),
        (["--max-length", 2], ["max_length"]),
        (["--precision", "float16"], ["`precision`", "'float16'"]),
        (["--balance", "luck"], ["balance", "'luck'"]),
        (["--pooling", "median"], ["pooling", "median"]),
        (["--label-smoothing", 1], ["label_smoothing"]),
        (["--learning-rate", -1], ["learning_rate"]),
        (
            ["--gradient-accumulation-steps", 64],
            ["gradient_accumulation_steps"],
        ),
        (["--labels", "pos"], ["labels", "at least 2"]),
        (["--labels", "pos,bad"], ["train.tsv:3", "'neg'"]),
        (["--text-column", "texts"], ["'texts'", "Did you mean 'text'"]),
        (["--encoder", "kaggle://a/b"], ["kaggle://"]),
    ],
    ids=lambda value: " ".join(map(str, value)),
)
def test_bad_options(bert_keras, folder, tiny_checkpoint, options, parts):
    before = digests(folder)
    ended = train(bert_keras, folder, tiny_checkpoint, *options)
    check_message(ended, *parts)
    assert digests(folder) == before


def test_early_stopping_needs_something_to_measure(
    bert_keras, folder, tiny_checkpoint
):
    ended = bert_keras(
        *("train", "classifier", "--encoder", tiny_checkpoint),
        *("--train", folder / "train.tsv", "--out", folder / "run"),
        *("--patience", 1),
    )
    check_message(ended, "patience=1", "validation_data")
    assert not (folder / "run").exists()


def test_a_file_where_the_run_should_be(bert_keras, folder, tiny_checkpoint):
    (folder / "run").write_text("mine")
    ended = train(bert_keras, folder, tiny_checkpoint)
    check_message(ended, "Expected a folder for the run", str(folder / "run"))
    assert (folder / "run").read_text() == "mine"


def no_space(*_, **__):
    raise tensor_file.SafetensorError(
        "Error while serializing: I/O error: No space left on device "
        "(os error 28)"
    )


def test_a_full_disk_while_a_state_is_saved(
    bert_keras, folder, tiny_checkpoint, monkeypatch
):
    monkeypatch.setattr(tensor_file, "save_file", no_space)
    ended = train(bert_keras, folder, tiny_checkpoint, "--epochs", 1)
    check_message(
        ended, "No space left", "state.safetensors", "Free some space"
    )
    # What a resumed training needs to know is there, and no half state.
    left = {path.name for path in (folder / "run").iterdir()}
    assert left == {"training.json"}
    assert json.loads((folder / "run" / "training.json").read_text())


# === Other verbs ===
@pytest.mark.parametrize("verb", ["evaluate", "predict", "export"])
def test_a_folder_that_holds_no_task(bert_keras, folder, verb):
    more = {"evaluate": folder / "dev.tsv", "export": folder / "model"}
    ended = bert_keras(verb, folder, more.get(verb, "a text"))
    check_message(ended, "Expected", "task.json", str(folder))
    assert not (folder / "model").exists()


@pytest.mark.parametrize("name", ["a missing file", "an empty file"])
def test_bad_data_to_measure(bert_keras, folder, tiny_task_folder, name):
    _, spoil, _, parts = DATA[name]
    spoil(folder / "train.tsv")
    ended = bert_keras("evaluate", tiny_task_folder, folder / "train.tsv")
    check_message(ended, *parts)


def test_an_unknown_label_to_measure(bert_keras, folder, tiny_task_folder):
    write_tsv(folder / "dev.tsv", [("a film", "post")])
    ended = bert_keras("evaluate", tiny_task_folder, folder / "dev.tsv")
    check_message(ended, "dev.tsv:2", "'post'")


def test_texts_and_a_file(bert_keras, folder, tiny_task_folder):
    more = ["--input", folder / "dev.tsv"]
    ended = bert_keras("predict", tiny_task_folder, "a text", *more)
    check_message(ended, "Received both")
    check_message(bert_keras("predict", tiny_task_folder), "Received neither")


def test_a_bad_row_after_good_ones(bert_keras, folder, tiny_task_folder):
    path = folder / "texts.jsonl"
    path.write_text('{"text": "a film"}\n{"text": 3}\n')
    ended = bert_keras("predict", tiny_task_folder, "--input", path)
    check_message(ended, "texts.jsonl:2")


def test_an_export_into_a_file(bert_keras, folder, tiny_task_folder):
    (folder / "model").write_text("mine")
    ended = bert_keras("export", tiny_task_folder, folder / "model")
    check_message(ended, "Expected a folder for the versions", "Choose")
    assert (folder / "model").read_text() == "mine"


def test_an_export_in_no_known_precision(bert_keras, folder, tiny_task_folder):
    more = ["--precision", "int4"]
    ended = bert_keras("export", tiny_task_folder, folder / "model", *more)
    check_message(ended, "'int4'", "bfloat16")
    assert not (folder / "model").exists()


def test_a_full_disk_while_a_version_is_written(
    bert_keras, folder, tiny_task_folder, monkeypatch
):
    import tensorflow as tf

    def full(*_, **__):
        raise tf.errors.ResourceExhaustedError(
            None, None, "variables; No space left on device"
        )

    monkeypatch.setattr(tf.saved_model, "save", full)
    ended = bert_keras("export", tiny_task_folder, folder / "model")
    check_message(ended, "No space left", str(folder / "model"), "space left")
    assert not (folder / "model").exists()


def test_a_task_whose_weights_were_cut(bert_keras, folder, tiny_classifier):
    saved = tiny_classifier.save(folder / "task")
    path = saved / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-50])
    ended = bert_keras("predict", saved, "a text")
    check_message(ended, "model.safetensors", "Expected the file")


def test_a_task_that_a_later_release_wrote(bert_keras, folder, tiny_classifier):
    saved = tiny_classifier.save(folder / "task")
    values = json.loads((saved / "task.json").read_text())
    values["task"] = "oracle"
    (saved / "task.json").write_text(json.dumps(values))
    ended = bert_keras("predict", saved, "a text")
    check_message(ended, "task.json", "'oracle'", "classifier")
