"""`bert-keras doctor`: what is wrong with this environment, and the fix."""

import os
import platform
import subprocess
import sys

import typer

from bert_keras.cli.options import Json
from bert_keras.cli.output import print_json
from bert_keras.printable import printable

_TENSORFLOW = ">=2.20,<2.22"
# Wheel, what its version must be, why, and how it is mended.
_WHEELS = (
    ("tensorflow", _TENSORFLOW, "the releases the project is tested with"),
    ("tensorflow-text", _TENSORFLOW, "its ops fit one TensorFlow only"),
    ("keras", ">=3.13.2", "earlier ones have holes in loading"),
    ("protobuf", "<7", "TensorFlow Serving's messages break on 7"),
    ("numpy", "", "arrays"),
    ("safetensors", ">=0.4", "reads and writes weights"),
    ("scikit-learn", ">=1.5", "metrics"),
    ("scipy", "", "metrics"),
)
# And the extra that installs it.
_OPTIONAL = (
    ("matplotlib", ">=3.8", "draws pictures", "plots"),
    ("tensorboard", ">=2.20", "writes and shows logs", "tensorboard"),
    ("huggingface_hub", ">=1.0", "downloads hf:// handles", "huggingface"),
    ("kagglehub", ">=1.0", "downloads kaggle:// handles", "kaggle"),
    ("optuna", ">=5", "searches for settings", "tune"),
    ("torch", "", "reads pytorch_model.bin", "torch"),
    ("pandas", "", "reads data frames", "pandas"),
    ("tensorflow-datasets", "", "reads tfds:// names", "tfds"),
    ("jax", "", "trains on another backend of Keras", "jax"),
    ("tf-models-official", "==2.20.0", "the Model Garden", "garden"),
    ("tensorflow-hub", "==0.16.1", "hub.load, hub.KerasLayer", "garden"),
    ("setuptools", "<81", "tensorflow-hub needs pkg_resources", "garden"),
)
_PROBE = (
    "import tensorflow as tf, tensorflow_text, keras;"
    "print(tensorflow_text.FastBertNormalizer().normalize(['A'])[0].numpy());"
    "print(len(tf.config.list_physical_devices('GPU')))"
)


def doctor(json: Json = False):
    """Check Python, wheels and imports; name each fix."""
    checks = [_python(), *_wheels(), _backend(), _imports()]
    if json:
        print_json(checks)
    else:
        _print(checks)
    if any(check["state"] == "wrong" for check in checks):
        raise typer.Exit(2)


def _check(name: str, state: str, found: str, fix: str = "") -> dict:
    return {"check": name, "state": state, "found": found, "fix": fix}


def _python() -> dict:
    found = platform.python_version()
    if tuple(map(int, platform.python_version_tuple()[:2])) < (3, 11):
        return _check("python", "wrong", found, "Install Python 3.11 or newer.")
    return _check("python", "ok", found)


def _wheels() -> list[dict]:
    checks = []
    for name, needed, why in _WHEELS:
        if name == "tensorflow-text":
            needed = _release()
        checks.append(_wheel(name, needed, f"{name}{needed}", why))
    hub = _version("tensorflow-hub")
    for name, needed, why, extra in _OPTIONAL:
        # setuptools matters to nobody but tensorflow-hub.
        if name == "setuptools" and hub is None:
            continue
        if _version(name) is None:
            checks.append(
                _check(
                    name,
                    "optional",
                    f"not installed ({why})",
                    f'pip install "bert-keras[{extra}]"',
                )
            )
        else:
            checks.append(_wheel(name, needed, f"{name}{needed}", why))
    return checks


def _wheel(name: str, needed: str, requirement: str, why: str) -> dict:
    from packaging.specifiers import SpecifierSet

    found = _version(name)
    fix = f'pip install "{requirement}"'
    if found is None:
        return _check(name, "wrong", f"not installed ({why})", fix)
    if found not in SpecifierSet(needed, prereleases=True):
        return _check(name, "wrong", f"{found}, not {needed} ({why})", fix)
    return _check(name, "ok", found)


def _release() -> str:
    """Returns what TensorFlow Text must be to fit the TensorFlow that is here.

    Any, if TensorFlow itself has to be exchanged.
    """
    from packaging.specifiers import SpecifierSet

    found = _version("tensorflow")
    if found is None or found not in SpecifierSet(
        _TENSORFLOW, prereleases=True
    ):
        return _TENSORFLOW
    major, minor = found.split(".")[:2]
    return f"=={major}.{minor}.*"


def _version(name: str) -> str | None:
    import importlib.metadata

    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _backend() -> dict:
    found = os.environ.get("KERAS_BACKEND", "tensorflow")
    if found != "tensorflow":
        return _check(
            "KERAS_BACKEND",
            "wrong",
            f"{found}: text and export need TensorFlow",
            "unset KERAS_BACKEND, or set it to tensorflow.",
        )
    return _check("KERAS_BACKEND", "ok", found)


def _imports() -> dict:
    """Runs one op of tf.text: a mismatched wheel fails only when loaded."""
    done = subprocess.run(
        [sys.executable, "-c", _PROBE],
        capture_output=True,
        text=True,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return _check(
            "imports",
            "wrong",
            last[:300],
            f'pip install --force-reinstall "tensorflow{_release()}" '
            f'"tensorflow-text{_release()}"',
        )
    gpus = done.stdout.split()[-1]
    return _check("imports", "ok", f"tensorflow_text runs; GPUs: {gpus}")


def _print(checks: list[dict]) -> None:
    import rich.console

    console = rich.console.Console(highlight=False, soft_wrap=True)
    marks = {"ok": "[green]ok[/]", "wrong": "[bold red]wrong[/]"}
    for check in checks:
        mark = marks.get(check["state"], f"[dim]{check['state']}[/]")
        console.print(f"{mark}  [bold]{check['check']}[/] ", end="")
        console.print(printable(check["found"]), markup=False, emoji=False)
        if check["fix"]:
            word = "fix" if check["state"] == "wrong" else "to add it"
            console.print(f"      {word}: {check['fix']}", markup=False)
