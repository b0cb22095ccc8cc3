"""Writes masked language models for test_masked_lm.py, in a process.

    python transformers_masked_lm_reference.py FOLDER

For each activation a folder as transformers writes it, and `expected.npz` with
inputs and the logits at some places.
"""

import sys
from pathlib import Path

import numpy as np
import torch
import transformers

SIZES = {
    "vocab_size": 37,
    "hidden_size": 12,
    "num_hidden_layers": 2,
    "num_attention_heads": 3,
    "intermediate_size": 20,
    "max_position_embeddings": 16,
    "initializer_range": 0.5,
}


def main(root: Path) -> None:
    """Writes all models."""
    torch.manual_seed(1)
    random = np.random.default_rng(1)
    for activation in ("gelu", "gelu_new", "relu"):
        config = transformers.BertConfig(
            hidden_act=activation, layer_norm_eps=1e-5, **SIZES
        )
        model = transformers.BertForMaskedLM(config).eval()
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if name.endswith("bias") or "LayerNorm" in name:
                    parameter += torch.randn_like(parameter) * 0.3
        model.save_pretrained(root / activation)
        ids = random.integers(0, 37, [3, 7])
        mask = np.array([[1] * 7, [1] * 5 + [0] * 2, [1] * 3 + [0] * 4])
        types = random.integers(0, 2, [3, 7])
        positions = np.array([[0, 6], [4, 1], [2, 2]])
        with torch.no_grad():
            logits = model(
                input_ids=torch.tensor(ids),
                attention_mask=torch.tensor(mask),
                token_type_ids=torch.tensor(types),
            ).logits.numpy()
        np.savez(
            root / activation / "expected.npz",
            input_word_ids=ids,
            input_mask=mask,
            input_type_ids=types,
            positions=positions,
            logits=np.take_along_axis(logits, positions[..., None], axis=1),
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
