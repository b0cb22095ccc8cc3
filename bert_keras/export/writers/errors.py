"""Errors of a conversion."""


class ConversionError(ValueError):
    """A model that a format cannot express, or that was not kept."""
