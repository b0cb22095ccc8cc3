"""LoRA matrices of a saved task, merged into the kernels that they adapt."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from bert_keras.checkpoints.tensors import StoredTensor

_A, _B, _KERNEL = "/lora_a", "/lora_b", "/kernel"


def merged_lora(tensors: Mapping[str, StoredTensor]) -> dict[str, StoredTensor]:
    """Returns the weights of an encoder without LoRA that computes the same.

    Args:
        tensors: By our names. Where `X/lora_a` [in, rank] and `X/lora_b`
            [rank, out] stand beside `X/kernel` [in, out], their product is
            added to the kernel when it is read: https://arxiv.org/abs/2106.09685

    Returns:
        The tensors by name, without LoRA's own.
    """
    merged = {
        name: tensor
        for name, tensor in tensors.items()
        if not name.endswith((_A, _B))
    }
    for name, lora_a in tensors.items():
        layer = name.removesuffix(_A)
        lora_b, kernel = (tensors.get(layer + end) for end in (_B, _KERNEL))
        if name.endswith(_A) and lora_b is not None and kernel is not None:
            merged[layer + _KERNEL] = _sum(kernel, lora_a, lora_b)
    return merged


def _sum(
    kernel: StoredTensor, lora_a: StoredTensor, lora_b: StoredTensor
) -> StoredTensor:
    def read() -> np.ndarray:
        return np.asarray(kernel) + np.asarray(lora_a) @ np.asarray(lora_b)

    return dataclasses.replace(kernel, read=read)
