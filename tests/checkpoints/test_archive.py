import io
import tarfile

import pytest

from bert_keras.checkpoints.sources.archive import ArchiveError, unpack


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
    with pytest.raises(ArchiveError, match="at most 10,000 files of 999,999"):
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
    with pytest.raises(ArchiveError, match="Expected a whole tar archive"):
        unpack(path, out)
