"""Postprocessing: numbers become answers, in the graph."""

from bert_keras.postprocessing.labels import (
    SEPARATOR,
    LabelDecoder,
    ScoreDecoder,
)

__all__ = ["SEPARATOR", "LabelDecoder", "ScoreDecoder"]
