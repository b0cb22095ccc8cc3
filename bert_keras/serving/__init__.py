"""Serving exported SavedModels, without any model code.

`saved_model.py` is also a file on its own: it imports nothing of this package.
"""

from bert_keras.serving.saved_model import (
    ServedModel,
    answer_rows,
    join_batches,
)

__all__ = ["ServedModel", "answer_rows", "join_batches"]
