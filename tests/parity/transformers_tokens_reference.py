"""Writes models with heads on tokens for test_transformers_tokens.py.

    python transformers_tokens_reference.py FOLDER

FOLDER holds `vocab.txt`, `texts.json` and `questions.json`. transformers
writes FOLDER/tags and FOLDER/span, tokenizer included, and what it says of
the texts goes to FOLDER/tags.json and FOLDER/span.json: logits and the
characters of each piece.
"""

import json
import shutil
import sys
from pathlib import Path

import torch
import transformers
from transformers_tasks_reference import SIZES

CLASSES = {
    "tags": transformers.BertForTokenClassification,
    "span": transformers.BertForQuestionAnswering,
}


def write(folder: Path, vocabulary: Path, **settings) -> None:
    """Writes a model with random weights and its tokenizer."""
    config = transformers.BertConfig(**SIZES | settings)
    model = CLASSES[folder.name](config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias") or "LayerNorm" in name:
                parameter += torch.randn_like(parameter) * 0.3
    model.save_pretrained(folder)
    shutil.copy(vocabulary, folder / "vocab.txt")
    tokenizer = transformers.BertTokenizer.from_pretrained(folder)
    tokenizer.save_pretrained(folder)


def ask(folder: Path, *texts: str) -> dict:
    """Returns what a model says of one text, or of a question and context."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    rows = tokenizer(*texts, return_tensors="pt", return_offsets_mapping=True)
    offsets = rows.pop("offset_mapping")[0].tolist()
    with torch.no_grad():
        outputs = CLASSES[folder.name].from_pretrained(folder).eval()(**rows)
    logits = (
        torch.stack(
            [outputs[key][0] for key in ("start_logits", "end_logits")], dim=-1
        )
        if folder.name == "span"
        else outputs.logits[0]
    )
    return {
        "logits": logits.tolist(),
        "offsets": offsets,
        "words": rows.word_ids(0),
        "parts": rows.sequence_ids(0),
    }


def main(root: Path) -> None:
    """Writes both models and what they say."""
    torch.manual_seed(1)
    tags = json.loads((root / "labels.json").read_text())
    write(root / "tags", root / "vocab.txt", id2label=dict(enumerate(tags)))
    write(root / "span", root / "vocab.txt", max_position_embeddings=40)
    texts = json.loads((root / "texts.json").read_text())
    questions = json.loads((root / "questions.json").read_text())
    for name, rows in (("tags", [[t] for t in texts]), ("span", questions)):
        said = [ask(root / name, *row) for row in rows]
        (root / f"{name}.json").write_text(json.dumps(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
