"""A file whose parts were changed is refused by name, whatever replaced them."""

import io
import json
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keras_siamese import Recognizer
from tests.recognizer.drawings import make_network
from tests.recognizer.saved_files import LOADERS, SAVERS, at, places, replaced, written

WRONG = [
    None, True, 5, -1, 10**400, 1.5, float("nan"), float("inf"), "", "ab", [], [1], [1, 2],
    ["x", "y"], [[1, 2], [3]], {}, {"a": 1},
]  # fmt: skip


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Entries of a file of each kind, by name."""
    folder, network, found = tmp_path_factory.mktemp("saved"), make_network(), {}
    for kind, save in SAVERS.items():
        save(network, folder / "file.zip")
        with zipfile.ZipFile(folder / "file.zip") as archive:
            found[kind] = {name: archive.read(name) for name in archive.namelist()}
    return found


def sort_of(value):
    return "number" if type(value) in (int, float) else type(value).__name__


def must_fail(place, old, new):
    """Whether a value is of another type than the one before, which was needed."""
    if new is None or place == ("unknown_label",):
        return False
    return sort_of(old) != sort_of(new) or (type(old) is int and type(new) is float)


def tried(kind, path):
    """Return the answers of two loaders to a file; they may answer, or refuse it by its name."""
    errors = []
    for loader in (LOADERS[kind], Recognizer):
        try:
            loader.load(path)
        except ValueError as error:
            assert path.name in str(error)
            errors.append(str(error))
    return errors


@pytest.mark.parametrize("kind", SAVERS)
def test_a_setting_of_another_type_is_refused_by_name(kind, saved, tmp_path):
    entries = saved[kind]
    tree = json.loads(entries["settings.json"])
    path = tmp_path / "changed.zip"
    count = 0
    for place in places(tree):
        for value in WRONG:
            if not must_fail(place, at(tree, place), value):
                continue
            content = json.dumps(replaced(tree, place, value)).encode()
            errors = tried(kind, written(path, entries, **{"settings.json": content}))
            assert len(errors) == 2, (place, value)
            # A file of another kind is named as such.
            names = ("holds a",) if place == ("kind",) else (place[0], place[0].replace("_", " "))
            for error in errors:
                assert any(name in error for name in names), (place, value, error)
            count += 1
    assert count > 50


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=3), below),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), kind=st.sampled_from(sorted(SAVERS)), value=VALUES)
def test_no_setting_is_another_error(saved, tmp_path_factory, data, kind, value):
    tree = json.loads(saved[kind]["settings.json"])
    place = data.draw(st.sampled_from(list(places(tree))))
    content = json.dumps(replaced(tree, place, value)).encode()
    path = tmp_path_factory.getbasetemp() / "drawn.zip"
    tried(kind, written(path, saved[kind], **{"settings.json": content}))


def variants(array):
    """Arrays that replace another, and whether each must be refused."""
    yield np.array(5), True
    yield np.zeros((0, *array.shape[1:]), array.dtype), bool(array.size)
    yield array[None], True
    yield array.astype(complex) if array.dtype.kind != "U" else np.zeros(array.shape, complex), True
    yield np.zeros(array.shape, "datetime64[s]"), True
    yield np.full(array.shape, "x"), array.dtype.kind != "U"
    yield np.zeros(array.shape, [("a", int)]), True
    yield np.full(array.shape, np.nan), True
    yield np.full(array.shape, b"x"), True
    yield np.full(array.shape, 2**63, np.uint64), True


@pytest.mark.parametrize("kind", ["Recognizer", "OneShotClassifier"])
def test_an_array_of_another_type_is_refused_by_name(kind, saved, tmp_path):
    entries = saved[kind]
    for name in sorted(name for name in entries if name.endswith(".npy")):
        array = np.load(io.BytesIO(entries[name]))
        for other, refused in variants(array):
            content = io.BytesIO()
            np.save(content, other)
            path = written(tmp_path / "changed.zip", entries, **{name: content.getvalue()})
            errors = tried(kind, path)
            part = name.removesuffix(".npy").removeprefix("novelty_")
            fits = array.ndim == 0 and other.shape == ()
            if refused and not fits:
                assert len(errors) == 2, (name, other.dtype, other.shape)
                # Of parts that must fit each other, the error may name another.
                named = (part, "embeddings", "references", "novelty")
                assert any(word in errors[0] for word in named), errors
    for name in sorted(name for name in entries if name.endswith(".npy")):
        for content in (b"", b"garbage", entries[name][:-1], entries[name][:20]):
            errors = tried(kind, written(tmp_path / "cut.zip", entries, **{name: content}))
            assert len(errors) == 2 and all(name.removesuffix(".npy") in each for each in errors)


def test_counts_whose_sum_comes_back_to_a_small_number_are_refused(saved, tmp_path):
    content = io.BytesIO()
    np.save(content, np.array([2**63, 2**63 + 3], np.uint64))
    path = written(
        tmp_path / "x.zip", saved["OneShotClassifier"], **{"counts.npy": content.getvalue()}
    )
    assert len(tried("OneShotClassifier", path)) == 2
