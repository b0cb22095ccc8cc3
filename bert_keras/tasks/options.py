"""Options by keyword, and what to say about one that does not exist."""

import inspect
from collections.abc import Callable, Iterable, Mapping

from bert_keras.handles import close_to


def check_options(
    options: Mapping, function: Callable, *, of: str, also: Iterable[str] = ()
) -> None:
    """Raises if a function does not take these options.

    Args:
        options: By name.
        function: Its parameters are the options there are.
        of: What has the options, for the message.
        also: Options that are taken elsewhere.

    Raises:
        TypeError: With the names that are spelled alike, or else all of them.

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
