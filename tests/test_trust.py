"""A SavedModel that does more than compute is refused before it is loaded."""

import pytest
import tensorflow as tf

from bert_keras.trust import UntrustedModel, require_trust, suspicious
from bert_keras.trust.operations import (
    RESTORER,
    SAVER,
    STATE,
    TABLE,
    TEXT,
    takes_text,
)


class WritesWhenLoaded(tf.saved_model.experimental.TrackableResource):
    def __init__(self, path):
        super().__init__()
        self.path = str(path)
        _ = self.resource_handle

    def _create_resource(self):
        return tf.raw_ops.HashTableV2(
            key_dtype=tf.string, value_dtype=tf.int64, shared_name="table"
        )

    def _initialize(self):
        tf.io.write_file(self.path, "written")


class Hostile(tf.Module):
    def __init__(self, path):
        super().__init__()
        self.resource = WritesWhenLoaded(path)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32)])
    def __call__(self, ids):
        return ids + tf.cast(
            tf.raw_ops.LookupTableSizeV2(
                table_handle=self.resource.resource_handle
            ),
            tf.int32,
        )


def save(folder, function, **tracked):
    module = tf.Module()
    module.function = function
    for name, value in tracked.items():
        setattr(module, name, value)
    tf.saved_model.save(module, str(folder))
    return folder


def on_text(function):
    return tf.function(function, input_signature=[tf.TensorSpec([], tf.string)])


def test_a_model_that_writes_when_loaded_is_refused(tmp_path):
    victim = tmp_path / "victim"
    tf.saved_model.save(Hostile(victim), str(tmp_path / "model"))
    victim.unlink(missing_ok=True)

    with pytest.raises(UntrustedModel, match=r"WriteFile.*--trust"):
        require_trust(tmp_path / "model")
    assert not victim.exists()

    # That it is refused for a reason: loading alone writes.
    require_trust(tmp_path / "model", trust=True)
    tf.saved_model.load(str(tmp_path / "model"))
    assert victim.read_text() == "written"


@pytest.mark.parametrize(
    "name, function",
    [
        ("ReadFile", tf.io.read_file),
        ("MatchingFiles", tf.io.matching_files),
        ("PrintV2", lambda text: tf.print(text, output_stream="file:///x")),
        (
            "EagerPyFunc",
            lambda text: tf.py_function(lambda x: x, [text], tf.string),
        ),
        (
            "SaveV2",
            lambda text: tf.raw_ops.SaveV2(
                prefix=text,
                tensor_names=["a"],
                shape_and_slices=[""],
                tensors=[tf.zeros([1])],
            ),
        ),
    ],
)
def test_what_touches_files_or_python_is_named(tmp_path, name, function):
    def called(text):
        result = function(text)
        return tf.zeros([]) if isinstance(result, tf.Operation) else result

    folder = save(tmp_path / "model", on_text(called))
    with pytest.raises(UntrustedModel, match=name):
        require_trust(folder)


def test_a_function_inside_a_function_is_looked_at(tmp_path):
    inner = tf.function(lambda text: tf.io.read_file(text))
    outer = on_text(
        lambda text: tf.cond(
            tf.strings.length(text) > 3, lambda: inner(text), lambda: text
        )
    )
    with pytest.raises(UntrustedModel, match="ReadFile"):
        require_trust(save(tmp_path / "model", outer))


def test_an_asset_outside_of_the_folder_is_refused():
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    model = SavedModel()
    graph = model.meta_graphs.add()
    graph.object_graph_def.SetInParent()
    graph.asset_file_def.add(filename="../../secret")
    assert suspicious(model) == ["the asset '../../secret'"]


def test_variables_tables_and_dropout_are_let_through(tmp_path):
    (tmp_path / "vocab.txt").write_text("a\nb\n")
    table = tf.lookup.StaticVocabularyTable(
        tf.lookup.TextFileInitializer(
            str(tmp_path / "vocab.txt"),
            tf.string,
            tf.lookup.TextFileIndex.WHOLE_LINE,
            tf.int64,
            tf.lookup.TextFileIndex.LINE_NUMBER,
        ),
        num_oov_buckets=1,
    )
    weight = tf.Variable(tf.ones([3, 2]))
    function = on_text(
        lambda text: tf.nn.dropout(tf.gather(weight, table.lookup(text)), 0.5)
    )
    require_trust(
        save(tmp_path / "model", function, table=table, weight=weight)
    )


def test_an_export_is_let_through(tiny_export):
    require_trust(tiny_export)


def test_no_savedmodel_and_a_damaged_one(tmp_path):
    with pytest.raises(ValueError, match=r"saved_model\.pb"):
        require_trust(tmp_path)
    (tmp_path / "saved_model.pb").write_bytes(b"<html>no model</html>")
    with pytest.raises(ValueError, match="damaged"):
        require_trust(tmp_path)


def test_each_listed_operation_exists_and_needs_its_listing():
    import tensorflow_text  # noqa: F401
    from tensorflow.python.framework import op_def_registry

    for name in TEXT | STATE | SAVER | RESTORER | TABLE:
        operation = op_def_registry.get(name)
        assert operation is not None, name
        assert operation.is_stateful or takes_text(operation), name


def test_a_hostile_export_is_not_opened(tmp_path):
    from bert_keras.cli.opened import find_saved, open_saved

    victim = tmp_path / "victim"
    folder = tmp_path / "versions" / "1"
    tf.saved_model.save(Hostile(victim), str(folder))
    (folder / "bert_keras.json").write_text(
        '{"task": "classifier", "problem": {"labels": ["no", "yes"]}}'
    )
    victim.unlink(missing_ok=True)
    with pytest.raises(UntrustedModel, match="WriteFile"):
        open_saved(find_saved(tmp_path / "versions"))
    assert not victim.exists()
