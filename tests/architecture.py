"""The rules of the architecture, each a function from a package to breaches.

Files are parsed, never imported, so that imports inside functions count too
and a breach is found in milliseconds. `test_architecture.py` applies the rules
to the project, and to small packages that break them.
"""

import ast
from pathlib import Path

# From the ground up: a module imports ranks below its own. Decisions that
# changed an order are in docs/decisions/.
RANKS = (
    (
        "atomic",
        "config",
        "contract",
        "digests",
        "printable",
        "settings",
        "trust",
    ),
    (
        "data",
        "handles",
        "layers",
        "metrics",
        "postprocessing",
        "preprocessing",
        "serving",
    ),
    ("decoders", "encoders", "heads"),
    ("checkpoints",),
    ("explain", "export", "task_specs", "training"),
    ("tasks",),
    ("experiments",),
    ("cli",),
    ("__init__", "__main__"),
)
RANK = {name: rank for rank, names in enumerate(RANKS) for name in names}

# A package is used by what its `__init__.py` offers. The exceptions, as (who,
# what): a format's file names and table of names are written down once, for
# its reader and its writer; procedures over tasks take a training apart.
PAST_THE_FACE = (
    ("export", "checkpoints.name_maps"),
    ("export", "checkpoints.readers"),
    ("experiments", "tasks"),
    ("__main__", "cli.main"),
    ("cli", "tasks.text_lengths"),
)

# The network runs on every Keras backend; `contract` may name TensorFlow's
# specs inside functions.
BACKEND_FREE = ("config", "decoders", "encoders", "heads", "layers")
WRAPS_TENSORFLOW = ("encoders/saved_model.py",)
TENSORFLOW = {
    "official",
    "tensorflow",
    "tensorflow_hub",
    "tensorflow_text",
    "tf_keras",
}
PROGRAMS_AS_DATA = {"cloudpickle", "dill", "joblib", "marshal", "pickle"}
SAYS_NOTHING = {"common", "helpers", "misc", "util", "utils"}
MAX_LINES = 300


class Source:
    """One parsed file of a package.

    Args:
        root: The package's folder.
        path: The file.
    """

    def __init__(self, root: Path, path: Path):
        self.root = root
        self.name = path.relative_to(root).as_posix()
        self.text = path.read_text(encoding="utf-8")
        self.tree = ast.parse(self.text)
        self.stage = stage(self.name)

    def imports(self, nodes=None):
        """Yields (line, dotted module, names taken from it) of each import."""
        for node in nodes or ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield node.lineno, alias.name, ()
            elif isinstance(node, ast.ImportFrom):
                module = node.module or ""
                if node.level:
                    folder = (self.root.name, *Path(self.name).parent.parts)
                    kept = folder[: len(folder) - node.level + 1]
                    module = ".".join((*kept, module)).strip(".")
                yield node.lineno, module, [alias.name for alias in node.names]

    def own_imports(self):
        """Yields (line, file name) of each import from the package itself."""
        for line, module, names in self.imports():
            first, *parts = module.split(".")
            if first == self.root.name:
                for name in names or [None]:
                    yield line, self._file([*parts, name] if name else parts)

    def _file(self, parts: list[str]) -> str:
        """Finds the file that `from` parts[:-1] `import` parts[-1] reads."""
        names = ("/".join(parts), "/".join(parts[:-1]))
        for name in names:
            for file in (f"{name}.py", f"{name}/__init__.py".lstrip("/")):
                if (self.root / file).is_file():
                    return file
        return f"{names[0]}.py"  # not there; its rank still counts


def sources(root: Path) -> list[Source]:
    """Parses every file of a package."""
    return [Source(root, path) for path in sorted(root.rglob("*.py"))]


def stage(name: str) -> str:
    """Names what has a rank: a top-level folder or file."""
    return name.split("/")[0].removesuffix(".py")


def ranks(root: Path):
    """Imports go to lower ranks, or stay in their own package."""
    for source in sources(root):
        if source.stage not in RANK:
            yield (
                f"{source.name}: {source.stage} has no rank. Put it where it "
                "belongs, or give it one in RANKS."
            )
            continue
        for line, target in source.own_imports():
            other = stage(target)
            inside = source.stage == other
            if not inside and RANK.get(other, 99) >= RANK[source.stage]:
                yield (
                    f"{source.name}:{line} imports {target}. {source.stage} "
                    f"has rank {RANK[source.stage]}, {other} "
                    f"{RANK.get(other, 'none')}: move what is needed to a "
                    "lower rank, or hand it over as an argument."
                )


def cycles(root: Path):
    """No file needs itself by way of others."""
    graph = {
        source.name: sorted({target for _, target in source.own_imports()})
        for source in sources(root)
    }
    done = set()

    def walk(name, trail):
        if name in trail:
            circle = [*trail[trail.index(name) :], name]
            yield (
                f"{' -> '.join(circle)} is a cycle. Move what both need to a "
                "file of its own."
            )
        elif name not in done:
            for target in graph.get(name, ()):
                yield from walk(target, [*trail, name])
            done.add(name)

    for name in graph:
        yield from walk(name, [])


def faces(root: Path):
    """A package is imported by its face, not by a file of it."""
    for source in sources(root):
        allowed = [what for who, what in PAST_THE_FACE if who == source.stage]
        for line, module, _ in source.imports():
            first, _, inside = module.partition(".")
            package, _, file = inside.partition(".")
            if first != root.name or not file or package == source.stage:
                continue
            if any(f"{inside}.".startswith(f"{what}.") for what in allowed):
                continue
            yield (
                f"{source.name}:{line} imports {module}. Import it from "
                f"{root.name}.{package}, and offer it in its __init__.py."
            )


def serving(root: Path):
    """The server sees SavedModels only."""
    for source in sources(root):
        for line, target in source.own_imports():
            if source.name == "serving/saved_model.py":
                yield (
                    f"{source.name}:{line} imports {target}. This file proves "
                    "that an export needs no code of the project: it imports "
                    "none."
                )
            elif source.stage == "serving" and (
                RANK.get(stage(target)) != 0 and stage(target) != "serving"
            ):
                yield (
                    f"{source.name}:{line} imports {target}. The server knows "
                    "SavedModels, no model code: ask the signature or "
                    "bert_keras.json instead."
                )


def backends(root: Path):
    """The network is written on `keras.ops` alone."""
    for source in sources(root):
        if source.stage in BACKEND_FREE:
            nodes = None
        elif source.stage == "contract":
            nodes = source.tree.body
        else:
            continue
        if source.name in WRAPS_TENSORFLOW:
            continue
        for line, module, _ in source.imports(nodes):
            if module.split(".")[0] in TENSORFLOW:
                yield (
                    f"{source.name}:{line} imports {module}. The network runs "
                    "on every Keras backend: use keras.ops."
                )


def programs(root: Path):
    """What is saved or loaded is data, not code."""
    for source in sources(root):
        for line, module, names in source.imports():
            if module.split(".")[0] in PROGRAMS_AS_DATA:
                yield (
                    f"{source.name}:{line} imports {module}. A model file is "
                    "no program: write safetensors and JSON."
                )
            if module.startswith("keras") and "Lambda" in names:
                yield from _lambda_layer(source, line)
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Attribute) and node.attr == "Lambda":
                yield from _lambda_layer(source, node.lineno)
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                if getattr(node.value, "value", None) is not False:
                    yield (
                        f"{source.name}:{node.value.lineno} allows pickle. "
                        "Reading an array must not run code: leave it out."
                    )


def _lambda_layer(source, line):
    yield (
        f"{source.name}:{line} uses a Lambda layer, which is saved as "
        "bytecode. Write a keras.Layer."
    )


def names(root: Path):
    """A file is named by what it does."""
    for source in sources(root):
        for part in Path(source.name).with_suffix("").parts:
            if part in SAYS_NOTHING:
                yield (
                    f"{source.name}: {part} says nothing. Name the file by "
                    "what it does."
                )


def lengths(root: Path):
    """A file holds one idea."""
    for source in sources(root):
        count = len(source.text.splitlines())
        if count > MAX_LINES:
            yield (
                f"{source.name} has {count} lines, more than {MAX_LINES}. "
                "Split it into files of one idea each."
            )


RULES = (ranks, cycles, faces, serving, backends, programs, names, lengths)
