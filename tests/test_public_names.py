"""What is imported from where: all names, lazily, and how one that has moved is still found."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import keras_siamese as ks

PACKAGE = Path(ks.__file__).parent
STUBS = sorted(PACKAGE.rglob("__init__.pyi"))
PACKAGES = sorted(path.parent for path in PACKAGE.rglob("__init__.py"))


def module_name(folder: Path) -> str:
    return ".".join(folder.relative_to(PACKAGE.parent).parts)


def imported_from(stub: Path) -> dict[str, str]:
    """Module that each name of a stub comes from; "" for a subpackage."""
    tree = ast.parse(stub.read_text(encoding="utf-8"))
    nodes = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: node.module or "" for node in nodes for alias in node.names}


def in_a_process(script: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("folder", PACKAGES, ids=module_name)
def test_every_package_lists_its_names_and_has_them(folder):
    package = importlib.import_module(module_name(folder))
    assert len(set(package.__all__)) == len(package.__all__)
    for name in package.__all__:
        assert hasattr(package, name), name


@pytest.mark.parametrize("stub", STUBS, ids=lambda path: module_name(path.parent))
def test_a_stub_lists_what_the_package_does(stub):
    package = importlib.import_module(module_name(stub.parent))
    (listed,) = [
        ast.literal_eval(node.value)
        for node in ast.parse(stub.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and node.targets[0].id == "__all__"
    ]
    assert sorted(listed) == sorted(package.__all__)
    assert set(imported_from(stub)) <= set(dir(package))


@pytest.mark.parametrize("stub", STUBS, ids=lambda path: module_name(path.parent))
def test_no_name_is_also_that_of_its_module(stub):
    # The import of the module would put it in the name's place.
    for name, module in imported_from(stub).items():
        assert name != module.split(".")[0]
        assert not module or not (stub.parent / f"{name}.py").exists()


# Names that many modules may give to a function, and why.
COMMON_NAMES = {
    "main",  # what a script runs
    "run",  # what it does, once its options are read
    "load",  # reads the result file, or what the options name, of that module
    "command",  # of each command
    "check",  # the data's completeness is a command, too
}
# It repeats the functions of data in a graph, one file for each, under the same names.
REPEATED = PACKAGE / "serving" / "decoding"
FOLDERS = ("keras_siamese", "reproduce", "studies", "benchmarks", "examples", "website")


def test_no_function_or_class_has_a_name_twice():
    """Whoever searches for a name finds one definition in the checkout."""
    homes: dict[str, set[str]] = {}
    for folder in FOLDERS:
        for path in (PACKAGE.parent / folder).rglob("*.py"):
            if REPEATED in path.parents:
                continue
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name[0] != "_":
                    place = path.relative_to(PACKAGE.parent).as_posix()
                    homes.setdefault(node.name, set()).add(place)
    assert len(homes) > 1000
    twice = {name: sorted(places) for name, places in homes.items() if len(places) > 1}
    assert {name: places for name, places in twice.items() if name not in COMMON_NAMES} == {}
    assert set(twice) >= COMMON_NAMES


def test_no_public_name_comes_from_two_packages():
    homes: dict[str, str] = {}
    for stub in STUBS:
        for name, module in imported_from(stub).items():
            if stub.parent != PACKAGE and module:
                assert homes.setdefault(name, str(stub)) == str(stub), name


@pytest.mark.parametrize(
    "name",
    [
        "data",
        "evaluation",
        "losses",
        "models",
        "optimizers",
        "plots",
        "serving",
        "training",
        "pretrained",
    ],
)
def test_a_subpackage_is_an_attribute(name):
    assert getattr(ks, name) is importlib.import_module(f"keras_siamese.{name}")


def test_what_newcomers_need_is_at_the_top():
    assert {
        "OneShotClassifier",
        "TrainingConfig",
        "Verifier",
        "hold_out_classes",
        "load_folder",
        "load_pretrained",
        "load_support",
        "sample_pairs",
        "siamese_network",
        "train",
        "train_episodes",
    } <= set(ks.__all__)


@pytest.mark.parametrize(
    ("old", "now"),
    [
        (ks, ks.models.average_mirrored),
        (ks, ks.models.twin_head),
        (ks, ks.optimizers.ConvMuon),
        (ks.models, ks.optimizers.ConvMuon),
        (ks.models, ks.optimizers.LayerwiseSGD),
    ],
)
def test_a_name_that_moved_is_found_with_a_warning(old, now):
    home = ".".join(now.__module__.split(".")[:2])
    assert now.__name__ not in old.__all__
    with pytest.warns(DeprecationWarning, match=rf"{home}.{now.__name__}"):
        found = getattr(old, now.__name__)
    assert found is now


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(ks, "nonsense")
    with pytest.raises(ImportError, match="nonsense"):
        from keras_siamese import nonsense  # noqa: F401


def test_importing_the_package_imports_neither_tensorflow_nor_numpy():
    heavy = ("tensorflow", "keras", "numpy", "scipy", "skimage", "PIL")
    script = f"import keras_siamese, sys; print(*(set({heavy}) & set(sys.modules)))"
    assert in_a_process(script) == []


@pytest.mark.slow
def test_a_star_import_brings_the_names_and_no_subpackage():
    script = "data = 1\nfrom keras_siamese import *\nprint(data, __version__, Verifier.__name__)"
    assert in_a_process(script) == ["1", ks.__version__, "Verifier"]
