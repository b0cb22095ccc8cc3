"""The rows of `inference.py`: which engines take part, and their models."""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent


class Engine(NamedTuple):
    """A row of the table.

    Attributes:
        title: For the table.
        kind: Key of `inference_engines.ENGINES`.
        model: Folder below `--work`; a `*` stands for the newest version.
        onednn: TF_ENABLE_ONEDNN_OPTS; empty where there is no TensorFlow.
        sorts: Whether a caller who sorts by length is measured as well.
    """

    title: str
    kind: str
    model: str
    onednn: str = ""
    sorts: bool = False


ENGINES = {
    "ours": Engine("bert_keras float32", "saved_model", "float32/*", "1", True),
    "ours-plain": Engine(
        "bert_keras float32, oneDNN off", "saved_model", "float32/*", "0"
    ),
    "ours-bf16": Engine(
        "bert_keras bfloat16", "saved_model", "bfloat16/*", "1", True
    ),
    "ours-bf16-plain": Engine(
        "bert_keras bfloat16, oneDNN off", "saved_model", "bfloat16/*", "0"
    ),
    "hub": Engine("TF Hub habit", "saved_model", "hub", "1"),
    "hub-plain": Engine("TF Hub habit, oneDNN off", "saved_model", "hub", "0"),
    "hub-lean": Engine(
        "our network, padded to 128", "saved_model", "hub_lean", "1"
    ),
    "onnx": Engine("ONNX Runtime float32", "onnx", "onnx_float32", sorts=True),
    "onnx-int8": Engine("ONNX Runtime int8", "onnx", "onnx_int8", sorts=True),
    "torch": Engine("PyTorch float32", "torch", "hugging_face", sorts=True),
    "torch-bf16": Engine(
        "PyTorch bfloat16", "torch_bfloat16", "hugging_face", sorts=True
    ),
}
HUB, ONNX = "hub", "onnx"
# Largest difference of a probability from the engine that is checked against.
AGREEMENT = {"ours": 1e-4, "ours-plain": 1e-4, "hub-plain": 1e-4}
AGREEMENT |= {"hub-lean": 1e-4, "onnx": 1e-4, "torch": 1e-4}


def model_folder(engine: Engine, work: Path) -> Path:
    if not engine.model.endswith("/*"):
        return work / engine.model
    versions = (work / engine.model.removesuffix("/*")).iterdir()
    return max(
        (v for v in versions if v.name.isdecimal()), key=lambda v: int(v.name)
    )


def build_models(args) -> None:
    """Builds what is missing, each model in the environment that can."""
    steps = [
        (
            "hub_lean/saved_model.pb",
            args.ours_python,
            ["inference_models.py", "--rows", str(args.training_rows)],
        ),
        (
            "onnx_int8/tokenizer.json",
            args.reference_python,
            ["inference_models.py", "--onnx"],
        ),
    ]
    if any(ENGINES[name].model == "hub" for name in args.engines):
        done = "hub/saved_model.pb"
        if not (args.work / done).exists() and not args.garden_python:
            sys.exit(
                f"Expected {args.work / done}, or --garden-python to build it "
                "with. Received: neither. Give the Python of an environment "
                "that holds this project with its extra garden, or leave hub "
                "and hub-plain out of --engines."
            )
        steps.append((done, args.garden_python, ["inference_hub.py"]))
    for done, python, (script, *options) in steps:
        if not (args.work / done).exists():
            subprocess.run(
                [python, HERE / script, args.work, *options], check=True
            )
