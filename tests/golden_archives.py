"""The archives of golden/tensorflow, which make_tensorflow.py wrote."""

import tarfile
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

ARCHIVES = Path(__file__).parent / "golden" / "tensorflow"


def unpack(name, folder):
    """Returns the folder that an archive holds."""
    with tarfile.open(ARCHIVES / f"{name}.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder / name


def check_outputs(encoder, folder):
    """Asserts that an encoder computes what the Garden's did."""
    stored = load_file(folder / "outputs.safetensors")
    inputs = {k: v for k, v in stored.items() if k.startswith("input_")}
    real = inputs["input_mask"].astype(bool)
    for packed in (False, True):
        encoded = encoder(inputs, packed=packed)
        for name, where in (("sequence_output", real), ("pooled_output", ...)):
            np.testing.assert_allclose(
                encoded[name].numpy()[where], stored[name][where], atol=1e-5
            )
