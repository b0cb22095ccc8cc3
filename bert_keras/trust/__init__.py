"""Trust: which SavedModels may be run without the user's consent.

A SavedModel is a program, and parts of it run as soon as it is loaded. Before
that, its file is parsed as data, and every operation in its graph and its
functions is looked up (`operations`). Operations that only compute are
allowed, and so are variables and tables. Saving, restoring and reading a
vocabulary are allowed where TensorFlow puts them (`excused`). Everything else
is refused unless the user trusts the model (`check`).

This is not a sandbox: it does not make a malicious file safe to run. It stops
programs that write, send or call what an encoder does not need.
"""

from bert_keras.trust.check import (
    SAVED_MODEL,
    UntrustedModel,
    parse_saved_model,
    require_trust,
    suspicious,
)

__all__ = [
    "SAVED_MODEL",
    "UntrustedModel",
    "parse_saved_model",
    "require_trust",
    "suspicious",
]
