"""The version stands in one place, the pins satisfy the ranges, the README names real commands."""

import re
import runpy
from pathlib import Path

import pytest
import setuptools
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import keras_siamese
from keras_siamese.compat import loads_safely

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("3.10", "3.11", "3.12", "3.13")


@pytest.fixture(scope="module")
def metadata() -> dict:
    """What setup.py hands to setuptools."""
    received = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(setuptools, "setup", received.update)
        runpy.run_path(str(ROOT / "setup.py"))
    return received


def pins(filename: str, python: str) -> dict[str, str]:
    """Versions that a file of pins, and the files it names, give to a Linux machine."""
    found = {}
    for line in (ROOT / filename).read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            found |= pins(line.split()[1], python)
        elif line and not line.startswith("#"):
            requirement = Requirement(line)
            machine = {"python_version": python, "sys_platform": "linux"}
            if requirement.marker is None or requirement.marker.evaluate(machine):
                (specifier,) = requirement.specifier
                assert specifier.operator == "==", f"{filename}: {line} is not pinned"
                assert requirement.name not in found, f"{filename}: {requirement.name} twice"
                found[canonicalize_name(requirement.name)] = specifier.version
    return found


def assert_satisfied(requirements: list[str], pinned: dict[str, str]) -> None:
    """Fails unless every range has a pin inside it."""
    for requirement in map(Requirement, requirements):
        version = pinned.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement} has no pin"
        assert requirement.specifier.contains(version), f"{requirement} excludes {version}"


@pytest.mark.parametrize("python", PYTHONS)
def test_pins_satisfy_the_ranges_of_setup(metadata, python):
    assert python in SpecifierSet(metadata["python_requires"])
    assert_satisfied(metadata["install_requires"], pins("requirements.txt", python))
    extras = ("demo", "dev", "docs", "faiss", "heic", "litert", "onnx", "openvino", "report")
    extras += ("search", "signs", "usearch")
    for extra in extras:
        filename = "docs" if extra == "docs" else "dev"
        pinned = pins(f"requirements-{filename}.txt", python)
        assert_satisfied(metadata["extras_require"][extra], pinned)


@pytest.mark.parametrize("python", ["3.10", "3.11"])
def test_pins_of_the_second_stack_satisfy_the_ranges_of_setup(metadata, python):
    pinned = pins("requirements-addons.txt", python)
    assert_satisfied(metadata["install_requires"], pinned)
    assert_satisfied(metadata["extras_require"]["addons"], pinned)


def test_the_ranges_exclude_versions_with_known_holes(metadata):
    ranges = {
        canonicalize_name(requirement.name): requirement.specifier
        for requirement in map(Requirement, metadata["install_requires"])
    }
    # Releases of Keras 3 before 2026-11; loading is safe in two, and 2.15 is the second stack's.
    minors = {0: 5, 1: 1, 2: 1, 3: 3, 4: 1, 5: 0, 6: 0, 7: 0, 8: 0, 9: 2, 10: 0, 11: 3, 12: 4}
    minors |= {13: 2, 14: 1, 15: 1}
    released = [f"3.{minor}.{patch}" for minor in minors for patch in range(minors[minor] + 1)]
    allowed = [version for version in released if ranges["keras"].contains(version)]
    assert allowed == ["3.12.4", "3.15.1"] == [v for v in released if loads_safely(v)]
    assert ranges["keras"].contains("2.15.0") and ranges["keras"].contains("3.16.0")
    assert not ranges["pillow"].contains("12.2.0")


def test_the_model_server_runs_the_tensorflow_that_exports():
    exporter, server = pins("requirements.txt", "3.11"), pins("requirements-triton.txt", "3.11")
    assert server["tensorflow"] == exporter["tensorflow"]
    assert "nvidia-pytriton" in server


def test_tensorflow_is_required_under_its_own_name(metadata):
    # tensorflow-cpu does not satisfy a requirement on tensorflow, and the two overwrite each other.
    for python in PYTHONS:
        assert "tensorflow" in pins("requirements.txt", python)
        assert "tensorflow-cpu" not in pins("requirements-dev.txt", python)
    assert metadata["extras_require"]["gpu"] == ["tensorflow[and-cuda]>=2.16"]


def test_version_is_read_from_the_package(metadata):
    assert metadata["version"] == keras_siamese.__version__


def test_citation_names_the_same_version():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (\S+)$", citation, re.MULTILINE) == [keras_siamese.__version__]


def test_changelog_has_the_version_and_unreleased():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[([^]]+)\]", changelog, re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert keras_siamese.__version__ in headings


def test_console_command_names_a_function(metadata):
    (command,) = metadata["entry_points"]["console_scripts"]
    name, target = (part.strip() for part in command.split("="))
    module, function = target.split(":")
    assert name == "keras-siamese"
    assert f"def {function}(" in (ROOT / f"{module.replace('.', '/')}.py").read_text("utf-8")


def test_every_package_folder_is_installed(metadata):
    folders = {path.parent for path in (ROOT / "keras_siamese").rglob("*.py")}
    expected = {".".join(folder.relative_to(ROOT).parts) for folder in folders}
    assert set(metadata["packages"]) == expected
    assert (ROOT / "keras_siamese" / "py.typed").is_file()


def test_the_stubs_that_names_are_loaded_by_are_installed(metadata):
    stubs = list((ROOT / "keras_siamese").rglob("*.pyi"))
    assert stubs and metadata["package_data"][""] == ["*.pyi"]
    assert all((stub.parent / "__init__.py").is_file() for stub in stubs)


def make_targets() -> set[str]:
    """Targets that the Makefile declares phony."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())


def test_makefile_defines_what_it_declares():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert {"run", "test", "lint", "types"} <= make_targets()
    for target in make_targets():
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{target} has no rule"


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", ".pre-commit-config.yaml"])
def test_documents_name_targets_that_exist(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    # In running text, `make` is a verb: only whole commands in code count.
    commands = re.findall(r"(?:^\s*(?:\$ )?|`|entry: )make ([a-z][a-z -]*)", text, re.MULTILINE)
    named = {target for command in commands for target in command.split()}
    assert named, f"{document} names no make command"
    assert named <= make_targets()


def test_ci_runs_what_the_readme_says():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for target in ("test", "test-addons", "run", "lint", "types", "docs"):
        assert re.search(rf"^ *step \S+ make {target}(?= |$)", script, re.MULTILINE)


def test_ruff_checks_for_the_oldest_python(metadata):
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (minor,) = re.findall(r'^target-version = "py3(\d+)"$', settings, re.MULTILINE)
    assert f"3.{minor}" in SpecifierSet(metadata["python_requires"])
    assert f"3.{int(minor) - 1}" not in SpecifierSet(metadata["python_requires"])


def test_warnings_fail_tests(pytestconfig):
    assert pytestconfig.getini("filterwarnings")[0] == "error"
