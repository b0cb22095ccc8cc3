"""Errors in resolving a handle to files."""


class HandleError(ValueError):
    """A handle that cannot be resolved to files."""
