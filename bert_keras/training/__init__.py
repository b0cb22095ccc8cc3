"""Training: batches by length, steps, resuming, and the folder of a run."""

from bert_keras.settings import TrainingSettings
from bert_keras.training.batches import (
    TokenSequences,
    epoch_batches,
    flatten_sequences,
    tokenize_sequences,
)
from bert_keras.training.data import (
    IGNORED,
    BatchSource,
    TrainingData,
    combined_weights,
    raw_bytes,
)
from bert_keras.training.errors import OutOfMemory, TrainingDiverged
from bert_keras.training.history import History
from bert_keras.training.learning_rate import WarmupLinearDecay
from bert_keras.training.loop import Monitor, train
from bert_keras.training.masked import MaskedData, masked_input_specs
from bert_keras.training.objectives import Mixture, Objective
from bert_keras.training.optimization import OptimizerChoice, make_optimizer
from bert_keras.training.pairs import PairedData
from bert_keras.training.progress import ProgressBar
from bert_keras.training.run_folder import RunExists, RunFolder
from bert_keras.training.validation import ValidationLoss
from bert_keras.training.windowed import WindowedData

__all__ = [
    "IGNORED",
    "BatchSource",
    "History",
    "MaskedData",
    "Mixture",
    "Monitor",
    "Objective",
    "OptimizerChoice",
    "OutOfMemory",
    "PairedData",
    "ProgressBar",
    "RunExists",
    "RunFolder",
    "TokenSequences",
    "TrainingData",
    "TrainingDiverged",
    "TrainingSettings",
    "ValidationLoss",
    "WarmupLinearDecay",
    "WindowedData",
    "combined_weights",
    "epoch_batches",
    "flatten_sequences",
    "make_optimizer",
    "masked_input_specs",
    "raw_bytes",
    "tokenize_sequences",
    "train",
]
