"""Builds the models that `inference.py` compares: one training, many forms.

    python benchmarks/inference_models.py WORK          # needs bert_keras
    /hf/bin/python benchmarks/inference_models.py WORK --onnx

`inference.py` calls both. The first trains a sentiment classifier for 200
steps and writes its weights as our exports, as a Hugging Face folder, and as
a SavedModel that pads as the habit of TensorFlow Hub does. The second turns
the folder into ONNX files. `inference_hub.py` builds what that habit itself
leads to. All of them give the same scores; `inference.py` checks that.
"""

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import shared

LABELS = ["0", "1"]
PADDED_TO = shared.MAX_LENGTH


def train(run: Path, count: int) -> None:
    import bert_keras as bk

    dataset = shared.DATASETS["sst2"]
    rows = shared.take(shared.read(dataset, dataset.train), count)
    task = bk.TextClassifier.from_handle(
        shared.HANDLE, LABELS, max_length=shared.MAX_LENGTH
    )
    task.fit(
        (rows.texts[0], rows.labels),
        epochs=1,
        batch_size=shared.BATCH_SIZE,
        learning_rate=dataset.learning_rate,
        run_dir=run,
    )


def export_padded(task, folder: Path) -> None:
    """Writes our network as if it came from TensorFlow Hub, at its leanest.

    The tokenizer is tf.text's fastest, every text is padded to 128 pieces, and
    the padding passes through every matrix product. The network is the one
    which our exports hold, in its padded layout: beside `inference_hub.py`, it
    tells what padding costs from what all the rest of that habit costs.
    """
    import tensorflow as tf
    import tensorflow_text as tf_text

    class Padded(tf.Module):
        def __init__(self):
            super().__init__()
            self.network = task.network
            self.tokenizer = tf_text.FastBertTokenizer(
                list(task.preprocessor.vocabulary.tokens),
                token_out_type=tf.int32,
                lower_case_nfd_strip_accents=True,
            )
            vocabulary = task.preprocessor.vocabulary
            self.start, self.end = vocabulary.cls_id, vocabulary.sep_id

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "text")])
        def serve(self, text):
            pieces = self.tokenizer.tokenize(text)[:, : PADDED_TO - 2]
            ids, types = tf_text.combine_segments(
                [pieces],
                start_of_sequence_id=self.start,
                end_of_segment_id=self.end,
            )
            ids, mask = tf_text.pad_model_inputs(ids, max_seq_length=PADDED_TO)
            types, _ = tf_text.pad_model_inputs(types, max_seq_length=PADDED_TO)
            logits = self.network(
                {
                    "input_word_ids": ids,
                    "input_mask": tf.cast(mask, tf.int32),
                    "input_type_ids": types,
                },
                training=False,
            )
            return {"scores": tf.nn.softmax(logits)}

    module = Padded()
    tf.saved_model.save(
        module, str(folder), signatures={"serving_default": module.serve}
    )


def export_hugging_face(run: Path, folder: Path) -> None:
    """Writes the trained weights under the names of BertForSequence..."""
    import numpy as np
    from safetensors.numpy import load_file, save_file

    from bert_keras.checkpoints.name_maps import rename
    from bert_keras.checkpoints.name_maps.huggingface import HUGGING_FACE
    from bert_keras.checkpoints.tensors import Axes
    from bert_keras.handles import resolve

    original = Path(resolve(shared.HANDLE))
    folder.mkdir(parents=True)
    ours = load_file(run / "model.safetensors")
    theirs = {
        "classifier.weight": ours["head/dense/kernel"].T,
        "classifier.bias": ours["head/dense/bias"],
    }
    for name in load_file(original / "model.safetensors"):
        row = rename(name, HUGGING_FACE)
        if row and row.name:
            tensor = ours["encoder/" + row.name]
            swapped = row.axes is Axes.SWAPPED
            theirs["bert." + name] = tensor.T if swapped else tensor
    theirs = {name: np.ascontiguousarray(t) for name, t in theirs.items()}
    save_file(theirs, folder / "model.safetensors", {"format": "pt"})

    config = json.loads((original / "config.json").read_text())
    config["architectures"] = ["BertForSequenceClassification"]
    config["id2label"] = dict(enumerate(LABELS))
    config["label2id"] = {label: i for i, label in enumerate(LABELS)}
    (folder / "config.json").write_text(json.dumps(config, indent=2))
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt"):
        shutil.copy(original / name, folder)


def build(work: Path, rows: int) -> None:
    run = work / "run"
    train(run, rows)  # returns at once if it was done before
    import bert_keras as bk

    task = bk.load_task(run)
    for precision in ("float32", "bfloat16"):
        if not (work / precision).exists():
            task.export(work / precision, precision=precision)
    for name, write in (
        ("hugging_face", lambda folder: export_hugging_face(run, folder)),
        ("hub_lean", lambda folder: export_padded(task, folder)),
    ):
        shutil.rmtree(work / name, ignore_errors=True)
        write(work / name)


def build_onnx(work: Path) -> None:
    """Exports to ONNX with attention fused, and quantizes a copy.

    Of the ways to export, this one ran fastest: the older exporter, whose
    graph ONNX Runtime's BERT optimizer knows how to fuse.
    """
    import onnx
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers import optimizer
    from transformers import AutoConfig, AutoModelForSequenceClassification

    source = work / "hugging_face"
    config = AutoConfig.from_pretrained(source)
    model = AutoModelForSequenceClassification.from_pretrained(
        source, attn_implementation="eager"
    ).eval()
    ids = torch.tensor([[101, 1037, 2143, 102], [101, 2204, 102, 0]])
    inputs = (ids, (ids > 0).long(), torch.zeros_like(ids))
    names = ["input_ids", "attention_mask", "token_type_ids"]
    axes = {name: {0: "batch", 1: "length"} for name in names}
    files = {}
    for name in ("exported", "onnx_float32", "onnx_int8"):
        (work / name).mkdir(exist_ok=True)
        files[name] = str(work / name / "model.onnx")
    torch.onnx.export(
        model,
        inputs,
        files["exported"],
        input_names=names,
        output_names=["logits"],
        dynamic_axes=axes | {"logits": {0: "batch"}},
        opset_version=17,
        dynamo=False,
    )
    fused = optimizer.optimize_model(
        files["exported"],
        model_type="bert",
        num_heads=config.num_attention_heads,
        hidden_size=config.hidden_size,
        opt_level=1,
    )
    found = fused.get_fused_operator_statistics()
    if found["Attention"] != config.num_hidden_layers:
        sys.exit(f"attention was not fused: {found}")
    fused.save_model_to_file(files["onnx_float32"])
    # 7 bits on processors whose 8-bit products saturate, as ONNX Runtime's
    # guide to quantization says.
    has_vnni = "vnni" in Path("/proc/cpuinfo").read_text()
    quantize_dynamic(
        files["onnx_float32"],
        files["onnx_int8"],
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=not has_vnni,
        # What fused operators give, which shape inference does not know.
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )
    for name in ("onnx_float32", "onnx_int8"):
        shutil.copy(source / "tokenizer.json", work / name)
    shutil.rmtree(work / "exported")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("--onnx", action="store_true")
    parser.add_argument("--rows", type=int, default=6_400, help="to train on")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    if args.onnx:
        build_onnx(args.work)
    else:
        build(args.work, args.rows)


if __name__ == "__main__":
    main()
