"""A task on disk: JSON, safetensors and the preprocessor's files."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np

from bert_keras import contract
from bert_keras.atomic import replacing
from bert_keras.checkpoints import read_tensors, restore, write_tensors
from bert_keras.digests import check_digests, folder_digests
from bert_keras.tasks.encoder_folder import keep_encoder


def save_task(folder: str | Path, values: dict, network, preprocessor) -> Path:
    """Writes a task's folder; the file that names the task comes last.

    Args:
        folder: Created if it is missing.
        values: The contents of `task.json`, without the digests of the files.
        network: Its weights are saved, in float32, and the graph of an
            encoder that is a SavedModel.
        preprocessor: Saves its own files.
    """
    folder = Path(folder)
    preprocessor.save(folder)
    keep_encoder(network.encoder, folder)
    tensors = {
        name: np.asarray(variable.numpy(), np.float32)
        for name, variable in network.named_variables.items()
    }
    write_tensors(folder / contract.WEIGHTS, tensors)
    names = [contract.VOCABULARY, contract.TOKENIZER_CONFIG, contract.WEIGHTS]
    if saved_model := network.encoder.config.to_dict().get("saved_model"):
        names.append(saved_model)
    values = {**values, "digests": folder_digests(folder, names)}
    with replacing(folder / contract.TASK_CONFIG) as temporary:
        text = json.dumps(values, indent=2, ensure_ascii=False)
        temporary.write_text(text + "\n", encoding="utf-8")
    return folder


def read_task(folder: str | Path) -> dict:
    """Returns the contents of `task.json`.

    Raises:
        ValueError: If the folder holds no finished task.
    """
    path = Path(folder) / contract.TASK_CONFIG
    if not path.is_file():
        raise ValueError(
            f"Expected the folder of a trained task, with "
            f"{contract.TASK_CONFIG} in it. Received: {folder}. If its "
            "training was interrupted, run the same training command again."
        )
    return json.loads(path.read_text(encoding="utf-8"))


def restore_weights(folder: str | Path, network) -> None:
    """Reads the saved weights into a network, strictly.

    Raises:
        DigestError: If the folder's files are not those that were saved.
    """
    path = Path(folder) / contract.WEIGHTS
    check_digests(
        path.with_name(contract.TASK_CONFIG), read_task(folder).get("digests")
    )
    tensors, _ = read_tensors(path)
    restore(network.named_variables, tensors, source=path)


def restore_head(
    network,
    tensors: Mapping,
    *,
    source: str | Path,
    fresh: Collection[str] = (),
) -> None:
    """Assigns the weights of a checkpoint's head, strictly.

    Args:
        network: The network with the head.
        tensors: By our names inside the head; see `Contents.heads`.
        source: Where they come from, for messages.
        fresh: Layers of the head that keep their current weights.
    """

    def wanted(name: str) -> bool:
        return name.partition("/")[0] not in fresh

    start = len(network.head.name) + 1
    weights = {weight.path[start:]: weight for weight in network.head.weights}
    restore(
        {name: weight for name, weight in weights.items() if wanted(name)},
        {name: tensor for name, tensor in tensors.items() if wanted(name)},
        source=source,
    )
