"""Readers: the files of one format in, `Contents` out."""
