"""Postprocessing: from logits to answers, and search by vectors."""

from bert_keras.postprocessing.entities import EntityDecoder
from bert_keras.postprocessing.fill import MaskFiller
from bert_keras.postprocessing.labels import (
    LabelDecoder,
    ScoreDecoder,
)
from bert_keras.postprocessing.nearest import nearest
from bert_keras.postprocessing.spans import SpanDecoder, window_spans
from bert_keras.postprocessing.tag_decoding import (
    allowed_transitions,
    tag_names,
)
from bert_keras.postprocessing.text_index import TextIndex, write_index

__all__ = [
    "EntityDecoder",
    "LabelDecoder",
    "MaskFiller",
    "ScoreDecoder",
    "SpanDecoder",
    "TextIndex",
    "allowed_transitions",
    "nearest",
    "tag_names",
    "window_spans",
    "write_index",
]
