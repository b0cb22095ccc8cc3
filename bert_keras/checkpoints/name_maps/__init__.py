"""Name maps: the names of weights in other formats, and ours."""

from bert_keras.checkpoints.name_maps.rows import Named as Named
from bert_keras.checkpoints.name_maps.rows import Rename as Rename
from bert_keras.checkpoints.name_maps.rows import by_our_names as by_our_names
from bert_keras.checkpoints.name_maps.rows import (
    by_their_names as by_their_names,
)
from bert_keras.checkpoints.name_maps.rows import rename as rename
