"""Checkpoints: pretrained weights of any origin, found, read and restored.

handle -> `handles` -> path -> `formats` -> files -> a reader (`huggingface`,
with its `name_maps`) -> tensors -> `restore` -> encoder
"""

from bert_keras.checkpoints.describe import describe as describe
from bert_keras.checkpoints.formats import Checkpoint as Checkpoint
from bert_keras.checkpoints.formats import CheckpointError as CheckpointError
from bert_keras.checkpoints.formats import find_checkpoint as find_checkpoint
from bert_keras.checkpoints.handles import HandleError as HandleError
from bert_keras.checkpoints.handles import resolve as resolve
from bert_keras.checkpoints.huggingface import WeightsError as WeightsError
from bert_keras.checkpoints.load import load_encoder as load_encoder
from bert_keras.checkpoints.load import load_preprocessor as load_preprocessor
from bert_keras.checkpoints.restore import RestoreError as RestoreError
from bert_keras.checkpoints.restore import restore as restore
