"""Postprocessing: numbers become answers, in the graph."""

from bert_keras.postprocessing.entities import EntityDecoder
from bert_keras.postprocessing.labels import (
    SEPARATOR,
    LabelDecoder,
    ScoreDecoder,
)
from bert_keras.postprocessing.tag_paths import allowed_steps, tag_names

__all__ = [
    "SEPARATOR",
    "EntityDecoder",
    "LabelDecoder",
    "ScoreDecoder",
    "allowed_steps",
    "tag_names",
]
