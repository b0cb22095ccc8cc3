"""Writers: `Contents` in, the files of one format out.

A writer is a function from `Contents` and an empty folder to files. It says
what its format cannot express by a `ConversionError`; heads without a place
are looked at before it is called (see `bert_keras.export.convert`).
"""
