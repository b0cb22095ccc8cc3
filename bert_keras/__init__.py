"""BERT for TensorFlow and Keras 3: raw text in, a SavedModel out.

    raw text -> preprocessing -> encoder -> head -> postprocessing = task
             -> training -> export -> serving

The packages are named after these stages. What users need stands here, and is
imported when it is first used: TensorFlow takes seconds to start.
"""

import importlib
import os

# Matrix products by oneDNN train a fifth faster on CPUs where TensorFlow does
# not turn it on by itself. Read once, when TensorFlow is imported.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
# C++ messages are not for users: what goes wrong comes as an exception.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

__version__ = "0.1.0"

_PUBLIC = {
    "Augmentation": "bert_keras.data",
    "BertConfig": "bert_keras.config",
    "BertEncoder": "bert_keras.encoders",
    "MaskedLanguageModel": "bert_keras.tasks",
    "Preprocessor": "bert_keras.preprocessing",
    "QuestionAnswerer": "bert_keras.tasks",
    "TextClassifier": "bert_keras.tasks",
    "TextEmbedder": "bert_keras.tasks",
    "TextRegressor": "bert_keras.tasks",
    "TokenTagger": "bert_keras.tasks",
    "convert": "bert_keras.export",
    "cross_validate": "bert_keras.experiments",
    "describe": "bert_keras.checkpoints",
    "fit_multi_task": "bert_keras.experiments",
    "load_encoder": "bert_keras.checkpoints",
    "load_preprocessor": "bert_keras.checkpoints",
    "load_task": "bert_keras.tasks",
    "read_examples": "bert_keras.data",
    "tune": "bert_keras.experiments",
}

__all__ = sorted([*_PUBLIC, "__version__"])


def __getattr__(name: str):
    if name not in _PUBLIC:
        raise AttributeError(
            f"bert_keras has no {name!r}. It has: {', '.join(__all__)}"
        )
    return getattr(importlib.import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return __all__
