"""What is handed out: files of the package, and the repository's address."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
URLS = PYPROJECT["project"]["urls"]
READ = sorted(
    path
    for pattern in (
        "*.md",
        "Makefile",
        "benchmarks/**/*.*",
        "bert_keras/**/*.*",
        "docs/**/*.md",
        "notebooks/*.ipynb",
        "saved_models/*.md",
    )
    for path in ROOT.glob(pattern)
    if path.is_file() and "__pycache__" not in path.parts
)


def test_every_file_of_the_package_is_in_the_wheel():
    patterns = PYPROJECT["tool"]["setuptools"]["package-data"]["*"]
    files = [path for path in READ if path.is_relative_to(ROOT / "bert_keras")]
    assert len(files) > 200
    left_out = [
        str(path.relative_to(ROOT))
        for path in files
        if path.suffix != ".py" and not any(map(path.match, patterns))
    ]
    assert left_out == []


def test_the_address_of_the_repository_stands_in_one_place():
    repository = URLS["Repository"]
    assert all(url.startswith(repository) for url in URLS.values())
    name = repository.removeprefix("https://github.com/")
    assert [str(path) for path in READ if name in path.read_text("utf-8")] == []


def test_commands_start_from_a_checkout():
    clone = re.compile(r"git clone\s+\S*[:@]|git\+")
    assert clone.search("git clone https://a.example/b && cd b")
    assert [str(p) for p in READ if clone.search(p.read_text("utf-8"))] == []
