"""What `import bert_keras as bk` offers, to Python and to type checkers."""

import ast
import builtins
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import bert_keras

# Caught within the project, or raised as the class that they are built on.
INTERNAL = {
    "ArchiveError",
    "ConnectionLost",
    "LimitExceeded",
    "NothingBeyond",
    "Offline",
    "Overtaken",
    "TooSlow",
}


def test_type_checkers_see_the_same_names():
    tree = ast.parse(Path(bert_keras.__file__).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.asname: node.module
        for node in block.body
        for alias in node.names
        if alias.asname == alias.name  # a name that is exported again
    }
    assert seen == bert_keras._PUBLIC


def test_each_name_is_where_the_table_says():
    for name in bert_keras._PUBLIC:
        assert getattr(bert_keras, name).__name__ == name
    assert set(bert_keras._PUBLIC) < set(dir(bert_keras))


def test_every_exception_is_public():
    found = set()
    for module in pkgutil.walk_packages(bert_keras.__path__, "bert_keras."):
        source = Path(importlib.util.find_spec(module.name).origin)
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                if any(_is_exception(base) for base in node.bases):
                    found.add(node.name)
    assert found - INTERNAL == {
        name
        for name in bert_keras._PUBLIC
        if isinstance(getattr(bert_keras, name), type)
        and issubclass(getattr(bert_keras, name), Exception)
    }


def _is_exception(base: ast.expr) -> bool:
    name = base.id if isinstance(base, ast.Name) else ""
    known = getattr(builtins, name, None) or getattr(bert_keras, name, int)
    return isinstance(known, type) and issubclass(known, Exception)


def test_python_m_runs_the_command_line():
    finished = subprocess.run(
        [sys.executable, "-m", "bert_keras", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert finished.stdout.startswith("bert-keras ")
