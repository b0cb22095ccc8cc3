import io
import stat
import tarfile
import zipfile

import numpy as np
import pytest

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
