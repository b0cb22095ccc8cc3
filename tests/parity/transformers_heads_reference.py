"""Writes models with heads for test_transformers_heads.py, in a process.

    python transformers_heads_reference.py FOLDER

For each class of transformers: NAME/safetensors, NAME/sharded and NAME/bin as
transformers and PyTorch write them, NAME/expected.npz with its parameters, and
NAME/bin.npz with what we read of the pickle, since PyTorch and TensorFlow
should not share a process. FOLDER/hostile/pytorch_model.bin would write a file.
"""

import os
import sys
from pathlib import Path

import numpy as np
import torch
import transformers

from bert_keras.checkpoints import WeightsError, read_checkpoint

SIZES = {
    "vocab_size": 37,
    "hidden_size": 12,
    "num_hidden_layers": 2,
    "num_attention_heads": 3,
    "intermediate_size": 20,
    "max_position_embeddings": 16,
    "id2label": {0: "bad", 1: "fair", 2: "good"},
}
CLASSES = (
    "BertForPreTraining",
    "BertForMaskedLM",
    "BertForNextSentencePrediction",
    "BertForSequenceClassification",
    "BertForTokenClassification",
    "BertForQuestionAnswering",
)


class Hostile:
    """Writes a file as soon as it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mknod, (str(self.path),)


def flat(contents) -> dict:
    """Returns all tensors that were read, heads too, by one name each."""
    heads = {
        f"{head}/{name}": tensor
        for head, tensors in contents.heads.items()
        for name, tensor in tensors.items()
    }
    return {
        name.replace("/", "|"): np.asarray(tensor)
        for name, tensor in {**contents.tensors, **heads}.items()
    }


def main(root: Path) -> None:
    """Writes all models."""
    torch.manual_seed(1)
    for name in CLASSES:
        config = transformers.BertConfig(**SIZES)
        model = getattr(transformers, name)(config)
        folder = root / name
        model.save_pretrained(folder / "safetensors")
        model.save_pretrained(folder / "sharded", max_shard_size="6KB")
        config.architectures = [name]
        config.save_pretrained(folder / "bin")
        torch.save(model.state_dict(), folder / "bin" / "pytorch_model.bin")
        np.savez(
            folder / "expected.npz",
            **{k: v.detach().numpy() for k, v in model.named_parameters()},
        )
        np.savez(folder / "bin.npz", **flat(read_checkpoint(folder / "bin")))
    hostile = root / "hostile"
    config.save_pretrained(hostile)
    torch.save({"a": Hostile(root / "written")}, hostile / "pytorch_model.bin")
    try:
        read_checkpoint(hostile)
    except WeightsError as error:
        (root / "refused").write_text(str(error))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
