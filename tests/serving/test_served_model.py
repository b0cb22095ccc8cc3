import ast
import sys
from pathlib import Path

import numpy as np
import pytest

import bert_keras
from bert_keras.serving import saved_model
from bert_keras.serving.saved_model import ServedModel


@pytest.fixture(scope="module")
def model(tiny_export):
    return ServedModel(tiny_export)


def test_it_imports_nothing_of_the_project():
    tree = ast.parse(Path(saved_model.__file__).read_text(encoding="utf-8"))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names.add(node.module)
    assert not [name for name in names if name.startswith("bert_keras")]
    outside = {name.split(".")[0] for name in names} - sys.stdlib_module_names
    assert outside == {"numpy", "tensorflow", "tensorflow_text"}


def test_inputs_are_named(model):
    assert model.inputs == ("text",)


def test_outputs_are_arrays(model):
    outputs = model.outputs({"text": ["a good film", b"bad \xff"]})
    assert outputs["scores"].shape == (2, 2)
    assert outputs["label"].dtype == object
    np.testing.assert_allclose(outputs["scores"].sum(axis=1), 1, rtol=1e-6)


def test_answers_are_plain_rows(model):
    (answer,) = model.answer([{"text": "a good film"}])
    assert set(answer) == {"label", "score", "scores"}
    assert answer["score"] == max(answer["scores"].values())
    assert answer["scores"][answer["label"]] == answer["score"]
    assert isinstance(answer["score"], float)


def test_more_rows_than_a_batch_keep_their_order(model):
    texts = ["good " * (i % 7) for i in range(2 * saved_model.BATCH_SIZE + 3)]
    answers = model.answer([{"text": text} for text in texts])
    assert len(answers) == len(texts)
    for i in (7, 40, 66):
        assert answers[i]["scores"] == pytest.approx(
            answers[i % 7]["scores"], abs=1e-6
        )
    assert model.answer([]) == []


def test_rows_of_other_names_are_refused(model):
    with pytest.raises(ValueError, match="row 2: question"):
        model.answer([{"text": "a"}, {"question": "b"}])
    with pytest.raises(ValueError, match="row 1: nothing"):
        model.answer([{}])


def test_a_folder_that_is_no_export_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"contains saved_model.pb.*"):
        ServedModel(tmp_path)


def test_as_a_program(tiny_export, monkeypatch, capsys):
    """Texts of the command line; the clean process is in tests/export."""
    monkeypatch.setitem(sys.modules, "bert_keras", bert_keras)
    monkeypatch.setattr(
        sys, "argv", ["saved_model.py", str(tiny_export), "good", "bad"]
    )
    saved_model.main()
    assert sys.modules["bert_keras"] is None
    assert len(capsys.readouterr().out.splitlines()) == 2
