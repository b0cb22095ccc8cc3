"""Keyword options, and the error for one that does not exist."""

import inspect
from collections.abc import Callable, Iterable, Mapping

from bert_keras.handles import close_to


def check_options(
    options: Mapping, function: Callable, *, of: str, also: Iterable[str] = ()
) -> None:
    """Raises if a function does not take these options.

    Args:
        options: By name.
        function: Its parameters are the known options.
        of: Name of what has the options, for the message.
        also: Further known options.

    Raises:
        TypeError: With similar names, or else all of them.

    Example:
        >>> check_options({"epoch": 3}, lambda epochs, seed: None, of="fit")
        Traceback (most recent call last):
        TypeError: fit has no option 'epoch'. Did you mean epochs?
    """
    known = sorted({*inspect.signature(function).parameters, *also} - {"self"})
    for name in options:
        if name not in known:
            raise TypeError(
                f"{of} has no option {name!r}."
                + (close_to(name, known) or f" It has: {', '.join(known)}.")
            )
