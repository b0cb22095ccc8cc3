"""Imports go one way, and what must not be in the code is not."""

from pathlib import Path

import pytest
from architecture import (
    RULES,
    backends,
    cycles,
    faces,
    lengths,
    names,
    programs,
    ranks,
    serving,
)

import bert_keras


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_package(rule):
    breaches = list(rule(Path(bert_keras.__file__).parent))
    assert not breaches, "\n" + "\n".join(breaches)


BREACHES = {
    # what is wrong: (rule, {file: text}, what the message names)
    "upwards": (
        ranks,
        {"layers/a.py": "import bert_keras.tasks.b"},
        "layers/a.py:1 imports tasks/b.py",
    ),
    "upwards in a function": (
        ranks,
        {"data/a.py": "def f():\n    from bert_keras.cli import b"},
        "data/a.py:2 imports cli/b.py",
    ),
    "upwards, relative": (
        ranks,
        {"layers/deep/a.py": "from ...heads.b import c", "heads/b.py": ""},
        "layers/deep/a.py:1 imports heads/b.py",
    ),
    "sideways": (
        ranks,
        {"training/a.py": "from bert_keras.export import b"},
        "training/a.py:1 imports export/b.py",
    ),
    "the whole package": (
        ranks,
        {"cli/a.py": "import bert_keras"},
        "cli/a.py:1 imports __init__.py",
    ),
    "no rank": (ranks, {"extras/a.py": ""}, "extras has no rank"),
    "two files": (
        cycles,
        {
            "data/a.py": "from bert_keras.data import b",
            "data/b.py": "from bert_keras.data.a import f",
        },
        "data/a.py -> data/b.py -> data/a.py",
    ),
    "a package and its file": (
        cycles,
        {
            "data/__init__.py": "from bert_keras.data.a import f",
            "data/a.py": "def f():\n    from bert_keras.data import g",
        },
        "data/__init__.py -> data/a.py -> data/__init__.py",
    ),
    "past a face": (
        faces,
        {"tasks/a.py": "from bert_keras.data.read import f"},
        "tasks/a.py:1 imports bert_keras.data.read",
    ),
    "server knows the model": (
        serving,
        {"serving/a.py": "from bert_keras.layers import b"},
        "serving/a.py:1 imports layers/b.py",
    ),
    "no longer alone": (
        serving,
        {"serving/saved_model.py": "from bert_keras import contract"},
        "serving/saved_model.py:1 imports contract.py",
    ),
    "one backend": (
        backends,
        {"heads/a.py": "def f():\n    import tensorflow as tf"},
        "heads/a.py:2 imports tensorflow",
    ),
    "slow contract": (
        backends,
        {"contract.py": "import tensorflow as tf"},
        "contract.py:1 imports tensorflow",
    ),
    "pickle": (programs, {"data/a.py": "import pickle"}, "imports pickle"),
    "NumPy's pickle": (
        programs,
        {"data/a.py": "np.load(path, allow_pickle=True)"},
        "data/a.py:1 allows pickle",
    ),
    "Lambda": (
        programs,
        {"heads/a.py": "import keras\nkeras.layers.Lambda(f)"},
        "heads/a.py:2 uses a Lambda layer",
    ),
    "Lambda by name": (
        programs,
        {"heads/a.py": "from keras.layers import Lambda"},
        "heads/a.py:1 uses a Lambda layer",
    ),
    "utils": (names, {"data/utils/a.py": ""}, "utils says nothing"),
    "long": (lengths, {"data/a.py": "\n" * 301}, "data/a.py has 301 lines"),
}


def package(folder, files):
    root = folder / "bert_keras"
    files = {"__init__.py": "", "contract.py": ""} | files
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize("what", BREACHES)
def test_breach_is_found(what, tmp_path):
    rule, files, message = BREACHES[what]
    assert message in "\n".join(rule(package(tmp_path, files)))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_what_is_right_is_left_alone(rule, tmp_path):
    root = package(
        tmp_path,
        {
            "__init__.py": "def f():\n    from bert_keras.tasks import a",
            "contract.py": "def f():\n    import tensorflow as tf",
            "data/a.py": "from bert_keras import contract\nimport tensorflow",
            "encoders/saved_model.py": "import tensorflow as tf",
            "serving/a.py": "from bert_keras.serving import saved_model",
            "serving/saved_model.py": "import tensorflow as tf",
            "tasks/a.py": "from bert_keras.training import b\nimport pathlib",
            "training/b.py": "from . import c\nnp.load(p, allow_pickle=False)",
            "training/c.py": "\n" * 300,
        },
    )
    assert list(rule(root)) == []
