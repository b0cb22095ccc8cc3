"""What can be wrong with the files of a checkpoint."""


class CheckpointError(ValueError):
    """A folder whose content cannot be loaded as a BERT checkpoint."""


class WeightsError(ValueError):
    """A file of weights that cannot be read or holds impossible values."""
