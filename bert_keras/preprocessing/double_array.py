"""A double-array trie: byte strings to numbers, in one array of integers.

The layout is that of darts-clone (https://github.com/s-yata/darts-clone),
because the operation that looks up characters in the graph reads no other.

A unit is 32 bits. A node's unit contains the last byte of its key (bits 0 to
7), whether its key has a value (bit 8) and, from bit 10, the number that gives
its base: base = position XOR number. The child for byte `b` is at
base XOR `b`, the value at the base itself, with bit 31 set.
"""

import dataclasses

import numpy as np

_BLOCK = 256
# Only this many of the newest blocks are searched for a base before a block is
# added: older ones are almost full.
_RECENT = 16


@dataclasses.dataclass
class _Node:
    position: int
    label: int
    children: dict


def build_double_array(values: dict[bytes, int]) -> np.ndarray:
    """Returns the units of a trie, uint32 [size].

    Args:
        values: From keys, which are not empty and have no NUL bytes, to
            numbers below 2**31.

    Returns:
        The units; `size` is a multiple of 256, so that the lookup of any byte
        stays within the array.
    """
    root = _nested(values)
    units = _Units()
    single = []
    pending = [_Node(0, 0, root)]
    for node in pending:  # It grows during the loop: breadth first.
        if list(node.children) == [0]:
            single.append(node)
            continue
        base = units.place(node)
        for byte, below in node.children.items():
            if byte:
                pending.append(_Node(base ^ byte, byte, below))
    # Nodes that only have a value fit into any gap, so they come last.
    for node in single:
        units.place_in_gap(node)
    return np.array(units.values, dtype=np.uint32)


def _nested(values: dict[bytes, int]) -> dict:
    """Returns the trie as nested dictionaries; a key's value is at 0."""
    root: dict = {}
    for key, value in values.items():
        node = root
        for byte in key:
            node = node.setdefault(byte, {})
        node[0] = value
    return root


class _Units:
    """The array under construction, and which positions and bases are taken."""

    def __init__(self):
        self.values: list[int] = []
        self._taken: list[int] = []  # A mask of 256 bits per block.
        # Two nodes with the same base would find each other's children.
        self._bases: set[int] = set()
        self._gap = 1
        self._add_block()
        self._taken[0] = 1  # The root is at 0.

    def place(self, node: _Node) -> int:
        """Writes the node and its value; returns its base."""
        base = self._find_base(node.children)
        self._write(node, base)
        for byte in node.children:
            position = base ^ byte
            self._taken[position // _BLOCK] |= 1 << position % _BLOCK
        return base

    def place_in_gap(self, node: _Node) -> None:
        """Writes a node without children at the first free base."""
        while self._is_taken(self._gap) or self._gap in self._bases:
            self._gap += 1
            if self._gap == len(self.values):
                self._add_block()
        self._write(node, self._gap)
        self._taken[self._gap // _BLOCK] |= 1 << self._gap % _BLOCK

    def _write(self, node: _Node, base: int) -> None:
        self._bases.add(base)
        has_value = 0 in node.children
        self.values[node.position] = (
            (node.position ^ base) << 10 | has_value << 8 | node.label
        )
        if has_value:
            self.values[base] = 1 << 31 | node.children[0]

    def _find_base(self, labels) -> int:
        # The bytes that continue a character have the same two top bits, so
        # only four of the 256 bases in a block are worth trying.
        masks = {
            low: sum(1 << (byte ^ low) for byte in labels)
            for low in (0x00, 0x40, 0x80, 0xC0)
        }
        first = max(0, len(self._taken) - _RECENT)
        for block in range(first, len(self._taken)):
            for low, mask in masks.items():
                base = block * _BLOCK + low
                if not self._taken[block] & mask and base not in self._bases:
                    return base
        self._add_block()
        return len(self.values) - _BLOCK

    def _is_taken(self, position: int) -> bool:
        return bool(self._taken[position // _BLOCK] >> position % _BLOCK & 1)

    def _add_block(self) -> None:
        self.values.extend([0] * _BLOCK)
        self._taken.append(0)
