"""What can be wrong on the way from a handle to files."""


class HandleError(ValueError):
    """A handle that names nothing which can be opened here."""
