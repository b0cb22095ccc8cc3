import bz2
import gzip
import io
import lzma
import stat
import tarfile
import tracemalloc
import zipfile

import numpy as np
import pytest

from bert_keras.handles import archive
from bert_keras.handles.archive import ArchiveError, unpack


@pytest.fixture
def pack(tmp_path):
    def pack(*members):
        path = tmp_path / "model.tar.gz"
        with tarfile.open(path, "w:gz") as tar:
            for name, kind, content in members:
                member = tarfile.TarInfo(name)
                member.type, member.size = kind, len(content)
                member.linkname = "/etc/passwd"
                tar.addfile(member, io.BytesIO(content))
        return path

    return pack


@pytest.fixture
def out(tmp_path):
    path = tmp_path / "out"
    path.mkdir()
    return path


def test_files_and_folders(pack, out):
    file = ("./assets/vocab.txt", tarfile.REGTYPE, b"[PAD]\n")
    unpack(pack(("./assets", tarfile.DIRTYPE, b""), file), out)
    assert (out / "assets" / "vocab.txt").read_bytes() == b"[PAD]\n"


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("/tmp/x", tarfile.REGTYPE, "inside the archive's folder"),
        ("a/../../x", tarfile.REGTYPE, "inside the archive's folder"),
        ("x", tarfile.SYMTYPE, "a link or device"),
        ("x", tarfile.LNKTYPE, "a link or device"),
        ("x", tarfile.CHRTYPE, "a link or device"),
        ("x", tarfile.FIFOTYPE, "a link or device"),
    ],
)
def test_what_no_model_needs(pack, out, name, kind, message):
    with pytest.raises(ArchiveError, match=message):
        unpack(pack((name, kind, b"")), out)
    assert list(out.iterdir()) == []


def test_a_bomb(pack, out):
    path = pack(("zeros", tarfile.REGTYPE, bytes(1_000_000)))
    with pytest.raises(ArchiveError, match="at most 10,000 files and 999,999"):
        unpack(path, out, max_bytes=999_999)
    assert list(out.iterdir()) == []


def test_too_many_files(pack, out):
    path = pack(*((str(i), tarfile.REGTYPE, b"") for i in range(3)))
    with pytest.raises(ArchiveError, match="at most 2 files"):
        unpack(path, out, max_members=2)


@pytest.mark.parametrize("damage", ["cut", "html"])
def test_no_whole_archive(pack, out, damage):
    path = pack(("zeros", tarfile.REGTYPE, bytes(range(256)) * 400))
    whole = path.read_bytes()
    page = b"<html>Not found</html>"
    path.write_bytes(page if damage == "html" else whole[: len(whole) // 2])
    with pytest.raises(ArchiveError, match="complete tar or zip archive"):
        unpack(path, out)


@pytest.mark.parametrize("mode", ["gz", "bz2", "xz"])
def test_damaged_data(tmp_path, out, mode):
    """Every byte in turn would take long; every 400th shows each error."""
    good = tmp_path / "good"
    content = np.random.default_rng(0).bytes(20_000)
    with tarfile.open(good, f"w:{mode}") as tar:
        member = tarfile.TarInfo("x")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    whole = good.read_bytes()
    places = range(10, len(whole) - 2, 400)
    refused = 0
    for place in places:
        bad = tmp_path / "bad"
        bad.write_bytes(whole[:place] + b"\xff\x00" + whole[place + 2 :])
        try:
            unpack(bad, out)
        except ArchiveError:
            refused += 1
    assert refused == len(places)


##### Zip files, as google-research published BERT


@pytest.fixture
def zipped(tmp_path):
    def zipped(*members):
        path = tmp_path / "model.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name, kind, content in members:
                info = zipfile.ZipInfo(name)
                info.external_attr = (kind | 0o644) << 16
                info.compress_type = zipfile.ZIP_DEFLATED
                file.writestr(info, content)
        return path

    return zipped


def test_a_zip_file(zipped, out):
    file = ("bert/vocab.txt", stat.S_IFREG, b"[PAD]\n")
    unpack(zipped(("bert/", stat.S_IFDIR, b""), file), out)
    assert (out / "bert" / "vocab.txt").read_bytes() == b"[PAD]\n"


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("/tmp/x", stat.S_IFREG, "inside the archive's folder"),
        ("a/../../x", stat.S_IFREG, "inside the archive's folder"),
        ("a\\..\\x", stat.S_IFREG, "inside the archive's folder"),
        ("x", stat.S_IFLNK, "a link or device"),
        ("x", stat.S_IFIFO, "a link or device"),
    ],
)
def test_what_no_model_needs_in_a_zip_file(zipped, out, name, kind, message):
    with pytest.raises(ArchiveError, match=message):
        unpack(zipped((name, kind, b"/etc/passwd")), out)
    assert list(out.iterdir()) == []


def test_an_encrypted_zip_file(zipped, out):
    path = zipped(("x", stat.S_IFREG, b"text"))
    content = bytearray(path.read_bytes())
    # The first bit of the flags, where the central directory has them.
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match="or encrypted"):
        unpack(path, out)


def test_a_zip_bomb(zipped, out):
    path = zipped(("zeros", stat.S_IFREG, bytes(1_000_000)))
    with pytest.raises(ArchiveError, match="at most 10,000 files and 999,999"):
        unpack(path, out, max_bytes=999_999)
    assert list(out.iterdir()) == []


def test_a_zip_bomb_whose_header_lies(zipped, out):
    """It says 10 bytes: no more are written."""
    path = zipped(("zeros", stat.S_IFREG, bytes(1_000_000)))
    content = bytearray(path.read_bytes())
    for start, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        place = content.index(start) + offset
        content[place : place + 4] = (10).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match="complete tar or zip archive"):
        unpack(path, out)
    assert sum(file.stat().st_size for file in out.iterdir()) <= 10


def test_half_a_zip_file(zipped, out):
    path = zipped(("x", stat.S_IFREG, bytes(range(256)) * 400))
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ArchiveError, match="complete tar or zip archive"):
        unpack(path, out)


##### Headers: what tarfile and zipfile read before a name is known


def tar_header(name, kind, size):
    header = tarfile.TarInfo(name)
    header.type, header.size = kind, size
    return header.tobuf(tarfile.USTAR_FORMAT)


def blocks(content):
    return content + bytes(-len(content) % 512)


def write_tar(path, *parts, mode="w:gz"):
    opener = {"w:gz": gzip.open, "w:xz": lzma.open, "w:bz2": bz2.open}[mode]
    with opener(path, "wb") as file:
        for part in parts:
            file.write(part)
        file.write(bytes(1024))
    return path


@pytest.mark.parametrize("mode", ["w:gz", "w:xz", "w:bz2"])
@pytest.mark.parametrize(
    "kind",
    [
        tarfile.GNUTYPE_LONGNAME,
        tarfile.GNUTYPE_LONGLINK,
        tarfile.XHDTYPE,
        tarfile.XGLTYPE,
        tarfile.SOLARIS_XHDTYPE,
    ],
)
def test_a_large_header_is_not_read(tmp_path, out, kind, mode):
    """It says 3 GiB: nothing of it is read, however well it compresses."""
    path = write_tar(
        tmp_path / "model.tar",
        tar_header("x", kind, 3 * 2**30),
        bytes(2_000_000),
        mode=mode,
    )
    tracemalloc.start()
    with pytest.raises(ArchiveError, match="headers of at most 1,048,576"):
        unpack(path, out)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50_000_000


def test_many_headers_of_one_file(tmp_path, out):
    """Each is small, and holds a reader of the next."""
    one = tar_header("x", tarfile.GNUTYPE_LONGNAME, 2) + blocks(b"a\0")
    path = write_tar(tmp_path / "model.tar", one * 20_000)
    with pytest.raises(ArchiveError):
        unpack(path, out)


def test_headers_of_many_files(tmp_path, out, monkeypatch):
    monkeypatch.setattr(archive, "MAX_HEADERS", 10_000)
    record = b"1013 comment=" + b"a" * 999 + b"\n"
    one = (
        tar_header("x", tarfile.XGLTYPE, len(record))
        + blocks(record)
        + tar_header("x", tarfile.REGTYPE, 0)
    )
    unpack(write_tar(tmp_path / "few.tar", one * 4), out)
    with pytest.raises(ArchiveError, match="headers"):
        unpack(write_tar(tmp_path / "many.tar", one * 6), out)


def test_a_sparse_file_with_endless_headers(tmp_path, out):
    header = bytearray(tar_header("x", tarfile.GNUTYPE_SPARSE, 0))
    header[482] = 1  # more headers follow
    more = bytearray(512)
    more[504] = 1
    header[148:156] = b"        "
    header[148:156] = b"%06o\0 " % sum(header)
    path = write_tar(
        tmp_path / "model.tar", bytes(header), bytes(more) * 10_000
    )
    with pytest.raises(ArchiveError, match="headers of at most"):
        unpack(path, out)


def pax(**records):
    lines = b""
    for key, value in records.items():
        line = f" {key.replace('_', '.')}={value}\n".encode()
        length = len(line) + 1
        while len(str(length)) + len(line) != length:
            length += 1
        lines += str(length).encode() + line
    return tar_header("x", tarfile.XHDTYPE, len(lines)) + blocks(lines)


@pytest.mark.parametrize(
    "records",
    [
        {"size": -(10**12)},
        {"size": "9" * 5000},
        {"GNU_sparse_size": "9" * 5000},
        {"GNU_sparse_map": "a,b"},
        {"mtime": "inf"},
        {"mtime": "nan"},
        {"path": "a\0b"},
        {"path": "a" * 5000},
        {"path": "a/" * 5000},
    ],
)
def test_headers_that_cannot_be(tmp_path, out, records):
    file = tar_header("x", tarfile.REGTYPE, 3) + blocks(b"abc")
    path = write_tar(tmp_path / "model.tar", pax(**records), file)
    try:
        unpack(path, out)
    except ArchiveError:
        assert not any(out.rglob("*.*"))
    assert sum(f.stat().st_size for f in out.rglob("*") if f.is_file()) <= 3


def test_a_negative_size_does_not_raise_the_limit(tmp_path, out):
    path = write_tar(
        tmp_path / "model.tar",
        pax(size=-(10**12)) + tar_header("a", tarfile.REGTYPE, 0),
        tar_header("b", tarfile.REGTYPE, 2000) + bytes(2048),
    )
    with pytest.raises(ArchiveError):
        unpack(path, out, max_bytes=1000)
    assert not (out / "b").exists()


def test_a_file_inside_a_file(pack, out):
    """A file that is also another one's folder."""
    path = pack(("a", tarfile.REGTYPE, b"x"), ("a/b", tarfile.REGTYPE, b"y"))
    with pytest.raises(ArchiveError):
        unpack(path, out)


def test_endless_zeros_after_the_last_file(tmp_path, out, monkeypatch):
    monkeypatch.setattr(archive, "MAX_HEADERS", 100_000)
    path = write_tar(tmp_path / "model.tar", bytes(300_000))
    with pytest.raises(ArchiveError, match="at most 200,000 bytes"):
        unpack(path, out, max_bytes=100_000)


def test_xz_that_asks_for_2_gib_of_memory(tmp_path, out):
    content = bytearray(lzma.compress(bytes(10_240), lzma.FORMAT_ALONE))
    content[1:5] = b"\0\0\0\x80"  # the dictionary's size
    path = tmp_path / "model.tar.lzma"
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match="Memory"):
        unpack(path, out)


def test_xz_streams_one_after_the_other(tmp_path, out):
    content = np.random.default_rng(0).bytes(2_000_000)
    data = tar_header("x", tarfile.REGTYPE, len(content)) + blocks(content)
    half = len(data) // 2
    path = tmp_path / "model.tar.xz"
    path.write_bytes(
        lzma.compress(data[:half])
        + bytes(8)
        + lzma.compress(data[half:] + bytes(1024))
    )
    unpack(path, out)
    assert (out / "x").read_bytes() == content


def test_files_of_whole_blocks_and_a_folder(tmp_path, out):
    """Between them, tarfile looks back by a byte."""
    parts = []
    for name, size in (("a", 512), ("b", 0), ("c", 1 << 21), ("d", 513)):
        parts.append(tar_header(name, tarfile.REGTYPE, size))
        parts.append(blocks(name.encode() * size))
    unpack(write_tar(tmp_path / "model.tar", *parts), out)
    sizes = {file.name: file.stat().st_size for file in out.iterdir()}
    assert sizes == {"a": 512, "b": 0, "c": 1 << 21, "d": 513}
    assert (out / "d").read_bytes() == b"d" * 513


def test_a_large_directory_of_a_zip_file(zipped, out, monkeypatch):
    path = zipped(*((f"{i}", stat.S_IFREG, b"") for i in range(100)))
    monkeypatch.setattr(archive, "MAX_HEADERS", 4000)
    with pytest.raises(ArchiveError, match="headers of at most 4,000"):
        unpack(path, out)


@pytest.mark.parametrize("kind", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compressions_without_a_limit(tmp_path, out, kind):
    path = tmp_path / "model.zip"
    with zipfile.ZipFile(path, "w", kind) as file:
        file.writestr("x", bytes(1_000_000))
    with pytest.raises(ArchiveError, match="unusual"):
        unpack(path, out)
