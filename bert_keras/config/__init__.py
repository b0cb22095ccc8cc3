"""Configurations: frozen dataclasses with BERT's own JSON keys.

`bert_config.json` (google-research) and `config.json` (Hugging Face) load as
they are, because the fields have the same names as in these files. Each number
is checked: a configuration is a file that anybody may have written.
"""

from bert_keras.config.bert import ACTIVATIONS, POSITIONS, SIZES, BertConfig
from bert_keras.config.saved_model import SavedModelConfig
from bert_keras.config.tokenizer import TokenizerConfig

__all__ = [
    "ACTIVATIONS",
    "POSITIONS",
    "SIZES",
    "BertConfig",
    "SavedModelConfig",
    "TokenizerConfig",
]
