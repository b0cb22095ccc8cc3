"""The dense layer after the pooling of some sentence-transformers models.

    2_Dense/config.json         in_features, out_features, activation_function
    2_Dense/model.safetensors   linear.weight [out, in], linear.bias [out]

LaBSE has one, https://arxiv.org/abs/2007.01852. Older models store its weights
in `pytorch_model.bin`.
"""

from pathlib import Path

import numpy as np

from bert_keras.checkpoints.errors import WeightsError
from bert_keras.checkpoints.json_files import read_json
from bert_keras.checkpoints.readers.huggingface_weights import list_tensors
from bert_keras.checkpoints.tensors import Axes, StoredTensor

# PyTorch's class of an activation, and Keras' name.
DENSE_ACTIVATIONS = {
    "torch.nn.modules.activation.Tanh": "tanh",
    "torch.nn.modules.activation.ReLU": "relu",
    "torch.nn.modules.activation.GELU": "gelu",
    "torch.nn.modules.linear.Identity": "linear",
}
_NAMES = {
    "linear.weight": ("dense/kernel", Axes.SWAPPED),
    "linear.bias": ("dense/bias", Axes.SAME),
}
_FILES = ("model.safetensors", "pytorch_model.bin")


def read_activation(folder: Path) -> str:
    """Returns Keras' name of the layer's activation.

    Without one, the name in the file is returned.
    """
    name = read_json(folder / "config.json").get("activation_function")
    return DENSE_ACTIVATIONS.get(name, str(name))


def read_dense(folder: Path) -> dict[str, StoredTensor]:
    """Reads the layer's weights.

    Args:
        folder: The folder of the step.

    Returns:
        `dense/kernel` [in, out] and `dense/bias` [out], zeros if the layer
        has none; empty if there is no weight file.

    Raises:
        WeightsError: If the file is damaged, or has other tensors.
    """
    path = next((folder / n for n in _FILES if (folder / n).is_file()), None)
    if path is None:
        return {}
    stored = list_tensors(path)
    if "linear.weight" not in stored or set(stored) - set(_NAMES):
        raise WeightsError(
            f"{path}: Expected {' and '.join(_NAMES)}. Received: "
            f"{', '.join(sorted(stored)) or 'nothing'}"
        )
    tensors = {
        ours: stored[theirs].with_axes(axes)
        for theirs, (ours, axes) in _NAMES.items()
        if theirs in stored
    }
    width = tensors["dense/kernel"].shape[1]
    tensors.setdefault(
        "dense/bias",
        StoredTensor(
            "linear.bias", (width,), lambda: np.zeros(width, np.float32)
        ),
    )
    return tensors
