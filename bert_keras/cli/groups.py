"""Commands whose options come in groups.

A Typer command is a function whose parameters are its options. A function of
`task_options` has the options of one task. The function of a verb (train,
cross-validate, tune) takes any task, and groups of options, which are
dataclasses. `add_tasks` combines them into a command for each task,
`with_groups` makes a command of a verb that takes no single task.
"""

import dataclasses
import functools
import inspect
from collections.abc import Callable, Iterable

import typer


def add_tasks(
    app: typer.Typer, tasks: Iterable[Callable], verb: Callable
) -> None:
    """Adds a command for each task.

    Args:
        app: The verb on the command line.
        tasks: Functions from the options of a task to `TaskOptions`.
        verb: Takes `TaskOptions`, and options or groups of them.
    """
    for task in tasks:
        app.command()(_command(task, verb))


def with_groups(verb: Callable) -> Callable:
    """Makes a command of a verb: groups become their options."""
    parameters = list(inspect.signature(verb).parameters.values())

    @functools.wraps(verb)
    def command(**given):
        return verb(**_gathered(parameters, given))

    vars(command)["__signature__"] = inspect.Signature(_spread(parameters))
    return command


def _command(task: Callable, verb: Callable) -> Callable:
    _, *shared = inspect.signature(verb).parameters.values()
    own = inspect.signature(task).parameters

    @functools.wraps(task)
    def command(**given):
        options = task(**{name: given.pop(name) for name in own})
        return verb(options, **_gathered(shared, given))

    vars(command)["__signature__"] = inspect.Signature(
        [*_spread(shared), *map(_named, own.values())]
    )
    return command


def _spread(parameters: Iterable) -> list[inspect.Parameter]:
    """Returns parameters, each group replaced by those of its fields."""
    return [
        _named(option)
        for parameter in parameters
        for option in (
            inspect.signature(parameter.annotation).parameters.values()
            if _is_group(parameter)
            else [parameter]
        )
    ]


def _gathered(parameters: Iterable, given: dict) -> dict:
    """Returns arguments, those of a group's fields made into the group."""
    arguments = {}
    for parameter in parameters:
        group = parameter.annotation
        if _is_group(parameter):
            names = [field.name for field in dataclasses.fields(group)]
            value = group(**{name: given[name] for name in names})
        else:
            value = given[parameter.name]
        arguments[parameter.name] = value
    return arguments


def _is_group(parameter: inspect.Parameter) -> bool:
    return dataclasses.is_dataclass(parameter.annotation)


def _named(parameter: inspect.Parameter) -> inspect.Parameter:
    return parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
