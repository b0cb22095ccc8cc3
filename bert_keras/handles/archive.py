"""Archive: a downloaded tar or zip file, unpacked without trusting it."""

import contextlib
import errno
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from bert_keras.handles.unpacked_stream import (
    HeaderLimit,
    LimitExceeded,
    UnpackedStream,
)

MAX_MEMBERS = 10_000
MAX_BYTES = 20 * 2**30  # unpacked
# Of one file's headers in a tar file: its name, and attributes of which none
# is used. Of all headers in an archive.
MAX_HEADER = 1 << 20
MAX_HEADERS = 1 << 26
_BLOCK = 1 << 20
_ZIP = b"PK\x03\x04"
# Others are decompressed without a limit on the memory.
_ZIP_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# Errors of the local disk, not of the archive, such as a name too long.
_DISK = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENOENT,
    errno.EIO,
    errno.EMFILE,
)


class ArchiveError(ValueError):
    """An archive that is damaged, or holds more than files and folders."""


class _Member(NamedTuple):
    """One entry of an archive.

    Attributes:
        name: Its path in the archive.
        size: Bytes unpacked, as its header says.
        plain: Whether it is a file or a folder, and can be read.
        extract: Writes it below a folder.
    """

    name: str
    size: int
    plain: bool
    extract: Callable[[Path], object]


def unpack(
    archive: Path,
    folder: Path,
    *,
    max_members: int = MAX_MEMBERS,
    max_bytes: int = MAX_BYTES,
) -> None:
    """Unpacks files and folders, and refuses anything else.

    Sizes are taken from the headers. tarfile and zipfile never write more than
    these say, so a small file cannot fill the disk. Headers are limited as
    well, so that it cannot fill the memory. What was unpacked before an error
    stays: the caller removes the folder.

    Args:
        archive: A zip file, or a tar file, compressed or not.
        folder: An empty folder that exists.
        max_members: Largest number of files and folders.
        max_bytes: Largest size of all files together.

    Raises:
        ArchiveError: If the file is no archive or is damaged, if a member is
            a link, a device or outside the folder, or if a limit is exceeded.
    """
    count, size = 0, 0
    try:
        for member in _members(archive, max_bytes):
            count, size = count + 1, size + member.size
            _check(member)
            if count > max_members or size > max_bytes:
                raise ArchiveError(
                    f"Expected at most {max_members:,} files and "
                    f"{max_bytes:,} bytes in total. Received: more, at "
                    f"{member.name!r}"
                )
            member.extract(folder)
    except ArchiveError:
        raise
    except LimitExceeded as error:
        raise ArchiveError(f"{error}, in {archive.name}.") from error
    except (
        tarfile.TarError,
        zipfile.BadZipFile,
        NotImplementedError,  # a compression that zipfile does not know
        EOFError,
        OSError,
        # Numbers and names in headers that cannot be, headers of headers.
        ValueError,
        OverflowError,
        RecursionError,
        lzma.LZMAError,
        zlib.error,
    ) as error:
        # Errors that damaged data causes have no number, or another one.
        if getattr(error, "errno", None) in _DISK:
            raise
        raise ArchiveError(
            "Expected a complete tar or zip archive. Received: "
            f"{archive.name} ({error}). Download it again."
        ) from error


def _members(archive: Path, max_bytes: int) -> Iterator[_Member]:
    with archive.open("rb") as file:
        if file.read(len(_ZIP)) == _ZIP:
            # The directory of all files is read at once.
            limited = HeaderLimit(file, MAX_HEADERS)
            with zipfile.ZipFile(limited) as opened:
                for info in opened.infolist():
                    yield _of_zip(opened, info)
            return
    stream = UnpackedStream(
        archive,
        max_bytes=max_bytes + MAX_HEADERS,
        max_header=MAX_HEADER,
        max_headers=MAX_HEADERS,
    )
    with contextlib.closing(stream):
        yield from _tar_members(stream)


def _tar_members(stream: UnpackedStream) -> Iterator[_Member]:
    # The stubs want a file that can be written, and hide `members`.
    open_tar: Any = tarfile.TarFile
    with open_tar(fileobj=stream) as opened:
        while (info := opened.next()) is not None:
            stream.end_header()
            yield _of_tar(opened, info)
            # Both grow with each member, and neither is used again.
            opened.members.clear()
            opened.pax_headers.clear()
            stream.start_header()
    stream.end_header()
    # The checksum of a compressed file is at its very end, past what tarfile
    # reads.
    while stream.read(_BLOCK):
        pass


def _of_tar(opened: tarfile.TarFile, info: tarfile.TarInfo) -> _Member:
    return _Member(
        info.name,
        info.size,
        info.isreg() or info.isdir(),
        lambda folder: opened.extract(info, folder, filter="data"),
    )


def _of_zip(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> _Member:
    # The upper 16 bits are the Unix mode; 0 if it was not recorded.
    kind = stat.S_IFMT(info.external_attr >> 16)
    encrypted = info.flag_bits & 1
    return _Member(
        # As stored: `filename` has had names that lead outside corrected.
        info.orig_filename,
        info.file_size,
        kind in (0, stat.S_IFREG, stat.S_IFDIR)
        and not encrypted
        and info.compress_type in _ZIP_COMPRESSIONS,
        lambda folder: opened.extract(info, folder),
    )


def _check(member: _Member):
    path = member.name
    if path.startswith("/") or "\\" in path or ".." in path.split("/"):
        raise ArchiveError(
            f"Expected names inside the archive's folder. Received: {path!r}"
        )
    if not member.plain:
        raise ArchiveError(
            f"Expected files and folders. Received: {path!r}, a link or device"
            ", or encrypted or compressed in an unusual way"
        )
    if member.size < 0:
        raise ArchiveError(
            f"Expected sizes of at least 0. Received: {path!r} of "
            f"{member.size:,} bytes"
        )
