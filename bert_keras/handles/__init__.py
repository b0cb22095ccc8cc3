"""Handles: one string for where a model is, resolved to a local path.

Each kind of handle has a file: `local`, `package`, `hub`, `huggingface`,
`kaggle`, `google_storage`. They share `transport`, `download`, `cache`,
`archive`, `pin`, `listing`. Nothing here knows what a model is.
"""

from bert_keras.handles.errors import HandleError
from bert_keras.handles.listing import close_to, folder_listing, shortened
from bert_keras.handles.resolve import pin_of, resolve

__all__ = [
    "HandleError",
    "close_to",
    "folder_listing",
    "pin_of",
    "resolve",
    "shortened",
]
