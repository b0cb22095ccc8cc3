"""SavedModels that write when they are loaded or called: none is let through.

Each is built by TensorFlow, and shown to write before it is refused.
"""

import json

import pytest
import tensorflow as tf
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from bert_keras.trust import UntrustedModel, require_trust


def write(prefix):
    """Writes `prefix.index`, as a saver does, and returns 0."""
    saved = tf.raw_ops.SaveV2(
        prefix=prefix,
        tensor_names=["stolen"],
        shape_and_slices=[""],
        tensors=[tf.ones([1])],
    )
    # Tracing drops a SaveV2 on which nothing depends.
    with tf.control_dependencies([saved]):
        return tf.constant(0.0)


def write_and_merge(prefix):
    part = f"{prefix}_part"
    with tf.control_dependencies([write(part)]):
        merged = tf.raw_ops.MergeV2Checkpoints(
            checkpoint_prefixes=[part], destination_prefix=prefix
        )
    with tf.control_dependencies([merged]):
        return tf.constant(0.0)


##### TensorFlow 1's format


def tf1_model(folder, victim, *, saver=None, init=None):
    """Its signature, or its init op, depends on a call that writes.

    Its saver names that call, if not another node.
    """
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:

        @tf.function
        def hostile():
            return write(str(victim))

        weight = v1.get_variable("weight", [], use_resource=True)
        written = hostile()
        x = v1.placeholder(tf.float32, [], name="x")
        y = tf.add(x * weight, 0.0 if init else written, name="y")
        session.run(weight.initializer)
        v1.saved_model.simple_save(session, str(folder), {"x": x}, {"y": y})
        call = written.op.name
    path = folder / "saved_model.pb"
    model = SavedModel.FromString(path.read_bytes())
    [graph] = model.meta_graphs
    graph.saver_def.save_tensor_name = saver or f"{call}:0"
    if init:
        graph.collection_def[init].node_list.value.append(call)
    path.write_bytes(model.SerializeToString())
    # Beside it, the file by which an export is recognised.
    (folder / "bert_keras.json").write_text(json.dumps({"task": "classifier"}))
    return folder


def run_tf1(folder):
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tf.compat.v1.saved_model.load(session, ["serve"], str(folder))
        session.run("y:0", {"x:0": 1.0})


@pytest.mark.parametrize(
    "init", [None, "saved_model_main_op", "legacy_init_op"]
)
@pytest.mark.parametrize("saver", [None, "y:0"])
def test_a_model_of_tensorflow_1(tmp_path, init, saver):
    victim = tmp_path / "victim"
    folder = tf1_model(tmp_path / "model", victim, saver=saver, init=init)
    with pytest.raises(UntrustedModel, match=r"SaveV2.*TensorFlow 1"):
        require_trust(folder)
    assert not list(tmp_path.glob("victim*"))
    run_tf1(folder)
    assert list(tmp_path.glob("victim*"))


def test_a_harmless_model_of_tensorflow_1_needs_trust_too(tmp_path):
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        x = tf.compat.v1.placeholder(tf.float32, [])
        tf.compat.v1.saved_model.simple_save(
            session, str(tmp_path / "model"), {"x": x}, {"y": x + 1}
        )
    with pytest.raises(UntrustedModel, match="format of TensorFlow 1"):
        require_trust(tmp_path / "model")
    require_trust(tmp_path / "model", trust=True)


def test_two_graphs_are_loaded_as_tensorflow_1_does(tmp_path):
    tf.saved_model.save(tf.Module(), str(tmp_path))
    path = tmp_path / "saved_model.pb"
    model = SavedModel.FromString(path.read_bytes())
    model.meta_graphs.add().CopyFrom(model.meta_graphs[0])
    path.write_bytes(model.SerializeToString())
    with pytest.raises(UntrustedModel, match="format of TensorFlow 1"):
        require_trust(tmp_path)


##### Written when called: every place where a function can be


def in_the_body(act, prefix, x):
    return x + act(prefix)


def in_an_inner_function(act, prefix, x):
    return x + tf.function(lambda: act(prefix))()


def in_a_condition(act, prefix, x):
    return tf.cond(x > 0, lambda: x + act(prefix), lambda: x)


def in_a_loop(act, prefix, x):
    return tf.while_loop(lambda x: x < 2, lambda x: [x + 1 + act(prefix)], [x])[
        0
    ]


def in_a_case(act, prefix, x):
    return tf.switch_case(
        tf.cast(x, tf.int32), [lambda: x, lambda: x + act(prefix)]
    )


def in_a_map(act, prefix, x):
    return tf.map_fn(lambda x: x + act(prefix), tf.reshape(x, [1]))[0]


def in_a_control_dependency(act, prefix, x):
    with tf.control_dependencies([act(prefix)]):
        return tf.identity(x)


def in_a_loop_in_an_inner_function(act, prefix, x):
    return tf.function(lambda x: in_a_loop(act, prefix, x))(x)


CALLED = [
    in_the_body,
    in_an_inner_function,
    in_a_condition,
    in_a_loop,
    in_a_case,
    in_a_map,
    in_a_control_dependency,
    in_a_loop_in_an_inner_function,
]


def save(folder, function):
    module = tf.Module()
    module.weight = tf.Variable(1.0)
    module.function = tf.function(
        lambda x: function(x) * module.weight,
        input_signature=[tf.TensorSpec([], tf.float32)],
    )
    tf.saved_model.save(module, str(folder))
    return folder


def name_as_saver(folder, function_part):
    """Makes the saver name the node whose function has a name like this."""
    path = folder / "saved_model.pb"
    model = SavedModel.FromString(path.read_bytes())
    [graph] = model.meta_graphs
    named = [
        node.name
        for node in graph.graph_def.node
        if function_part in node.attr["f"].func.name
    ]
    graph.saver_def.save_tensor_name = f"{named[0]}:0"
    path.write_bytes(model.SerializeToString())


@pytest.mark.parametrize("act", [write, write_and_merge])
@pytest.mark.parametrize("place", CALLED)
@pytest.mark.parametrize("named", [False, True])
def test_written_when_called(tmp_path, act, place, named):
    victim = tmp_path / "victim"
    folder = save(tmp_path / "model", lambda x: place(act, str(victim), x))
    if named:
        name_as_saver(folder, "signature_wrapper")
    with pytest.raises(UntrustedModel, match="SaveV2"):
        require_trust(folder)
    assert not list(tmp_path.glob("victim*"))
    loaded = tf.saved_model.load(str(folder))
    loaded.function(1.0)
    assert list(tmp_path.glob("victim*"))


##### Written when loaded


class Resource(tf.saved_model.experimental.TrackableResource):
    def __init__(self, prefix):
        super().__init__()
        self.prefix = str(prefix)
        _ = self.resource_handle

    def _create_resource(self):
        return tf.raw_ops.HashTableV2(
            key_dtype=tf.string, value_dtype=tf.int64, shared_name="hostile"
        )

    def _initialize(self):
        return write_and_merge(self.prefix)


@pytest.mark.parametrize("named", [False, True])
def test_written_when_loaded(tmp_path, named):
    module = tf.Module()
    module.resource = Resource(tmp_path / "victim")
    module.function = tf.function(
        lambda x: (
            x
            + tf.cast(
                tf.raw_ops.LookupTableSizeV2(
                    table_handle=module.resource.resource_handle
                ),
                tf.float32,
            )
        ),
        input_signature=[tf.TensorSpec([], tf.float32)],
    )
    folder = tmp_path / "model"
    tf.saved_model.save(module, str(folder))
    for file in tmp_path.glob("victim*"):
        file.unlink()
    if named:
        name_as_saver(folder, "initializer")
    with pytest.raises(UntrustedModel, match="SaveV2"):
        require_trust(folder)
    assert not list(tmp_path.glob("victim*"))
    tf.saved_model.load(str(folder))
    assert list(tmp_path.glob("victim*"))


def test_another_checkpoint_is_read_when_loaded(tmp_path):
    """Its values would become answers."""
    tf.train.Checkpoint(secret=tf.Variable(42.0)).write(str(tmp_path / "its"))
    key = "secret/.ATTRIBUTES/VARIABLE_VALUE"
    folder = save(
        tmp_path / "model",
        lambda x: (
            x
            + tf.raw_ops.RestoreV2(
                prefix=str(tmp_path / "its"),
                tensor_names=[key],
                shape_and_slices=[""],
                dtypes=[tf.float32],
            )[0]
        ),
    )
    with pytest.raises(UntrustedModel, match="RestoreV2"):
        require_trust(folder)
    loaded = tf.saved_model.load(str(folder))
    assert float(loaded.function(0.0)) == 42
