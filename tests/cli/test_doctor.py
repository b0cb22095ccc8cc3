"""Doctor names a fault and its fix; versions are faked."""

import json
import tomllib
from pathlib import Path

import pytest

from bert_keras.cli import doctor


@pytest.fixture
def versions(monkeypatch):
    """What is installed; a test may change it."""
    installed = {
        "tensorflow": "2.20.0",
        "tensorflow-text": "2.20.1",
        "keras": "3.13.2",
        "protobuf": "6.33.0",
        "numpy": "2.3.0",
        "safetensors": "0.8.0",
        "scikit-learn": "1.7.0",
        "scipy": "1.16.0",
    }
    monkeypatch.setattr(doctor, "_version", installed.get)
    monkeypatch.setattr(
        doctor, "_imports", lambda: doctor._check("imports", "ok", "faked")
    )
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    return installed


def diagnosis(ended):
    return {check["check"]: check for check in json.loads(ended.out)}


def test_a_healthy_environment(bert_keras, versions):
    ended = bert_keras("doctor", "--json")
    assert ended.code == 0
    found = diagnosis(ended)
    assert found["tensorflow"]["state"] == "ok"
    assert found["matplotlib"]["state"] == "optional"
    assert found["matplotlib"]["fix"].endswith('"bert-keras[plots]"')
    # Nobody needs an old setuptools where tensorflow-hub is not.
    assert "setuptools" not in found


def test_every_extra_is_there_or_how_to_get_it(bert_keras, versions):
    found = diagnosis(bert_keras("doctor", "--json"))
    named = {
        check["fix"].split("[")[1].rstrip(']"')
        for check in found.values()
        if check["state"] == "optional"
    }
    path = Path(__file__).parents[2] / "pyproject.toml"
    extras = tomllib.loads(path.read_text())["project"]["optional-dependencies"]
    # Those are for who works on the project.
    assert named == set(extras) - {"dev", "notebooks"}


@pytest.mark.parametrize(
    ("name", "version", "fix"),
    [
        ("tensorflow-text", "2.21.1", "tensorflow-text==2.20.*"),
        ("tensorflow-text", None, "tensorflow-text==2.20.*"),
        ("tensorflow", "2.22.0", "tensorflow>=2.20,<2.22"),
        ("keras", "3.13.1", "keras>=3.13.2"),
        ("keras", "2.15.0", "keras>=3.13.2"),
        ("protobuf", "7.0.0", "protobuf<7"),
        ("safetensors", None, "safetensors>=0.4"),
    ],
)
def test_a_wheel_that_does_not_fit(bert_keras, versions, name, version, fix):
    versions[name] = version
    ended = bert_keras("doctor", "--json")
    assert ended.code == 2
    found = diagnosis(ended)[name]
    assert found["state"] == "wrong"
    assert found["fix"] == f'pip install "{fix}"'
    assert (version or "not installed") in found["found"]
    others = [c for c in diagnosis(ended).values() if c["state"] == "wrong"]
    assert others == [found]


def test_the_next_tensorflow_with_its_text(bert_keras, versions):
    versions |= {"tensorflow": "2.21.0", "tensorflow-text": "2.21.1"}
    assert bert_keras("doctor").code == 0
    versions["tensorflow-text"] = "2.20.1"
    found = diagnosis(bert_keras("doctor", "--json"))["tensorflow-text"]
    assert found["fix"] == 'pip install "tensorflow-text==2.21.*"'


def test_hub_needs_an_old_setuptools(bert_keras, versions):
    versions |= {"tensorflow-hub": "0.16.1", "setuptools": "82.0.0"}
    found = diagnosis(bert_keras("doctor", "--json"))["setuptools"]
    assert found["state"] == "wrong"
    assert found["fix"] == 'pip install "setuptools<81"'


def test_another_backend(bert_keras, versions, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    ended = bert_keras("doctor", "--json")
    assert ended.code == 2
    assert "unset KERAS_BACKEND" in diagnosis(ended)["KERAS_BACKEND"]["fix"]


def test_an_import_that_fails(bert_keras, versions, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(doctor, "_PROBE", "raise ImportError('undefined sym')")
    found = doctor._imports()
    assert found["state"] == "wrong"
    assert found["found"] == "ImportError: undefined sym"
    assert "--force-reinstall" in found["fix"]


def test_for_people(bert_keras, versions):
    versions["keras"] = "3.0.0"
    ended = bert_keras("doctor")
    assert ended.code == 2
    assert 'fix: pip install "keras>=3.13.2"' in ended.out
