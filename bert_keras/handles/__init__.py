"""Handles: one string for where a model is, resolved to a local path.

Each kind of handle has a file: `local`, `package`, `hub`, `huggingface`,
`kaggle`, `google_storage`. What they share stands beside them: `transport`,
`download`, `cache`, `archive`, `pin`, `listing`. Nothing here knows what a
model is.
"""

from bert_keras.handles.errors import HandleError as HandleError
from bert_keras.handles.listing import close_to as close_to
from bert_keras.handles.listing import folder_listing as folder_listing
from bert_keras.handles.listing import shortened as shortened
from bert_keras.handles.resolve import pin_of as pin_of
from bert_keras.handles.resolve import resolve as resolve
