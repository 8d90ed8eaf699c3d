"""The examples in the docstrings print what they say.

They run in an empty folder, where they may write, and see no name that they do not import, so that
a reader can copy them. An example that needs an archive carries `# doctest: +SKIP` on its line: it
runs where the archives are.
"""

import doctest
import importlib
import inspect
from pathlib import Path

import pytest

import keras_siamese

ROOT = Path(__file__).resolve().parents[1]
WITH_EXAMPLES = sorted(
    path.relative_to(ROOT)
    for path in (ROOT / "keras_siamese").rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)
THAT_TRAIN = [Path("keras_siamese/recipes/recipe.py")]
PUBLIC = [name for name in keras_siamese.__all__ if name != "__version__"]
# The methods that people call first; of most classes nothing needs to be called.
FIRST_METHODS = [
    "OneShotClassifier.fit",
    "OneShotClassifier.predict",
    "Preprocessing.read",
    "Recognizer.embed",
    "Recognizer.fit",
    "Recognizer.from_preset",
    "Recognizer.predict",
    "Recognizer.save",
    "Recognizer.verify",
    "Verifier.choose_threshold",
    "Verifier.probabilities",
]
NEEDS_AN_ARCHIVE = ["load_mnist", "load_omniglot", "official_runs"]
# tests/backends/test_exports.py writes such files.
NEEDS_PYTORCH = ["export_torch"]


def examples_of(name: str) -> doctest.DocTest:
    """Returns the examples in the docstring of a public name, such as "Recognizer.fit"."""
    part = keras_siamese
    for attribute in name.split("."):
        part = getattr(part, attribute)
    return doctest.DocTestParser().get_doctest(inspect.getdoc(part) or "", {}, name, None, None)


def runs(example: doctest.Example) -> bool:
    """Tells whether the tests run an example."""
    return not example.options.get(doctest.SKIP, False)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, marks=pytest.mark.slow) if path in THAT_TRAIN else path
        for path in WITH_EXAMPLES
    ],
    ids=str,
)
def test_the_examples_of_a_module_print_what_they_say(path, tmp_path, monkeypatch):
    parts = path.with_suffix("").parts
    module = importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    monkeypatch.chdir(tmp_path)
    result = doctest.testmod(module, globs={})
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("name", [*PUBLIC, *FIRST_METHODS])
def test_a_public_name_has_an_example_that_prints_and_runs(name):
    examples = examples_of(name).examples
    assert any(example.want for example in examples)
    assert name in (*NEEDS_AN_ARCHIVE, *NEEDS_PYTORCH) or all(map(runs, examples))


@pytest.mark.data
@pytest.mark.parametrize("name", NEEDS_AN_ARCHIVE)
def test_the_examples_that_need_an_archive_print_what_they_say(name):
    test = examples_of(name)
    assert not all(map(runs, test.examples))
    for example in test.examples:
        example.options.pop(doctest.SKIP, None)
    assert doctest.DocTestRunner().run(test).failed == 0
