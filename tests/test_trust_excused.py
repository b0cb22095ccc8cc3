"""Saving, restoring and reading a file: excused in their place alone.

Each test takes a SavedModel that TensorFlow wrote and that is let through, and
reaches an excused operation by one more way.
"""

import contextlib
import shutil

import pytest
import tensorflow as tf
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from bert_keras.trust import UntrustedModel, require_trust

ROLES = {
    "SaveV2": "save_tensor_name",
    "MergeV2Checkpoints": "save_tensor_name",
    "RestoreV2": "restore_op_name",
}
# The operation of a role that the message names.
OPERATIONS = {"save_tensor_name": "SaveV2", "restore_op_name": "RestoreV2"}
LOADED_BY = pytest.mark.parametrize("role", OPERATIONS)


@pytest.fixture(scope="module")
def genuine(tmp_path_factory):
    """A model with weights, a vocabulary, control flow and two functions."""
    folder = tmp_path_factory.mktemp("genuine")
    (folder / "vocab.txt").write_text("a\nb\n")
    module = tf.Module()
    module.weight = tf.Variable(tf.ones([3, 2]), name="weight")
    module.table = tf.lookup.StaticVocabularyTable(
        tf.lookup.TextFileInitializer(
            str(folder / "vocab.txt"),
            tf.string,
            tf.lookup.TextFileIndex.WHOLE_LINE,
            tf.int64,
            tf.lookup.TextFileIndex.LINE_NUMBER,
        ),
        num_oov_buckets=1,
    )

    @tf.function(input_signature=[tf.TensorSpec([], tf.string)])
    def function(text):
        row = tf.gather(module.weight, module.table.lookup(text))
        positive = tf.reduce_sum(row) > 0
        return tf.cond(positive, lambda: row + 1, lambda: row)

    module.function = function
    tf.saved_model.save(module, str(folder / "model"))
    return folder / "model"


@pytest.fixture
def model(genuine, tmp_path):
    return shutil.copytree(genuine, tmp_path / "model")


@contextlib.contextmanager
def edited(folder):
    """Yields the only graph of a SavedModel, then writes it back."""
    path = folder / "saved_model.pb"
    saved = SavedModel.FromString(path.read_bytes())
    yield saved.meta_graphs[0]
    path.write_bytes(saved.SerializeToString())


def node_of(graph, role):
    name = getattr(graph.saver_def, role).split(":")[0]
    [node] = (node for node in graph.graph_def.node if node.name == name)
    return node


def function_of(graph, role):
    return node_of(graph, role).attr["f"].func.name


def called_function(graph):
    """Returns a function that the signature calls."""
    functions = graph.graph_def.library.function
    return next(f for f in functions if "signature_wrapper" in f.signature.name)


def test_the_genuine_model_is_let_through(model):
    require_trust(model)
    with edited(model):
        pass
    require_trust(model)


##### Ways to run a node of the graph


def as_data(graph, role):
    graph.graph_def.node.add(
        name="more", op="Identity", input=[node_of(graph, role).name]
    )


def as_control(graph, role):
    graph.graph_def.node.add(
        name="more", op="NoOp", input=["^" + node_of(graph, role).name]
    )


def before_the_signature(graph, role):
    output = next(iter(graph.signature_def["serving_default"].outputs.values()))
    [node] = (
        node
        for node in graph.graph_def.node
        if node.name == output.name.split(":")[0]
    )
    node.input.append("^" + node_of(graph, role).name)


def as_an_output(graph, role):
    outputs = graph.signature_def["serving_default"].outputs
    outputs["more"].name = node_of(graph, role).name + ":0"


def as_part_of_a_sparse_output(graph, role):
    outputs = graph.signature_def["serving_default"].outputs
    outputs["more"].coo_sparse.values_tensor_name = (
        node_of(graph, role).name + ":0"
    )


def as_part_of_a_composite_output(graph, role):
    outputs = graph.signature_def["serving_default"].outputs
    outputs["more"].composite_tensor.components.add(
        name=node_of(graph, role).name + ":0"
    )


def as_an_init_signature(graph, role):
    init = graph.signature_def["__saved_model_init_op"]
    next(iter(init.outputs.values())).name = node_of(graph, role).name


def as_main_op(graph, role):
    main = graph.collection_def["saved_model_main_op"]
    main.node_list.value[:] = [node_of(graph, role).name]


def as_legacy_init_op(graph, role):
    main = graph.collection_def["legacy_init_op"]
    main.node_list.value[:] = [node_of(graph, role).name]


def before_the_main_op(graph, role):
    [name] = graph.collection_def["saved_model_main_op"].node_list.value
    [node] = (node for node in graph.graph_def.node if node.name == name)
    node.input.append("^" + node_of(graph, role).name)


def as_the_other_role(graph, role):
    name = node_of(graph, role).name
    graph.saver_def.restore_op_name = name
    graph.saver_def.save_tensor_name = name + ":0"


def twice(graph, role):
    graph.graph_def.node.add().CopyFrom(node_of(graph, role))


def with_a_backslash_in_its_name(graph, role):
    node = node_of(graph, role)
    node.name = "a\\b"
    setattr(graph.saver_def, role, node.name)
    graph.signature_def["serving_default"].outputs["more"].name = node.name


NODE_WAYS = [
    as_data,
    as_control,
    before_the_signature,
    as_an_output,
    as_part_of_a_sparse_output,
    as_part_of_a_composite_output,
    as_an_init_signature,
    as_main_op,
    as_legacy_init_op,
    before_the_main_op,
    as_the_other_role,
    twice,
    with_a_backslash_in_its_name,
]


##### Ways to call a function


def by_another_node(graph, role):
    copy = graph.graph_def.node.add()
    copy.CopyFrom(node_of(graph, role))
    copy.name = "more"


def by_a_function(graph, role):
    node = called_function(graph).node_def.add()
    node.CopyFrom(node_of(graph, role))
    node.name = "more"


def by_its_name_as_operation(graph, role):
    called_function(graph).node_def.add(
        name="more", op=function_of(graph, role)
    )


def by_a_loop(graph, role):
    node = called_function(graph).node_def.add(name="more", op="While")
    node.attr["body"].func.name = function_of(graph, role)


def by_a_condition(graph, role):
    node = called_function(graph).node_def.add(name="more", op="If")
    node.attr["then_branch"].func.name = function_of(graph, role)


def by_a_case(graph, role):
    node = called_function(graph).node_def.add(name="more", op="Case")
    node.attr["branches"].list.func.add(name=function_of(graph, role))


def by_an_attribute_of_an_attribute(graph, role):
    node = called_function(graph).node_def.add(name="more", op="While")
    node.attr["body"].func.attr["f"].func.name = function_of(graph, role)


def by_a_functions_attribute(graph, role):
    attribute = called_function(graph).attr["_gradient"]
    attribute.func.name = function_of(graph, role)


def by_a_default_value(graph, role):
    attribute = called_function(graph).signature.attr.add(name="f")
    attribute.default_value.func.name = function_of(graph, role)


def by_a_text(graph, role):
    node = called_function(graph).node_def.add(name="more", op="NoOp")
    node.attr["backward_function_name"].s = function_of(graph, role).encode()


def as_a_gradient(graph, role):
    graph.graph_def.library.gradient.add(
        function_name=called_function(graph).signature.name,
        gradient_func=function_of(graph, role),
    )


def as_a_registered_gradient(graph, role):
    graph.graph_def.library.registered_gradients.add(
        registered_op_type="Identity", gradient_func=function_of(graph, role)
    )


def as_the_same_interface(graph, role):
    for function in graph.graph_def.library.function:
        if function.signature.name == function_of(graph, role):
            function.attr["api_implements"].s = b"call"


def as_a_concrete_function(graph, role):
    name = function_of(graph, role)
    graph.object_graph_def.concrete_functions[name].SetInParent()


def as_a_bare_function(graph, role):
    node = graph.object_graph_def.nodes.add()
    node.bare_concrete_function.concrete_function_name = function_of(
        graph, role
    )


def as_a_polymorphic_function(graph, role):
    node = graph.object_graph_def.nodes.add()
    node.function.concrete_functions.append(function_of(graph, role))


def under_a_name_used_twice(graph, role):
    name = function_of(graph, role)
    library = graph.graph_def.library.function
    [function] = (f for f in library if f.signature.name == name)
    library.add().CopyFrom(function)


FUNCTION_WAYS = [
    by_another_node,
    by_a_function,
    by_its_name_as_operation,
    by_a_loop,
    by_a_condition,
    by_a_case,
    by_an_attribute_of_an_attribute,
    by_a_functions_attribute,
    by_a_default_value,
    by_a_text,
    as_a_gradient,
    as_a_registered_gradient,
    as_the_same_interface,
    as_a_concrete_function,
    as_a_bare_function,
    as_a_polymorphic_function,
    under_a_name_used_twice,
]


@pytest.mark.parametrize("operation", ROLES)
@pytest.mark.parametrize("way", NODE_WAYS + FUNCTION_WAYS)
def test_each_operation_reached_by_each_way(model, operation, way):
    with edited(model) as graph:
        way(graph, ROLES[operation])
    with pytest.raises(UntrustedModel, match=operation):
        require_trust(model)


##### Ways to hide an operation


@pytest.mark.parametrize("operation", ROLES)
def test_an_operation_of_the_graph_itself(model, operation):
    with edited(model) as graph:
        graph.graph_def.node.add(name="more", op=operation)
        graph.saver_def.save_tensor_name = "more:0"
        graph.saver_def.restore_op_name = "more"
    with pytest.raises(UntrustedModel, match=operation):
        require_trust(model)


@pytest.mark.parametrize("operation", [*ROLES, "ReadFile", "WriteFile"])
@LOADED_BY
def test_an_operation_below_an_excused_function(model, operation, role):
    """TensorFlow writes no function that a saver or a restorer calls."""
    with edited(model) as graph:
        library = graph.graph_def.library.function
        inner = library.add()
        inner.signature.name = "inner"
        inner.node_def.add(name="more", op=operation)
        [outer] = (
            function
            for function in library
            if function.signature.name == function_of(graph, role)
        )
        call = outer.node_def.add(name="call", op="StatefulPartitionedCall")
        call.attr["f"].func.name = "inner"
    with pytest.raises(UntrustedModel, match=operation):
        require_trust(model)


@pytest.mark.parametrize("operation", ["SaveV2", "MergeV2Checkpoints"])
def test_saving_inside_the_restorer(model, operation):
    with edited(model) as graph:
        name = function_of(graph, "restore_op_name")
        for function in graph.graph_def.library.function:
            if function.signature.name == name:
                function.node_def.add(name="more", op=operation)
    with pytest.raises(UntrustedModel, match=operation):
        require_trust(model)


@pytest.mark.parametrize("name", ["saved_model.cpb", "saved_model.pbtxt"])
def test_a_second_savedmodel(model, name):
    (model / name).write_bytes(b"")
    with pytest.raises(UntrustedModel, match=name):
        require_trust(model)


##### Names of files


def restorer(graph):
    name = function_of(graph, "restore_op_name")
    for function in graph.graph_def.library.function:
        if function.signature.name == name:
            return function


def from_a_constant(graph):
    function = restorer(graph)
    function.node_def.add(name="secret", op="Const")
    for node in function.node_def:
        if node.op == "RestoreV2":
            node.input[0] = "secret:output:0"


def from_another_argument(graph):
    graph.graph_def.node.add(name="secret", op="Const")
    node_of(graph, "restore_op_name").input[0] = "secret"


def from_a_file_name_that_is_no_placeholder(graph):
    graph.graph_def.node.add(name="secret", op="Const")
    node_of(graph, "restore_op_name").input[0] = "secret"
    graph.saver_def.filename_tensor_name = "secret:0"


@pytest.mark.parametrize(
    "way",
    [
        from_a_constant,
        from_another_argument,
        from_a_file_name_that_is_no_placeholder,
    ],
)
def test_weights_are_restored_from_the_given_file_alone(model, way):
    with edited(model) as graph:
        way(graph)
    with pytest.raises(UntrustedModel, match="RestoreV2"):
        require_trust(model)


def initializer(graph):
    for function in graph.graph_def.library.function:
        for node in function.node_def:
            if node.op == "InitializeTableFromTextFileV2":
                return function, node
    raise AssertionError("no table")


def table_from_a_constant(graph):
    function, node = initializer(graph)
    function.node_def.add(name="secret", op="Const")
    node.input[1] = "secret:output:0"


def table_from_a_bound_constant(graph):
    function, _ = initializer(graph)
    objects = graph.object_graph_def
    objects.nodes.add().constant.operation = "secret"
    bound = objects.concrete_functions[function.signature.name].bound_inputs
    for place, node in enumerate(bound):
        if objects.nodes[node].HasField("asset"):
            bound[place] = len(objects.nodes) - 1


def table_from_nothing_bound(graph):
    function, _ = initializer(graph)
    objects = graph.object_graph_def
    objects.concrete_functions[function.signature.name].ClearField(
        "bound_inputs"
    )


def table_by_an_object_alone(graph):
    function, _ = initializer(graph)
    objects = graph.object_graph_def
    del objects.concrete_functions[function.signature.name]
    node = objects.nodes.add()
    node.bare_concrete_function.concrete_function_name = function.signature.name


def table_from_the_callers_constant(graph):
    function, _ = initializer(graph)
    caller = called_function(graph)
    caller.node_def.add(name="secret", op="Const")
    call = caller.node_def.add(name="call", op="StatefulPartitionedCall")
    call.attr["f"].func.name = function.signature.name
    call.input.extend(["secret:output:0", "secret:output:0"])


def table_by_a_loop(graph):
    function, _ = initializer(graph)
    node = called_function(graph).node_def.add(name="call", op="While")
    node.attr["body"].func.name = function.signature.name


def table_from_the_graphs_constant(graph):
    function, _ = initializer(graph)
    graph.graph_def.node.add(name="secret", op="Const")
    for node in graph.graph_def.node:
        if node.attr["f"].func.name == function.signature.name:
            node.input[:] = ["secret", "secret"]


def table_from_a_variable_assigned_twice(graph):
    graph.graph_def.node.add(name="secret", op="Const")
    [first] = (
        node
        for node in graph.graph_def.node
        if node.op == "AssignVariableOp"
        and node.input[1].startswith("asset_path")
    )
    second = graph.graph_def.node.add(name="second", op="AssignVariableOp")
    second.input.extend([first.input[0] + ":0", "secret"])


def table_by_itself(graph):
    """A function that calls itself ends the search."""
    function, node = initializer(graph)
    call = function.node_def.add(name="call", op="StatefulPartitionedCall")
    call.attr["f"].func.name = function.signature.name
    call.input.extend([node.input[1], node.input[0]])


def table_in_a_circle(graph):
    """Nodes that are each other's input, too."""
    function, node = initializer(graph)
    for name, other in (("one", "two"), ("two", "one")):
        function.node_def.add(name=name, op="Identity", input=[f"{other}:0"])
    node.input[1] = "one:output:0"


def table_of_the_graph_itself(graph):
    graph.graph_def.node.add(name="more", op="InitializeTableFromTextFileV2")


@pytest.mark.parametrize(
    "way",
    [
        table_from_a_constant,
        table_from_a_bound_constant,
        table_from_nothing_bound,
        table_by_an_object_alone,
        table_from_the_callers_constant,
        table_by_a_loop,
        table_from_the_graphs_constant,
        table_from_a_variable_assigned_twice,
        table_by_itself,
        table_in_a_circle,
        table_of_the_graph_itself,
    ],
)
def test_a_table_reads_assets_alone(model, way):
    with edited(model) as graph:
        way(graph)
    with pytest.raises(UntrustedModel, match="InitializeTableFromTextFileV2"):
        require_trust(model)


def test_a_model_that_was_loaded_and_saved_again_is_let_through(
    genuine, tmp_path
):
    """Then one function reads the table by way of another."""
    loaded = tf.saved_model.load(str(genuine))
    tf.saved_model.save(loaded, str(tmp_path / "again"))
    require_trust(tmp_path / "again")
