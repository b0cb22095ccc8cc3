"""Specs: one for each task, and the checks of their options."""

import pytest

from bert_keras.task_specs import SPECS, check_multi_task, check_pooling
from bert_keras.tasks import TASKS


@pytest.mark.parametrize("kind", TASKS)
def test_each_task_is_built_on_its_spec(kind):
    problem = TASKS[kind].problem_class
    assert issubclass(problem, SPECS[kind])
    assert problem.__init__ is SPECS[kind].__init__
    assert list(SPECS) == list(TASKS)


@pytest.mark.parametrize("kind", SPECS)
def test_options_survive_json(kind):
    options = SPECS[kind]().to_dict()
    assert SPECS[kind](**options).to_dict() == options


def test_an_unknown_pooling_is_refused():
    with pytest.raises(ValueError, match="cls, mean, max"):
        check_pooling("median")


@pytest.mark.parametrize(
    ("names", "options", "message"),
    [
        (["a_b", "c"], {}, "letters, digits and -"),
        (["plots", "c"], {}, "plots or logs"),
        (["a", "b"], {"sampling_exponent": 2}, "sampling_exponent=2"),
        (["a", "b"], {"monitor_task": "c"}, "one of: a"),
    ],
)
def test_several_tasks_that_cannot_be_trained(names, options, message):
    usual = {"sampling_exponent": 1.0, "monitor_task": None}
    with pytest.raises(ValueError, match=message):
        check_multi_task(names, names[:1], **usual | options)
