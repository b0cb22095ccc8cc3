"""Unpacked stream: the bytes of an archive, read within limits.

tarfile and zipfile read headers whole, as long as they say they are, before
any name or size is known. So they read through these.
"""

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

_BLOCK = 1 << 20
# By the first bytes of the file.
_GZIP, _BZIP2 = b"\x1f\x8b", b"BZh"
_XZ, _LZMA = b"\xfd7zXZ\x00", b"\x5d\x00\x00"
# `xz -9` needs 65 MiB; a header may ask for 4 GiB.
_XZ_MEMORY = 1 << 28


class LimitExceeded(ValueError):
    """An archive that unpacks to more than is allowed."""


class HeaderLimit:
    """A file of which at most so much is read at once.

    Args:
        file: An open file.
        largest: Bytes of the largest read.
    """

    def __init__(self, file: BinaryIO, largest: int):
        self._file, self._largest = file, largest

    def read(self, size: int = -1) -> bytes:
        """Reads up to so many bytes, or the rest."""
        if not 0 <= size <= self._largest:
            size = self._largest + 1
        data = self._file.read(size)
        if len(data) > self._largest:
            raise LimitExceeded(
                f"Expected headers of at most {self._largest:,} bytes. "
                "Received: more"
            )
        return data

    def seek(self, position: int, whence: int = 0) -> int:
        """Sets the position."""
        return self._file.seek(position, whence)

    def tell(self) -> int:
        """Returns the position."""
        return self._file.tell()

    def seekable(self) -> bool:
        """Tells zipfile that it can seek."""
        return True


class UnpackedStream:
    """The decompressed bytes of a tar file, read once and forwards.

    Args:
        path: The file, compressed by gzip, bzip2, xz or not at all.
        max_bytes: Largest number of bytes in total.
        max_header: Largest number of bytes that one member's headers have,
            all that are read between two calls of `start_header`.
        max_headers: Largest number of bytes of all headers.
    """

    def __init__(
        self, path: Path, *, max_bytes: int, max_header: int, max_headers: int
    ):
        self._file = path.open("rb")
        self._read = _decompressed(self._file)
        self._position, self._last, self._repeats = 0, b"", False
        self._max_bytes, self._max_header = max_bytes, max_header
        self._left = max_headers  # for all headers together
        self._in_header, self._header = True, 0

    def start_header(self) -> None:
        """Counts what is read from now on as one member's headers."""
        self._in_header, self._header = True, 0

    def end_header(self) -> None:
        """Counts what is read from now on as a member's content."""
        self._in_header, self._header = False, 0

    def read(self, size: int) -> bytes:
        """Reads up to so many bytes."""
        if self._in_header:
            self._header += size
            self._left -= size
        if self._header > self._max_header or self._left < 0:
            raise LimitExceeded(
                f"Expected headers of at most {self._max_header:,} bytes for a "
                "file. Received: more"
            )
        again = self._last if self._repeats and size else b""
        data = again + self._next(size - len(again))
        self._repeats = False
        self._last = data[-1:] or self._last
        return data

    def _next(self, size: int) -> bytes:
        data = self._read(size) if size else b""
        self._position += len(data)
        if self._position > self._max_bytes:
            raise LimitExceeded(
                f"Expected at most {self._max_bytes:,} bytes, with headers. "
                "Received: more"
            )
        return data

    def seek(self, position: int, whence: int = 0) -> int:
        """Skips bytes; tarfile also goes back by one, to see the end."""
        if whence or position < self.tell() - 1:
            raise LimitExceeded(
                "Expected files one after the other. Received: one that "
                "starts inside another"
            )
        if position == self.tell() - 1 and not self._repeats:
            self._repeats = True
        while self.tell() < position:
            data = self._next(min(position - self.tell(), _BLOCK))
            if not data:
                break
            self._last = data[-1:]
        return self.tell()

    def tell(self) -> int:
        """Returns how many bytes were read."""
        return self._position - self._repeats

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def _decompressed(file: BinaryIO) -> Callable[[int], bytes]:
    """Returns a function that reads up to so many decompressed bytes."""
    first = file.read(len(_XZ))
    file.seek(0)
    if first.startswith(_GZIP):
        return gzip.GzipFile(fileobj=file).read
    if first.startswith(_BZIP2):
        return bz2.BZ2File(file).read
    if first.startswith((_XZ, _LZMA)):
        return _Xz(file).read
    return file.read


class _Xz:
    """Decompresses xz with a limit on the memory, which `lzma` has not."""

    def __init__(self, file: BinaryIO):
        self._file = file
        self._decompressor = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)

    def read(self, size: int) -> bytes:
        parts = []
        while size:
            data = self._some(size)
            if not data:
                break
            parts.append(data)
            size -= len(data)
        return b"".join(parts)

    def _some(self, size: int) -> bytes:
        """Returns at least one byte, unless the file has ended."""
        while True:
            packed = b""
            if self._decompressor.eof:
                # Streams may follow each other, padded with zeros.
                packed = self._decompressor.unused_data.lstrip(b"\0")
                while not packed:
                    block = self._file.read(_BLOCK)
                    if not block:
                        return b""
                    packed = block.lstrip(b"\0")
                self._decompressor = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)
            elif self._decompressor.needs_input:
                packed = self._file.read(_BLOCK)
                if not packed:
                    raise EOFError("it ends before its end-of-stream marker")
            data = self._decompressor.decompress(packed, max_length=size)
            if data:
                return data
