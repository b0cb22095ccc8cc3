"""Runs transformers for test_transformers.py, in a process of its own.

    python transformers_reference.py FOLDER SHAPE.json   random weights
    python transformers_reference.py FOLDER MODEL_FOLDER

PyTorch's CUDA build and TensorFlow bring one LLVM each, and two of them abort
in one process. FOLDER gets what golden/make_encoder.py describes; random
weights are saved there by transformers itself.
"""

import json
import sys
from pathlib import Path

import numpy as np
import transformers

sys.path.insert(0, str(Path(__file__).parents[1] / "golden"))
from make_encoder import random_model, write_reference

MASK = np.array(
    [[1] * 24, [1] * 15 + [0] * 9, [1, 0, 1, 1] * 6, [1] + [0] * 23], "int32"
)


def main(folder: Path, source: Path):
    """Writes what a model computes."""
    random = np.random.default_rng(0)
    if source.suffix == ".json":
        model = random_model(json.loads(source.read_text()), random)
        model.save_pretrained(folder)
    else:
        model = transformers.BertModel.from_pretrained(
            source, attn_implementation="eager"
        ).eval()
    write_reference(model, MASK, random, folder, spread=0.01)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
