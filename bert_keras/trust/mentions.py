"""Mentions: what names a function or a node of a SavedModel."""

CALLS = ("PartitionedCall", "StatefulPartitionedCall")


def count_mentions(content: bytes, text: str) -> int:
    """Returns how often a serialized message holds a text as a whole field.

    It may count too many, if bytes happen to look like such a field, but never
    too few.

    Args:
        content: The serialized message.
        text: The whole field.

    Example:
        >>> count_mentions(b"\\n\\x03one\\x12\\x06onetwo", "one")
        1
    """
    encoded = text.encode()
    length, prefix = len(encoded), []
    while length > 127:  # a varint: 7 bits a byte, the lowest first
        prefix.append(length & 127 | 128)
        length >>= 7
    return content.count(bytes([*prefix, length]) + encoded)


def node_of(text: str) -> str:
    """Returns the node that an input names.

    Example:
        >>> node_of("^save"), node_of("save:0")
        ('save', 'save')
    """
    return text.removeprefix("^").split(":")[0]
