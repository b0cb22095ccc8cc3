"""An exported classifier, looked at as a server and a stranger would."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from bert_keras.export import edge_case_texts
from bert_keras.serving import saved_model

# Ops of tf.text that TensorFlow Serving 2.12 to 2.19 link as well.
SERVED_TEXT_OPS = {
    "CaseFoldUTF8",
    "ConstrainedSequence",
    "FastBertNormalize",
    "FastWordpieceTokenizeWithOffsets",
    "FindSourceOffsets",
    "NormalizeUTF8",
    "NormalizeUTF8WithOffsetsMap",
    "RegexSplitWithOffsets",
    "WhitespaceTokenizeWithOffsets",
    "WordpieceTokenizeWithOffsets",
}


@pytest.fixture(scope="module")
def model(tiny_export):
    return tf.saved_model.load(str(tiny_export))


@pytest.fixture(scope="module")
def nodes(tiny_export):
    """Every node of the graph and of the functions it calls."""
    parsed = saved_model_pb2.SavedModel()
    parsed.ParseFromString((tiny_export / "saved_model.pb").read_bytes())
    (graph,) = parsed.meta_graphs
    functions = graph.graph_def.library.function
    return [
        *graph.graph_def.node,
        *(node for function in functions for node in function.node_def),
    ], functions


def described(tensors):
    return {
        name: (tensor.dtype.name, tensor.shape.as_list())
        for name, tensor in tensors.items()
    }


def test_serving_default(model):
    signature = model.signatures["serving_default"]
    assert described(signature.structured_input_signature[1]) == {
        "text": ("string", [None])
    }
    assert described(signature.structured_outputs) == {
        "label": ("string", [None]),
        "score": ("float32", [None]),
        "classes": ("string", [None, 2]),
        "scores": ("float32", [None, 2]),
    }


def test_encode(model):
    signature = model.signatures["encode"]
    assert described(signature.structured_input_signature[1]) == {
        "text": ("string", [None])
    }
    outputs = described(signature.structured_outputs)
    assert {name: dtype for name, (dtype, _) in outputs.items()} == {
        "input_word_ids": "int32",
        "input_mask": "int32",
        "input_type_ids": "int32",
        "sequence_output": "float32",
        "pooled_output": "float32",
    }
    answer = signature(text=tf.constant(["a good film", "good"]))
    assert answer["input_word_ids"].numpy().tolist() == [
        [2, 6, 9, 7, 3],
        [2, 9, 3, 0, 0],
    ]
    assert answer["input_mask"].numpy().tolist() == [
        [1, 1, 1, 1, 1],
        [1, 1, 1, 0, 0],
    ]
    assert answer["sequence_output"].shape == (2, 5, 20)
    assert answer["pooled_output"].shape == (2, 20)


def test_there_is_nothing_else_to_call(model):
    assert set(model.signatures) == {"serving_default", "encode"}


def test_only_ops_that_servers_know(nodes):
    import tensorflow_text

    found = {node.op for node in nodes[0]}
    called = {function.signature.name for function in nodes[1]}
    library = Path(tensorflow_text.__file__).parent
    core = {name for name in tf.raw_ops.__dict__ if not name.startswith("_")}
    assert library.is_dir()
    assert found - called - core <= SERVED_TEXT_OPS
    assert not {op for op in found if "PyFunc" in op or "RoundRobin" in op}
    assert "Utf8Binarize" not in str(found)


def test_nothing_must_be_compiled(nodes):
    attributes = {name for node in nodes[0] for name in node.attr}
    attributes |= {name for function in nodes[1] for name in function.attr}
    assert "_XlaMustCompile" not in attributes


def test_no_path_of_this_machine_is_inside(tiny_export, tiny_checkpoint):
    content = (tiny_export / "saved_model.pb").read_bytes()
    assert str(tiny_checkpoint).encode() not in content
    assert list((tiny_export / "assets").glob("*")) == []


def test_a_text_is_answered_alike_in_every_batch(model):
    ask = model.signatures["serving_default"]
    many = ask(text=tf.constant(["a film"] * 3 + ["a very good film !"]))
    one = ask(text=tf.constant(["a film"]))
    for row in range(3):
        assert many["scores"][row].numpy() == pytest.approx(
            one["scores"][0].numpy(), abs=1e-6
        )


def test_elsewhere_in_a_process_without_the_project(
    tiny_export, tiny_classifier, tmp_path
):
    """Odd texts as JSON, bytes that are no UTF-8 among them."""
    moved = shutil.copytree(tiny_export, tmp_path / "moved")
    (moved / "bert_keras.json").unlink()
    script = shutil.copy(saved_model.__file__, tmp_path / "ask.py")
    texts = [text for text in edge_case_texts() if isinstance(text, str)]
    lines = [json.dumps({"text": text}) for text in texts]
    lines.append('{"text": {"b64": "Z29vZCD//g=="}}')
    done = subprocess.run(
        [sys.executable, "-I", script, str(moved)],
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    expected = tiny_classifier.predict(texts)
    assert len(answers) == len(texts) + 1
    for answer, right in zip(answers, expected, strict=False):
        assert answer["label"] == right["label"]
        assert answer["scores"] == pytest.approx(right["scores"], abs=1e-5)


def test_the_manifest(tiny_export, tiny_checkpoint):
    manifest = json.loads((tiny_export / "bert_keras.json").read_text())
    assert set(manifest) == {
        "task",
        "problem",
        "head",
        "inputs",
        "truncates",
        "encoder",
        "lora_rank",
        "frozen",
        "handle",
        "metrics",
        "long_texts",
        "precision",
        "max_length",
        "tokenizer",
        "special_tokens_in_text",
        "libraries",
        "agreement",
        "digests",
    }
    assert manifest["problem"]["labels"] == ["neg", "pos"]
    assert manifest["encoder"]["hidden_size"] == 20
    assert manifest["handle"] == str(tiny_checkpoint)
    assert manifest["max_length"] == 14
    assert manifest["truncates"] is True
    assert set(manifest["libraries"]) == {
        "bert-keras",
        "keras",
        "tensorflow",
        "tensorflow-text",
    }
    agreement = manifest["agreement"]
    assert (
        agreement["answers_equal"]
        == agreement["texts"]
        == len(edge_case_texts())
    )
    assert agreement["largest_difference"] <= 1e-5


def test_the_card(tiny_export):
    card = (tiny_export / "README.md").read_text()
    assert card.startswith("# A classifier of text\n")
    assert "neg, pos" in card
