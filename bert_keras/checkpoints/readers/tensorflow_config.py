"""Configuration files beside TensorFlow checkpoints.

Both google-research/bert and the Model Garden compute the tanh approximation
where they say "gelu"; exact GELU is what Hugging Face means by that word.
"""

from pathlib import Path

from bert_keras.checkpoints.errors import CheckpointError
from bert_keras.checkpoints.json_files import read_json
from bert_keras.config import BertConfig

# The Garden's key, which says that its "gelu" is the exact one.
APPROXIMATE = "approx_gelu"


def read_bert_config(path: Path) -> BertConfig:
    """Reads google-research's `bert_config.json`.

    Args:
        path: The file. `"hidden_act": "gelu"` is the tanh approximation,
            unless `"approx_gelu": false` says otherwise.

    Raises:
        CheckpointError: If it is no BERT configuration.
    """
    values = read_json(path)
    values["hidden_act"] = activation(values.get("hidden_act", "gelu"), values)
    values.pop(APPROXIMATE, None)
    try:
        return BertConfig.from_dict(values)
    except (ValueError, TypeError) as error:
        raise CheckpointError(f"{path}: {error}") from error


def activation(name: str, values: dict) -> str:
    """Returns our name of an activation that a TensorFlow file names.

    Args:
        name: Their name.
        values: The file, of which `approx_gelu` is read.

    Example:
        >>> activation("gelu", {}), activation("gelu", {"approx_gelu": False})
        ('gelu_new', 'gelu')
    """
    if name == "gelu" and values.get(APPROXIMATE, True):
        return "gelu_new"
    return name
