"""Every table of names reads what it spells."""

import importlib
import pkgutil

import pytest

from bert_keras.checkpoints import name_maps
from bert_keras.checkpoints.name_maps import Rename, rename


def tables():
    """Yields each table whose rows writers walk backwards."""
    for module in pkgutil.iter_modules(name_maps.__path__):
        found = importlib.import_module(f"{name_maps.__name__}.{module.name}")
        for name, value in vars(found).items():
            if name.startswith("_") or not isinstance(value, tuple):
                continue
            if value and all(isinstance(row, Rename) for row in value):
                yield pytest.param(value, id=f"{module.name}.{name}")


@pytest.mark.parametrize("table", list(tables()))
@pytest.mark.parametrize("number", ["0", "7", "11"])
def test_tables_read_what_they_spell(table, number):
    for row in table:
        if row.name:
            name = row.spelled(number)
            expected = row._replace(name=row.name.format(number))
            assert rename(name, table) == expected
