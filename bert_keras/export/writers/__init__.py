"""Writers: `Contents` in, the files of one format out.

A writer is a function from `Contents` and an empty folder to files. It raises a
`ConversionError` for what its format cannot express; parts that a format cannot
hold are checked before it is called (see `bert_keras.export.convert`).
"""
