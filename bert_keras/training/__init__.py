"""Training: batches by length, steps, resuming, and the folder of a run."""

from bert_keras.checkpoints.tensor_file import read_tensors, write_tensors
from bert_keras.settings import TrainingSettings
from bert_keras.training.batches import (
    Rows,
    epoch_batches,
    flat_rows,
    tokenize_rows,
)
from bert_keras.training.data import IGNORED, TrainingData
from bert_keras.training.errors import OutOfMemory, TrainingDiverged
from bert_keras.training.loop import Monitor, train
from bert_keras.training.masked import MaskedData, masked_input_specs
from bert_keras.training.objectives import Objective
from bert_keras.training.optimization import WarmupLinearDecay, make_optimizer
from bert_keras.training.pairs import PairedData
from bert_keras.training.progress import ProgressBar
from bert_keras.training.run_folder import RunExists, RunFolder
from bert_keras.training.validation import ValidationLoss
from bert_keras.training.windowed import WindowedData

__all__ = [
    "IGNORED",
    "MaskedData",
    "Monitor",
    "Objective",
    "OutOfMemory",
    "PairedData",
    "ProgressBar",
    "Rows",
    "RunExists",
    "RunFolder",
    "TrainingData",
    "TrainingDiverged",
    "TrainingSettings",
    "ValidationLoss",
    "WarmupLinearDecay",
    "WindowedData",
    "epoch_batches",
    "flat_rows",
    "make_optimizer",
    "masked_input_specs",
    "read_tensors",
    "tokenize_rows",
    "train",
    "write_tensors",
]
