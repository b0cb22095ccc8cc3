"""Fixtures of a tiny checkpoint; see `tiny_huggingface`."""

from tiny_huggingface import config as config
from tiny_huggingface import folder as folder
from tiny_huggingface import pieces as pieces
from tiny_huggingface import theirs as theirs
from tiny_huggingface import write_json as write_json
