"""Errors in the files of a checkpoint."""


class CheckpointError(ValueError):
    """A folder that cannot be loaded as a BERT checkpoint."""


class WeightsError(ValueError):
    """A weight file that cannot be read or holds impossible values."""
