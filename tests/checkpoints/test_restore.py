import importlib
import logging

import keras
import numpy as np
import pytest

from bert_keras.checkpoints import RestoreError, restore

NAMES = {"a": (2, 3), "b": (2,), "pooler/kernel": (2, 2), "pooler/bias": (2,)}


@pytest.fixture
def variables():
    return {name: keras.Variable(np.zeros(s)) for name, s in NAMES.items()}


@pytest.fixture
def tensors():
    return {name: np.ones(shape, "float32") for name, shape in NAMES.items()}


def is_untouched(variables):
    return all(not np.any(v.numpy()) for v in variables.values())


def test_each_tensor_finds_its_variable(variables, tensors):
    tensors["b"] = np.array([1.0, 2.0], "float16")
    assert restore(variables, tensors, source="here") == []
    assert variables["b"].numpy().tolist() == [1.0, 2.0]
    assert variables["a"].numpy().sum() == 6


def test_all_that_does_not_fit_is_said_at_once(variables, tensors):
    del tensors["b"], tensors["pooler/bias"]
    tensors["a"] = np.ones((3, 2), "float32")
    tensors["cls.unheard.of"] = np.ones(1)
    with pytest.raises(RestoreError) as error:
        restore(variables, tensors, source="x.safetensors")
    assert str(error.value) == (
        "The weights of x.safetensors do not fit; nothing was loaded.\n"
        "2 missing in the file:\n"
        "  b\n"
        "  pooler/bias\n"
        "1 unused from the file:\n"
        "  cls.unheard.of\n"
        "1 of another shape:\n"
        "  a: expected (2, 3), received (3, 2)"
    )
    assert is_untouched(variables)


def test_long_lists_are_cut(variables):
    tensors = {f"x{i:02}": np.ones(1) for i in range(25)}
    with pytest.raises(RestoreError, match=r"x19\n  and 5 more"):
        restore(variables, tensors, source="x")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_impossible_values_change_nothing(variables, tensors, value):
    tensors["pooler/kernel"][1, 1] = value
    with pytest.raises(RestoreError) as error:
        restore(variables, tensors, source="x")
    assert str(error.value) == (
        "The weights of x do not fit; nothing was loaded.\n"
        "1 not finite (NaN or infinite):\n"
        "  pooler/kernel"
    )
    assert is_untouched(variables)


def test_a_missing_pooler_stays_fresh_and_is_said(variables, tensors, caplog):
    del tensors["pooler/kernel"], tensors["pooler/bias"]
    with caplog.at_level(logging.WARNING):
        fresh = restore(variables, tensors, source="x")
    assert fresh == ["pooler/kernel", "pooler/bias"]
    assert caplog.messages == [
        "x has no pooler/kernel, pooler/bias: it is initialized randomly and "
        "has to be trained before use."
    ]
    assert not np.any(variables["pooler/kernel"].numpy())
    assert np.all(variables["a"].numpy() == 1)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_large_tables_arrive_slice_by_slice(monkeypatch, dtype):
    module = importlib.import_module("bert_keras.checkpoints.restore")
    # Two rows of three numbers at a time, and one row that is left.
    monkeypatch.setattr(module, "_SLICE", 24)
    values = np.arange(21, dtype="float32").reshape(7, 3)
    variable = keras.Variable(np.zeros((7, 3)), dtype=dtype)
    restore({"a": variable}, {"a": values}, source="here")
    received = keras.ops.convert_to_numpy(variable).astype("float32")
    np.testing.assert_array_equal(received, values)


def test_a_large_table_is_read_without_a_copy(monkeypatch):
    module = importlib.import_module("bert_keras.checkpoints.restore")
    monkeypatch.setattr(module, "_SLICE", 24)
    variable = keras.Variable(np.zeros((7, 3)), dtype="float32")
    restore({"a": variable}, {"a": np.ones((7, 3))}, source="here")
    reads = [memoryview(variable.value.read_value()) for _ in range(2)]
    assert np.shares_memory(*map(np.asarray, reads))
