"""The pages do what they say: their snippets run, and print what is shown.

The conventions of README.md and docs/*.md:

- A `python` block runs after those above it on the page, in one namespace.
- A `bash` block runs in the same folder; `bert-keras` runs in this process,
  which has TensorFlow loaded already.
- A `text` block shows what the block above it printed on stdout.
- `<!-- not run: why -->` stands above a block that cannot run here.
- Other blocks (no language, `json`, `toml`) are pictures of something.

Pages run in one folder, README.md first, so that docs/ can go on with its run.
To be quick, that run has one epoch here in place of four, so only words and
whole numbers of outputs are compared. The slow test trains as the README says
and compares fractions too.
"""

import contextlib
import dataclasses
import io
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# What makes one epoch of the README's run enough for its labels.
SHORTER = {
    "epochs=4, learning_rate=1e-4": "epochs=1, learning_rate=3e-4",
    "--epochs 4 --learning-rate 1e-4": "--epochs 1 --learning-rate 3e-4",
}
# README.md goes first. Pages that train models of their own are slow.
QUICK = (
    "README.md",
    "docs/convert.md",
    "docs/embeddings.md",
    "docs/export.md",
    "docs/handles.md",
    "docs/long_text.md",
    "docs/tokenizer.md",
)
SLOW = (
    "README.md",
    "docs/classify.md",
    "docs/export.md",
    "docs/keras.md",
    "docs/masked_lm.md",
    "docs/multi_task.md",
    "docs/small_data.md",
)
_BLOCK = re.compile(
    r"^(?:<!-- not run: (?P<why>.+?) -->\n)?"
    r"```(?P<language>\w*)\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_FRACTION = r"\d+\.\d+(?:e[-+]\d+)?"
_TOLERANCE = 0.1  # of scores and metrics, on another processor


@dataclasses.dataclass
class Block:
    """A fenced block of a page, and the output that is shown for it."""

    page: str
    line: int
    language: str
    code: str
    why_not_run: str | None
    shown: str | None = None

    @property
    def name(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: str) -> list[Block]:
    """Returns the blocks of a page that are code."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = []
    for match in _BLOCK.finditer(text):
        block = Block(
            page,
            text.count("\n", 0, match.start()) + 1,
            match["language"],
            match["code"],
            match["why"],
        )
        if block.language == "text":
            assert found, f"{block.name}: an output without its block"
            found[-1].shown = block.code
        elif block.language not in ("", "json", "toml"):
            found.append(block)
    return found


def run_page(page: str, *, shorter: bool) -> list[tuple[Block, str]]:
    """Runs a page in the current folder; returns blocks and their output."""
    namespace = {"__name__": "__main__"}
    done = []
    for block in blocks(page):
        if block.why_not_run:
            continue
        code = block.code
        if shorter:
            for long, short in SHORTER.items():
                code = code.replace(long, short)
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            if block.language == "python":
                exec(compile(code, block.name, "exec"), namespace)
            elif block.language == "bash":
                run_commands(code)
            else:
                raise AssertionError(
                    f"{block.name}: no convention for {block.language!r}"
                )
        done.append((block, output.getvalue()))
    return done


def run_commands(code: str) -> None:
    """Runs a bash block, `bert-keras` in this process."""
    from bert_keras.cli.main import app

    for command in code.replace("\\\n", " ").splitlines():
        words = shlex.split(command, comments=True)
        if words[:1] == ["bert-keras"] and "|" not in words:
            app(words[1:], standalone_mode=False)
            continue
        environment = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
        done = subprocess.run(
            ["bash", "-c", command],
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        sys.stdout.write(done.stdout)


def words(text: str) -> list[str]:
    """Returns words and whole numbers, sorted: tables come in any order."""
    without = re.sub(_FRACTION, " ", text)
    return sorted(re.findall(r"[^\W_]\w*|\d+", without))


def fractions(text: str) -> list[float]:
    return sorted(float(number) for number in re.findall(_FRACTION, text))


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """A folder for quick runs, in which README.md has been run."""
    with contextlib.chdir(tmp_path_factory.mktemp("pages")):
        return Path.cwd(), run_page("README.md", shorter=True)


def test_the_readme_can_be_shortened():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(text.count(long) == 1 for long in SHORTER)


def test_every_page_is_run():
    pages = {"README.md"} | {
        f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md")
    }
    with_code = {page for page in pages if blocks(page)}
    assert with_code <= {*QUICK, *SLOW}


@pytest.mark.parametrize("page", QUICK)
def test_page(page, workplace):
    folder, readme = workplace
    if page == "README.md":
        done = readme
    else:
        with contextlib.chdir(folder):
            done = run_page(page, shorter=True)
    for block, output in done:
        if block.shown is not None:
            assert words(output) == words(block.shown), block.name


@pytest.mark.slow
def test_pages_as_printed(tmp_path):
    with contextlib.chdir(tmp_path):
        done = [pair for page in SLOW for pair in run_page(page, shorter=False)]
    for block, output in done:
        if block.shown is not None:
            assert words(output) == words(block.shown), block.name
            assert fractions(output) == pytest.approx(
                fractions(block.shown), abs=_TOLERANCE
            ), block.name
