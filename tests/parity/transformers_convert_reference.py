"""Loads what `convert` wrote with transformers, for test_converted.py.

    python transformers_convert_reference.py FOLDER

transformers writes one model of each class, with random weights; each is
converted, loaded by the Auto class that users take, and asked the same. The
greatest difference of any output goes to FOLDER/differences.json. What the
tokenizers in FOLDER/tokenizers/* make of FOLDER/texts.json goes to
FOLDER/ids.json. TensorFlow is not imported: it and PyTorch should not share a
process.
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from transformers_heads_reference import SIZES

from bert_keras.export import convert

AUTO = {
    "BertModel": "AutoModel",
    "BertForPreTraining": "AutoModelForPreTraining",
    "BertForMaskedLM": "AutoModelForMaskedLM",
    "BertForNextSentencePrediction": "AutoModelForNextSentencePrediction",
    "BertForSequenceClassification": "AutoModelForSequenceClassification",
    "BertForTokenClassification": "AutoModelForTokenClassification",
    "BertForQuestionAnswering": "AutoModelForQuestionAnswering",
    "BertForMultipleChoice": "AutoModelForMultipleChoice",
}
SHAPES = (
    {},
    {"hidden_act": "gelu_new", "type_vocab_size": 1},
    {"hidden_act": "relu", "layer_norm_eps": 1e-5, "num_hidden_layers": 1},
    {"tie_word_embeddings": False},
)


def inputs(config, name: str) -> dict:
    """Returns random rows, the second one padded."""
    ids = torch.randint(config.vocab_size, (2, 9))
    mask = torch.ones_like(ids)
    mask[1, 5:] = 0
    kinds = torch.randint(config.type_vocab_size, (2, 9))
    rows = {"input_ids": ids, "attention_mask": mask, "token_type_ids": kinds}
    if name == "BertForMultipleChoice":
        return {key: value[None] for key, value in rows.items()}
    return rows


def difference(name: str, changes: dict, root: Path) -> dict:
    """Converts one model and compares the outputs of both."""
    sizes = SIZES | changes
    if name == "BertForQuestionAnswering":
        sizes = sizes | {"id2label": {0: "start", 1: "end"}}
    config = transformers.BertConfig(**sizes)
    model = getattr(transformers, name)(config).eval()
    model.save_pretrained(root / "from")
    folder = convert(root / "from", root / "to", format="huggingface")
    loaded, report = getattr(transformers, AUTO[name]).from_pretrained(
        folder, output_loading_info=True
    )
    rows = inputs(config, name)
    with torch.no_grad():
        expected, received = model(**rows), loaded.eval()(**rows)
    largest = max(
        float((expected[key] - received[key]).abs().max()) for key in expected
    )
    return {
        "class": type(loaded).__name__,
        "difference": largest,
        "labels_kept": loaded.config.id2label == config.id2label,
        "missing": sorted(report["missing_keys"]),
        "unexpected": sorted(report["unexpected_keys"]),
    }


def ids(folder: Path, texts: list[str]) -> dict:
    """Returns what the tokenizer of a folder makes of texts."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    pairs = tokenizer(texts, ["a film"] * len(texts))
    return {
        "single": tokenizer(texts)["input_ids"],
        "pair": pairs["input_ids"],
        "types": pairs["token_type_ids"],
        "mask": tokenizer.mask_token_id,
        "pad": tokenizer.pad_token_id,
    }


def main(root: Path) -> None:
    """Compares all models and tokenizers."""
    torch.manual_seed(1)
    differences = {
        f"{name}-{number}": difference(name, changes, root / name / str(number))
        for name in AUTO
        for number, changes in enumerate(SHAPES)
    }
    (root / "differences.json").write_text(json.dumps(differences))
    texts = json.loads((root / "texts.json").read_text())
    found = {
        folder.name: ids(folder, texts)
        for folder in sorted((root / "tokenizers").iterdir())
    }
    (root / "ids.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
