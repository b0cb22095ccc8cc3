"""Writes classifiers for test_transformers_tasks.py, in a process.

    python transformers_tasks_reference.py FOLDER

FOLDER holds `vocab.txt`, `texts.json` and `pairs.json`. For each problem a
folder as transformers writes it, tokenizer included, and its scores of texts
and pairs in FOLDER/scores.json.
"""

import json
import shutil
import sys
from pathlib import Path

import torch
import transformers

SIZES = {
    "vocab_size": 30,
    "hidden_size": 12,
    "num_hidden_layers": 2,
    "num_attention_heads": 3,
    "intermediate_size": 20,
    "max_position_embeddings": 16,
    "initializer_range": 0.5,
}
PROBLEMS = {
    "classes": {"id2label": {0: "bad", 1: "fair", 2: "good"}},
    "number": {"problem_type": "regression", "num_labels": 1},
    "several": {
        "problem_type": "multi_label_classification",
        "id2label": {0: "loud", 1: "long"},
    },
}
SCORES = {
    "classes": lambda logits: logits.softmax(dim=-1),
    "number": lambda logits: logits,
    "several": lambda logits: logits.sigmoid(),
}


def write(folder: Path, vocabulary: Path, problem: dict) -> None:
    """Writes a model with random weights and its tokenizer."""
    config = transformers.BertConfig(**SIZES, **problem)
    model = transformers.BertForSequenceClassification(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias") or "LayerNorm" in name:
                parameter += torch.randn_like(parameter) * 0.3
    model.save_pretrained(folder)
    shutil.copy(vocabulary, folder / "vocab.txt")
    tokenizer = transformers.BertTokenizer.from_pretrained(folder)
    tokenizer.save_pretrained(folder)


def logits(folder: Path, *texts: list[str]) -> torch.Tensor:
    """Opens a folder as users do, and asks about texts or pairs."""
    auto = transformers.AutoModelForSequenceClassification
    model = auto.from_pretrained(folder).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    rows = tokenizer(
        *texts,
        padding=True,
        truncation=True,
        max_length=SIZES["max_position_embeddings"],
        return_tensors="pt",
    )
    with torch.no_grad():
        return model(**rows).logits


def main(root: Path) -> None:
    """Writes all models and their scores."""
    torch.manual_seed(1)
    texts = json.loads((root / "texts.json").read_text())
    pairs = zip(*json.loads((root / "pairs.json").read_text()), strict=True)
    firsts, seconds = map(list, pairs)
    scores = {}
    for name, problem in PROBLEMS.items():
        folder = root / name
        write(folder, root / "vocab.txt", problem)
        scores[name] = {
            "texts": SCORES[name](logits(folder, texts)).tolist(),
            "pairs": SCORES[name](logits(folder, firsts, seconds)).tolist(),
        }
    (root / "scores.json").write_text(json.dumps(scores))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
