"""What train_recognizer reaches on pictures of other kinds: what trains, what is tested."""

import json

import numpy as np
import pytest

from studies.robustness import own_images
from studies.signs.domains import Domain


def domain(name, classes, looks=3, groups=None):
    """A domain of squares, each class of another size."""
    pictures, names, labels = [], [], []
    for place in range(classes):
        for look in range(looks):
            picture = np.full((48, 48, 3), 255, np.uint8)
            picture[4 + look : 10 + place, 6 : 40 - place] = 20 * look
            pictures.append(picture)
            names.append(f"class {place:02}")
            labels.append(groups[place % len(groups)] if groups else name)
    variants = [f"look {place % looks}" for place in range(len(names))]
    return Domain(name, "development", pictures, names, labels, variants, [])


@pytest.mark.parametrize(("name", "tested"), [("flags", 20), ("icons", 38)])
def test_what_is_tested_did_not_train(name, tested):
    training, parts = own_images.trained_and_tested(domain(name, tested + 5))
    (held,) = parts.values()
    assert list(parts) == [f"other {name}"]
    assert len(set(held.names)) == tested and len(set(training.names)) == 5
    assert not set(held.names) & set(training.names)
    assert len(held.pictures) == len(held.variants) == 3 * tested


def test_one_script_trains_and_each_other_is_tested():
    scripts = list(own_images.SCRIPTS)
    training, parts = own_images.trained_and_tested(domain("fonts", 8, groups=scripts))
    assert set(training.groups) == {"Beng"}
    assert {title: set(part.groups) for title, part in parts.items()} == {
        "Khmer characters": {"Khmr"}, "Lao characters": {"Laoo"}, "Armenian characters": {"Armn"},
    }  # fmt: skip


def test_the_table_has_a_row_for_each_part_and_none_without_a_file(tmp_path, monkeypatch):
    monkeypatch.setattr(own_images, "RESULT", tmp_path / "own-images.json")
    assert own_images.own_images_table([]).rows == []
    row = {
        "domain": "flags", "trained_classes": 25, "trained_pictures": 100, "tested": "other flags",
        "tested_classes": 20, "processor_seconds": 41.4, "value": 0.9, "interval": [0.85, 0.93],
        "n": 240, "hog": 0.5,
    }  # fmt: skip
    own_images.RESULT.write_text(json.dumps({"rows": [row]}))
    assert own_images.own_images_table([]).rows == [
        [
            "25 flags as photographs (simulated), in colour, 100 images", "41 s", "20 other flags",
            "**90.0%** [85% to 93%]", "50.0%",
        ]
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.keras3
def test_a_few_steps_are_trained_and_scored(monkeypatch):
    monkeypatch.setattr(own_images, "load_domain", lambda name, part: domain(name, 26))
    (row,) = own_images.measure_domain("flags", steps=2, trials=20)
    assert (row["trained_classes"], row["tested_classes"], row["n"]) == (6, 20, 20)
    assert 0 <= row["value"] <= 1 and 0 <= row["hog"] <= 1
    assert row["interval"][0] <= row["value"] <= row["interval"][1]
