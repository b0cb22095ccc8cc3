"""Archive: a downloaded tar file, unpacked without trusting it."""

import tarfile
import zlib
from pathlib import Path

MAX_MEMBERS = 10_000
MAX_BYTES = 20 * 2**30  # unpacked


class ArchiveError(ValueError):
    """An archive that is damaged, or holds what no model needs."""


def unpack(
    archive: Path,
    folder: Path,
    *,
    max_members: int = MAX_MEMBERS,
    max_bytes: int = MAX_BYTES,
) -> None:
    """Unpacks files and folders, and refuses anything else.

    Sizes are those of the headers, which tarfile never writes more than, so
    that a small file cannot fill the disk. What was unpacked before an error
    stays: unpack into a folder that is removed then.

    Args:
        archive: A tar file, compressed or not.
        folder: An empty folder that exists.
        max_members: Files and folders at most.
        max_bytes: Bytes of all files at most.

    Raises:
        ArchiveError: If the file is no archive or is damaged, if a member is
            a link or a device or would lie outside the folder, or if there is
            more than the limits allow.
    """
    members, size = 0, 0
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                members, size = members + 1, size + member.size
                _check(member)
                if members > max_members or size > max_bytes:
                    raise ArchiveError(
                        f"Expected at most {max_members:,} files of "
                        f"{max_bytes:,} bytes together. Received: more, at "
                        f"{member.name!r}"
                    )
                tar.extract(member, folder, filter="data")
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise ArchiveError(
            f"Expected a whole tar archive. Received: {archive.name} ({error})."
            " Download it again."
        ) from error


def _check(member: tarfile.TarInfo):
    path = member.name
    if path.startswith("/") or "\\" in path or ".." in path.split("/"):
        raise ArchiveError(
            f"Expected names inside the archive's folder. Received: {path!r}"
        )
    if not (member.isreg() or member.isdir()):
        raise ArchiveError(
            f"Expected files and folders. Received: {path!r}, a link or device"
        )
