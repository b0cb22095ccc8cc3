"""What can be wrong with the files of a checkpoint, or on the way to them."""


class CheckpointError(ValueError):
    """A folder whose content cannot be loaded as a BERT checkpoint."""


class HandleError(ValueError):
    """A handle that names nothing which can be opened here."""


class WeightsError(ValueError):
    """A file of weights that cannot be read or holds impossible values."""
