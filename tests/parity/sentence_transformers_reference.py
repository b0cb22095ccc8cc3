"""Embeds texts for test_sentence_transformers.py, in a process of its own.

python sentence_transformers_reference.py MODEL_FOLDER TEXTS.json OUT.npy
"""

import json
import sys
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer


def main(folder: str, texts: str, out: str):
    """Writes float32 [texts, width]."""
    model = SentenceTransformer(folder, device="cpu")
    np.save(out, model.encode(json.loads(Path(texts).read_text())))


if __name__ == "__main__":
    main(*sys.argv[1:])
