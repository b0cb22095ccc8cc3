r"""Strings of foreign origin, made safe to show in a terminal or a log.

A label, a path or a text may hold escape sequences that move the cursor or
rename the window, line ends that fake a line of output, or characters that
reverse the order of what follows.
"""

import re

# C0 and C1 controls, line and paragraph separators, bidirectional controls,
# and half characters, which cannot be encoded.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(value, *, keep: str = "") -> str:
    r"""Returns a string on one line, unsafe characters as Python escapes.

    Args:
        value: A string, or anything else to be shown as one.
        keep: Characters that are left as they are.

    Example:
        >>> print(printable("a\tb \x1b[31mred"))
        a\tb \x1b[31mred
        >>> print(printable("café 東京 👩‍🔬"))
        café 東京 👩‍🔬
    """
    return _UNSAFE.sub(
        lambda found: (
            found[0]
            if found[0] in keep
            else found[0].encode("unicode_escape").decode("ascii")
        ),
        str(value),
    )


def json_safe(text: str) -> str:
    r"""Returns JSON with the characters that `printable` escapes as `\uXXXX`.

    Args:
        text: JSON on one line.

    Example:
        >>> print(json_safe('["a\x9b1m"]'))
        ["a\u009b1m"]
    """
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
