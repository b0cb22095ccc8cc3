"""Raw text to the encoder's inputs, in the graph, as original BERT does it."""

from bert_keras.preprocessing.alignment import (
    Words,
    covered_words,
    find_words,
)
from bert_keras.preprocessing.links import inside_links
from bert_keras.preprocessing.masking import Masked, Masking
from bert_keras.preprocessing.offsets import lookup
from bert_keras.preprocessing.packing import (
    Padding,
    SpecialIds,
    pack,
    trim_pair,
)
from bert_keras.preprocessing.preprocessor import Preprocessor
from bert_keras.preprocessing.tokenizer import Tokenizer
from bert_keras.preprocessing.vocabulary import Vocabulary
from bert_keras.preprocessing.windows import (
    Windows,
    map_windows,
    slide,
    windows_per_batch,
)

__all__ = [
    "Masked",
    "Masking",
    "Padding",
    "Preprocessor",
    "SpecialIds",
    "Tokenizer",
    "Vocabulary",
    "Windows",
    "Words",
    "covered_words",
    "find_words",
    "inside_links",
    "lookup",
    "map_windows",
    "pack",
    "slide",
    "trim_pair",
    "windows_per_batch",
]
