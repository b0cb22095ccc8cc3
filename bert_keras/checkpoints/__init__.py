"""Checkpoints: pretrained weights of any origin, found, read and restored.

handle -> `handles` -> folder -> `read` -> one of `readers`, with its table of
`name_maps` -> `Contents` -> `restore` -> encoder
"""

from bert_keras.checkpoints.contents import Contents as Contents
from bert_keras.checkpoints.describe import describe as describe
from bert_keras.checkpoints.errors import CheckpointError as CheckpointError
from bert_keras.checkpoints.errors import WeightsError as WeightsError
from bert_keras.checkpoints.load import encoder_from as encoder_from
from bert_keras.checkpoints.load import load_encoder as load_encoder
from bert_keras.checkpoints.load import load_preprocessor as load_preprocessor
from bert_keras.checkpoints.load import preprocessor_from as preprocessor_from
from bert_keras.checkpoints.read import read_checkpoint as read_checkpoint
from bert_keras.checkpoints.restore import RestoreError as RestoreError
from bert_keras.checkpoints.restore import restore as restore
from bert_keras.checkpoints.versions import newest_version as newest_version
