"""The search space: what a search may choose, by the name of a setting.

| given | searched |
|---|---|
| `(1e-5, 1e-4)` | the range between them; integers if both are |
| `[16, 32]` | one of these |
| `3` | nothing: it is always 3 |
"""

import dataclasses
import inspect
from collections.abc import Mapping

from bert_keras.settings import TrainingSettings

DEFAULT_SPACE = {
    "learning_rate": (1e-5, 2e-4),
    "epochs": (2, 5),
    "batch_size": [8, 16, 32],
}
_SETTINGS = {field.name for field in dataclasses.fields(TrainingSettings)}
_LOG_SCALE = ("learning_rate", "weight_decay")


def require_optuna():
    """Imports Optuna.

    Raises:
        ImportError: If it is not installed.
    """
    try:
        import optuna
    except ImportError as error:
        raise ImportError(
            "Expected Optuna, which searches for settings. Install it by "
            'pip install "bert-keras[tune]"'
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def check_space(space: Mapping, problem) -> None:
    """Raises unless every choice and both ends of every range are valid.

    Args:
        space: By the name of a setting, or of an argument of the problem.
        problem: The task's problem.

    Raises:
        ValueError: If a value is not valid, or a name is unknown.
    """
    arguments = inspect.signature(type(problem)).parameters
    known = _SETTINGS | set(arguments)
    for name, given in space.items():
        if name not in known:
            raise ValueError(
                "Expected names of settings or of arguments of the task in "
                f"`space`: {', '.join(sorted(known))}. Received: {name!r}"
            )
        if isinstance(given, tuple):
            _check_range(name, given)
        elif isinstance(given, list) and not given:
            raise ValueError(
                f"Expected one choice or more for {name!r}. Received: []"
            )
        ends = given if isinstance(given, tuple | list) else [given]
        for value in ends:
            if name in _SETTINGS:
                TrainingSettings(**{name: value})
                continue
            is_flag = isinstance(arguments[name].default, bool)
            if is_flag and not isinstance(value, bool):
                raise ValueError(
                    f"Expected true or false for {name!r}. Received: {value!r}"
                )
            type(problem)(**problem.to_dict() | {name: value})


def _check_range(name: str, given: tuple) -> None:
    numbers = [
        value
        for value in given
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    low = 0 if name in _LOG_SCALE else float("-inf")
    if not (len(given) == len(numbers) == 2 and low < given[0] < given[1]):
        raise ValueError(
            f"Expected a range (low, high) for {name!r}, low below high"
            + (" and both above 0" if name in _LOG_SCALE else "")
            + f". Received: {given!r}. Give choices as a list."
        )


def propose(trial, space: Mapping) -> dict:
    """Returns the settings that Optuna proposes for a trial.

    Args:
        trial: An `optuna.Trial`.
        space: See `check_space`.
    """
    return {name: _one(trial, name, given) for name, given in space.items()}


def fixed_of(space: Mapping) -> dict:
    """Returns the settings that are the same in all trials.

    Example:
        >>> fixed_of({"epochs": 3, "batch_size": [8, 16]})
        {'epochs': 3}
    """
    return {n: v for n, v in space.items() if not isinstance(v, tuple | list)}


def _one(trial, name: str, given):
    if isinstance(given, list):
        return trial.suggest_categorical(name, given)
    if not isinstance(given, tuple):
        return given
    if all(isinstance(value, int) for value in given):
        return trial.suggest_int(name, *given)
    return trial.suggest_float(name, *given, log=name in _LOG_SCALE)


def split_settings(settings: Mapping) -> tuple[dict, dict]:
    """Splits proposed settings into those of the problem and those of `fit`.

    Example:
        >>> split_settings({"epochs": 3, "pooling": "mean"})
        ({'pooling': 'mean'}, {'epochs': 3})
    """
    fit = {name: v for name, v in settings.items() if name in _SETTINGS}
    return {n: v for n, v in settings.items() if n not in fit}, fit
