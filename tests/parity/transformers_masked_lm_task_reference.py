"""Fills masks with transformers for test_transformers_fill_mask.py.

    python transformers_masked_lm_task_reference.py make FOLDER
    python transformers_masked_lm_task_reference.py ask FOLDER

`make` reads FOLDER/vocab.txt and writes models with random weights, FOLDER/tied
and FOLDER/untied. `ask` writes what a model answers, FOLDER/answers.json: of
FOLDER/texts.json what the pipeline fills in and the pseudo-log-likelihoods.
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


def make(root: Path) -> None:
    """Writes models as transformers writes them, tokenizer included."""
    torch.manual_seed(1)
    for name in ("tied", "untied"):
        folder = root / name
        config = transformers.BertConfig(
            tie_word_embeddings=name == "tied", **SIZES
        )
        model = transformers.BertForMaskedLM(config)
        with torch.no_grad():
            for weight, parameter in model.named_parameters():
                if weight.endswith("bias") or "LayerNorm" in weight:
                    parameter += torch.randn_like(parameter) * 0.3
        model.save_pretrained(folder)
        shutil.copy(root / "vocab.txt", folder / "vocab.txt")
        tokenizer = transformers.BertTokenizer.from_pretrained(folder)
        tokenizer.save_pretrained(folder)
        (folder / "texts.json").write_bytes((root / "texts.json").read_bytes())


def likelihood(model, tokenizer, text: str) -> float:
    """Returns the sum of log-probabilities, each piece masked alone."""
    row = tokenizer(text, return_tensors="pt")
    ids = row["input_ids"][0]
    total = 0.0
    for place in range(1, len(ids) - 1):
        masked = ids.clone()
        masked[place] = tokenizer.mask_token_id
        row["input_ids"] = masked[None]
        with torch.no_grad():
            logits = model(**row).logits[0, place]
        total += float(logits.log_softmax(dim=-1)[ids[place]])
    return total


def ask(folder: Path) -> None:
    """Opens a folder as users do, and asks it."""
    model, report = transformers.AutoModelForMaskedLM.from_pretrained(
        folder, output_loading_info=True
    )
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    fill = transformers.pipeline(
        "fill-mask", model=model.eval(), tokenizer=tokenizer, device="cpu"
    )
    texts = json.loads((folder / "texts.json").read_text())
    found = []
    for text in texts["masked"]:
        masks = fill(text)
        # Of one mask the pipeline gives no list.
        found.append(masks if isinstance(masks[0], list) else [masks])
    answers = {
        "class": type(model).__name__,
        "missing": sorted(report["missing_keys"]),
        "masks": [
            [[(g["token_str"], g["score"]) for g in mask] for mask in masks]
            for masks in found
        ],
        "likelihoods": [
            likelihood(model, tokenizer, text) for text in texts["whole"]
        ],
    }
    (folder / "answers.json").write_text(json.dumps(answers))


if __name__ == "__main__":
    {"make": make, "ask": ask}[sys.argv[1]](Path(sys.argv[2]))
