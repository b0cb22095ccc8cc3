"""Tasks on a tiny encoder: 33 pieces, width 20, 14 positions."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

GOLDEN = Path(__file__).parent / "golden" / "encoders" / "relu"
PIECES = """[PAD] [UNK] [CLS] [SEP] [MASK] the a film is good bad play ##ing
##ed un ##able . , ! ? 1 2 ##1 ##2 caf ##e na ##ive 東 京 not very dull"""

SINGLE = [
    ("a good film", "pos"),
    ("the bad film", "neg"),
    ("is good", "pos"),
    ("bad, bad play!", "neg"),
] * 4
PAIRS = [
    ("good", "a good film", "same"),
    ("bad", "the good play", "other"),
    ("the film", "a film", "same"),
    ("good film", "bad", "other"),
] * 4
SEVERAL = [
    ("good film", "good|film"),
    ("bad play", "play"),
    ("the bad film", "film"),
    ("very dull", ""),
] * 4
LONG = [
    ("a film is very " * 20 + "good", "pos"),
    ("the play is not " * 9 + "bad", "neg"),
    ("good", "pos"),
    ("bad", "neg"),
] * 4
SCORES = [
    ("a good film", 4.5),
    ("the bad film", 1.0),
    ("is good", 5.0),
    ("bad, bad play!", 0.5),
] * 4
LIKENESS = [
    ("a good film", "good", 5.0),
    ("the bad film", "bad play", 4.0),
    ("is good", "bad", 0.0),
    ("a film", "not very dull", 1.0),
] * 4
POSITIVES = [
    (f"{one} {other}", f"the {other} , {one} .")
    for one in ("good", "bad", "very", "dull")
    for other in ("film", "play", "caf", "1")
]


def write_checkpoint(folder: Path, **changes) -> Path:
    """Writes a checkpoint that `load_encoder` and `load_preprocessor` read.

    Args:
        folder: Made if it is missing.
        **changes: Of `config.json`. By default there is one layer, so that
            its graph is traced in a second or two, and no dropout, so that a
            few steps suffice to learn.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = json.loads((GOLDEN / "config.json").read_text())
    config |= {
        "num_hidden_layers": 1,
        "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0,
    } | changes
    (folder / "config.json").write_text(json.dumps(config))
    weights = load_file(GOLDEN / "model.safetensors")
    for name in list(weights):
        if "encoder.layer.1." in name and config["num_hidden_layers"] == 1:
            del weights[name]
    save_file(weights, folder / "model.safetensors")
    (folder / "vocab.txt").write_text(
        "\n".join(PIECES.split()) + "\n", encoding="utf-8"
    )
    return folder


# What the head below says of each mask; the other pieces share the rest.
CHANCES = {"film": 0.5, "good": 0.25, "##able": 0.125, "!": 0.0625}


def write_masked_lm(folder: Path) -> Path:
    """Writes a checkpoint whose head has one answer, whatever it reads."""
    write_checkpoint(folder, architectures=["BertForMaskedLM"])
    pieces = PIECES.split()
    rest = (1 - sum(CHANCES.values())) / (len(pieces) - len(CHANCES))
    probabilities = [CHANCES.get(piece, rest) for piece in pieces]
    width = 20
    head = {
        "transform.dense.weight": np.zeros([width, width]),
        "transform.dense.bias": np.zeros(width),
        "transform.LayerNorm.weight": np.ones(width),
        "transform.LayerNorm.bias": np.zeros(width),
        "bias": np.log(probabilities),
    }
    path = folder / "model.safetensors"
    tensors = load_file(path) | {
        f"cls.predictions.{name}": values.astype("float32")
        for name, values in head.items()
    }
    save_file(tensors, path)
    return folder


def write_tsv(path: Path, rows, columns=("text", "label")) -> Path:
    """Writes rows of cells below a header."""
    lines = ["\t".join(columns), *("\t".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def untrained(checkpoint: Path, task_class, *, pair=False, **options):
    """Returns a task that answers, by a fresh head."""
    task = task_class.from_handle(checkpoint, pair=pair, **options)
    task.trained = True
    return task
