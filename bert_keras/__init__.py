"""BERT for TensorFlow and Keras 3: raw text in, a SavedModel out.

    raw text -> preprocessing -> encoder -> head -> postprocessing = task
             -> training -> export -> serving

The packages are named after these stages. What users need is listed here, and
imported when it is first used: TensorFlow takes seconds to start.
"""

import importlib
import os
from typing import TYPE_CHECKING

# The same names for type checkers and editors, which run nothing.
if TYPE_CHECKING:
    from bert_keras.checkpoints import CheckpointError as CheckpointError
    from bert_keras.checkpoints import RestoreError as RestoreError
    from bert_keras.checkpoints import WeightsError as WeightsError
    from bert_keras.checkpoints import describe as describe
    from bert_keras.checkpoints import load_encoder as load_encoder
    from bert_keras.checkpoints import load_preprocessor as load_preprocessor
    from bert_keras.config import BertConfig as BertConfig
    from bert_keras.data import Augmentation as Augmentation
    from bert_keras.data import DataError as DataError
    from bert_keras.data import read_examples as read_examples
    from bert_keras.digests import DigestError as DigestError
    from bert_keras.encoders import BertEncoder as BertEncoder
    from bert_keras.experiments import cross_validate as cross_validate
    from bert_keras.experiments import fit_multi_task as fit_multi_task
    from bert_keras.experiments import tune as tune
    from bert_keras.export import ConversionError as ConversionError
    from bert_keras.export import ExportRefused as ExportRefused
    from bert_keras.export import convert as convert
    from bert_keras.handles import HandleError as HandleError
    from bert_keras.preprocessing import Preprocessor as Preprocessor
    from bert_keras.tasks import MaskedLanguageModel as MaskedLanguageModel
    from bert_keras.tasks import QuestionAnswerer as QuestionAnswerer
    from bert_keras.tasks import Task as Task
    from bert_keras.tasks import TextClassifier as TextClassifier
    from bert_keras.tasks import TextEmbedder as TextEmbedder
    from bert_keras.tasks import TextRegressor as TextRegressor
    from bert_keras.tasks import TokenTagger as TokenTagger
    from bert_keras.tasks import load_task as load_task
    from bert_keras.training import OutOfMemory as OutOfMemory
    from bert_keras.training import RunExists as RunExists
    from bert_keras.training import TrainingDiverged as TrainingDiverged
    from bert_keras.trust import UntrustedModel as UntrustedModel

# Matrix products by oneDNN train a fifth faster on CPUs where TensorFlow does
# not enable it by default. Read once, when TensorFlow is imported.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
# C++ messages are not for users: errors are raised as exceptions.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

__version__ = "0.1.0"

_PUBLIC = {
    # Tasks
    "MaskedLanguageModel": "bert_keras.tasks",
    "QuestionAnswerer": "bert_keras.tasks",
    "Task": "bert_keras.tasks",
    "TextClassifier": "bert_keras.tasks",
    "TextEmbedder": "bert_keras.tasks",
    "TextRegressor": "bert_keras.tasks",
    "TokenTagger": "bert_keras.tasks",
    "load_task": "bert_keras.tasks",
    # Procedures over tasks
    "cross_validate": "bert_keras.experiments",
    "fit_multi_task": "bert_keras.experiments",
    "tune": "bert_keras.experiments",
    # Encoders and data
    "Augmentation": "bert_keras.data",
    "BertConfig": "bert_keras.config",
    "BertEncoder": "bert_keras.encoders",
    "Preprocessor": "bert_keras.preprocessing",
    "convert": "bert_keras.export",
    "describe": "bert_keras.checkpoints",
    "load_encoder": "bert_keras.checkpoints",
    "load_preprocessor": "bert_keras.checkpoints",
    "read_examples": "bert_keras.data",
    # Errors
    "CheckpointError": "bert_keras.checkpoints",
    "ConversionError": "bert_keras.export",
    "DataError": "bert_keras.data",
    "DigestError": "bert_keras.digests",
    "ExportRefused": "bert_keras.export",
    "HandleError": "bert_keras.handles",
    "OutOfMemory": "bert_keras.training",
    "RestoreError": "bert_keras.checkpoints",
    "RunExists": "bert_keras.training",
    "TrainingDiverged": "bert_keras.training",
    "UntrustedModel": "bert_keras.trust",
    "WeightsError": "bert_keras.checkpoints",
}

# Type checkers take the imports above; this is for `import *` and `dir`.
__all__ = sorted(  # pyright: ignore[reportUnsupportedDunderAll]
    [*_PUBLIC, "__version__"]
)


def __getattr__(name: str):
    if name not in _PUBLIC:
        raise AttributeError(
            f"bert_keras has no {name!r}. It has: {', '.join(__all__)}"
        )
    return getattr(importlib.import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return __all__
