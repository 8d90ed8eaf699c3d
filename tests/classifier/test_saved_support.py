"""A saved classifier whose parts were changed is refused when it is loaded."""

import io
import json
import zipfile

import numpy as np
import pytest

from keras_siamese import OneShotClassifier


def rewritten(path, **changes):
    """Writes the file anew, arrays replaced by `changes` of them, valid as an archive."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    for name, change in changes.items():
        if name == "settings":
            changed = change(json.loads(entries["settings.json"]))
            entries["settings.json"] = json.dumps(changed).encode()
        else:
            array = np.load(io.BytesIO(entries[f"{name}.npy"]))
            content = io.BytesIO()
            np.save(content, change(array))
            entries[f"{name}.npy"] = content.getvalue()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)


@pytest.fixture
def saved(network, images, tmp_path):
    path = tmp_path / "classifier.zip"
    OneShotClassifier(network).fit(images[:5], ["a", "b", "a", "c", "b"]).save(path)
    return path


def test_a_file_written_anew_without_a_change_is_read(saved, images):
    before = OneShotClassifier.load(saved).predict(images)
    rewritten(saved, counts=lambda counts: counts)
    np.testing.assert_array_equal(OneShotClassifier.load(saved).predict(images), before)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"classes": lambda classes: classes[::-1]}, "classes"),
        ({"classes": lambda classes: classes[:2]}, "counts"),
        ({"classes": lambda classes: np.array([0.5j, 1j, 2j])}, "classes"),
        ({"counts": lambda counts: counts + 1}, "references"),
        ({"order": lambda order: order + 1}, "order"),
        ({"order": lambda order: order.astype(float)}, "order"),
        ({"counts": lambda counts: np.array([3, 3, -1])}, "counts"),
        ({"counts": lambda counts: counts.astype(str)}, "counts"),
        ({"references": lambda vectors: vectors[:4]}, "references"),
        ({"references": lambda vectors: vectors[:, :4]}, "references"),
        ({"references": lambda vectors: vectors.astype(float)}, "references"),
        ({"references": lambda vectors: vectors * np.nan}, "references"),
        ({"settings": lambda found: found | {"n_features_in": 7}}, "n_features_in"),
        ({"settings": lambda found: found | {"n_features_in": "36"}}, "n_features_in"),
    ],
)
def test_parts_that_do_not_fit_are_named(saved, changes, wrong):
    rewritten(saved, **changes)
    with pytest.raises(ValueError, match=f"whose .*{wrong}.* do not fit. Save it again"):
        OneShotClassifier.load(saved)


def test_settings_that_are_out_of_range_are_refused(saved):
    rewritten(saved, settings=lambda found: found | {"shots": "median"})
    with pytest.raises(ValueError, match="`shots` must be one of"):
        OneShotClassifier.load(saved)
