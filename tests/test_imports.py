"""Arrows of import point down only, data needs no TensorFlow, and nothing imports the scripts."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "keras_siamese"

# From the top down. A part imports from itself and from lower lines, never from others of its line.
# "keras_siamese" is the package's __init__, which gathers the public names.
LAYERS = (
    ("cli",),
    ("commands",),
    ("demo",),
    ("keras_siamese",),
    ("recipes",),
    ("recognizer",),
    ("serving", "classifier", "verifier", "index", "pretrained", "plots", "addons"),
    ("saved_recognizer", "saved_verifier"),
    ("training",),
    ("evaluation", "metrics"),
    ("losses", "models", "optimizers", "registration"),
    ("data", "compat", "importing"),
    ("argument_checks", "atomic", "backend_errors", "deprecated"),
)
LEVELS = {part: level for level, parts in enumerate(reversed(LAYERS)) for part in parts}
# A stub says what its package's __init__.py imports when it is first used.
FILES = sorted(path for path in PACKAGE.rglob("*.py*") if path.suffix in (".py", ".pyi"))


def module_name(path: Path) -> str:
    """Dotted name of a file, `keras_siamese.data` for its `__init__.py`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(nodes: Iterator[ast.AST], path: Path) -> Iterator[str]:
    """Dotted names of the modules imported, `from package import name` as `package.name`."""
    package = module_name(path).split(".")
    package = package if path.stem == "__init__" else package[:-1]
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def at_import(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes that run when the module is imported: all but the bodies of functions."""
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield node
            yield from at_import(node)


def part_of(name: str) -> str | None:
    """Part of the package that a dotted name belongs to; None outside the package."""
    first, *rest = name.split(".")
    if first != "keras_siamese":
        return None
    below = rest and ((PACKAGE / rest[0]).is_dir() or (PACKAGE / f"{rest[0]}.py").is_file())
    return rest[0] if below else "keras_siamese"


def upward_arrows(source: str, path: Path) -> list[str]:
    """Imports of a file that point up or sideways."""
    own = part_of(module_name(path))
    used = {part_of(name) for name in imported(ast.walk(ast.parse(source)), path)} - {None, own}
    return sorted(part for part in used if LEVELS[part] >= LEVELS[own])


def test_every_part_of_the_package_has_a_layer():
    parts = {part_of(module_name(path)) for path in FILES}
    assert parts <= set(LEVELS), "a new part belongs in LAYERS, at the level that its imports allow"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path):
    assert upward_arrows(path.read_text(encoding="utf-8"), path) == []


@pytest.mark.parametrize(
    "source",
    [
        "from keras_siamese.training import train",
        "import keras_siamese.cli",
        "from ..evaluation import episode_scores",
        "from .. import training",
        "from keras_siamese import koch_encoder",
        "def later():\n    from keras_siamese.training.pair_training import train",
    ],
)
def test_an_upward_arrow_is_seen(source):
    assert upward_arrows(source, PACKAGE / "models" / "siamese.py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_package_imports_no_script_and_no_test(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    roots = {name.split(".")[0] for name in imported(ast.walk(tree), path)}
    assert not roots & {
        "reproduce",
        "studies",
        "website",
        "benchmarks",
        "examples",
        "tests",
        "pytest",
    }


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "data").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_data_imports_no_tensorflow_when_imported(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    roots = {name.split(".")[0] for name in imported(at_import(tree), path)}
    assert not roots & {"tensorflow", "keras"}


# The folders of the repository, from the top down. A folder imports from lower lines alone.
FOLDERS = (
    ("website",),
    ("benchmarks", "examples"),
    ("studies",),
    ("reproduce",),
    ("keras_siamese",),
)
HEIGHTS = {folder: height for height, folders in enumerate(reversed(FOLDERS)) for folder in folders}
# The rooms of a folder, from the top down; the last line holds single files, which all rooms may
# import. A folder's own name stands for its `__init__.py`.
ROOMS = {
    "reproduce": (
        ("run_paper",),
        ("commands",),
        ("report",),
        ("search",),
        ("paper",),
        ("published", "results", "provenance", "script", "table"),
    ),
    "studies": (
        ("metric_learning", "robustness"),
        ("beyond", "signs", "lengths", "addons"),
        ("literature", "official_scores", "studies"),
    ),
    "website": (
        ("__main__",),
        ("pages",),
        ("page_tables", "page_numbers"),
        ("sentences",),
        ("tables",),
        ("hooks",),
        ("written", "transcripts", "cells", "mathml", "docstrings", "links"),
    ),
}
FLOORS = {
    folder: {room: floor for floor, rooms in enumerate(reversed(floors)) for room in rooms}
    for folder, floors in ROOMS.items()
}
SCRIPTS = sorted(path for folder in HEIGHTS for path in (ROOT / folder).rglob("*.py"))
IN_ROOMS = [path for path in SCRIPTS if path.relative_to(ROOT).parts[0] in ROOMS]


def room_of(folder: str, name: str) -> str:
    """Room of a folder that a dotted name is in; the folder's name for its own `__init__.py`."""
    room = name.split(".")[1] if "." in name else ""
    below = (ROOT / folder / room).is_dir() or (ROOT / folder / f"{room}.py").is_file()
    return room if room and below else folder


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_from_one_folder_to_another_point_down(path):
    own = path.relative_to(ROOT).parts[0]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    used = {name.split(".")[0] for name in imported(ast.walk(tree), path)} - {own}
    assert sorted(folder for folder in used & set(HEIGHTS) if HEIGHTS[folder] >= HEIGHTS[own]) == []
    assert "tests" not in used


@pytest.mark.parametrize("path", IN_ROOMS, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_in_a_folder_point_down_and_start_at_the_top(path):
    folder = path.relative_to(ROOT).parts[0]
    floors, files = FLOORS[folder], set(ROOMS[folder][-1])
    own = room_of(folder, module_name(path))
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [name for name in imported(ast.walk(tree), path) if name.split(".")[0] == folder]
    used = {room_of(folder, name) for name in names} - {own}
    assert own == folder or own in floors, "a new room belongs in ROOMS"
    level = floors.get(own, 0)
    assert sorted(room for room in used - files if floors[room] >= level) == []
    assert own not in files or used <= files


# Folders whose modules repeat others' names: a command's module is named for the command.
NAMED_FOR_OTHERS = ("keras_siamese/commands/",)


def test_no_two_modules_have_one_name():
    places: dict[str, list[str]] = {}
    for path in SCRIPTS:
        file = path.relative_to(ROOT).as_posix()
        if path.stem not in ("__init__", "__main__") and not file.startswith(NAMED_FOR_OTHERS):
            places.setdefault(path.stem, []).append(file)
    assert len(places) > 350
    assert {name: files for name, files in places.items() if len(files) > 1} == {}


def test_data_loads_and_works_where_tensorflow_is_not_installed():
    script = """
import importlib.abc, sys

class Blocked(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("tensorflow", "keras"):
            raise ModuleNotFoundError(f"{name} is blocked", name=name)

sys.meta_path.insert(0, Blocked())

import keras_siamese as ks
from keras_siamese import data

glyphs = ks.make_glyphs(num_alphabets=1, characters_per_alphabet=2, num_drawers=2, seed=0)
print(len(glyphs), type(glyphs) is data.ImageDataset, "keras" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["4", "True", "False"]
