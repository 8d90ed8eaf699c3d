"""Damaged model files: refused by name, or their answers are numbers between 0 and 1."""

import tempfile
import zipfile
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np

from keras_siamese import Recognizer
from keras_siamese.models.network_files import load_network, save_network
from tests.attacks.damage import damaged, damaged_zip, refused_by
from tests.recognizer.drawings import drawing, make_network
from tests.recognizer.saved_files import LOADERS, SAVERS, written


@cache
def originals():
    """Entries of a file of each kind, by name."""
    network, found = make_network(), {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file.zip")
        for kind, save in SAVERS.items():
            save(network, path)
            found[kind] = entries_of(path)
        save_network(network, path.with_suffix(".keras"))
        found["network"] = entries_of(path.with_suffix(".keras"))
    return found


def entries_of(path):
    """Content of an archive's entries, by name."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def check_answers(kind, loaded):
    """Ask what was loaded; it may refuse, and what it answers is finite."""
    pictures = [drawing(1), drawing(2, 5)]
    images = np.stack([255 - picture for picture in pictures])[..., None]
    try:
        if isinstance(loaded, Recognizer):
            said = [each.probability for each in loaded.verify(pictures, pictures[::-1])]
            if loaded.classes:
                rows = loaded.rank(pictures)
                said += [n for row in rows for m in row for n in (m.probability, m.similarity)]
        elif kind == "Verifier":
            said = loaded.probabilities(images, images[::-1])
        elif kind == "OneShotClassifier":
            said = loaded.predict_proba(images)
        else:
            said = loaded.predict_on_batch([images / 255, images[::-1] / 255])
    except ValueError as error:
        assert str(error).strip()
        return False
    said = np.asarray(said, float)
    assert np.isfinite(said).all() and said.min() >= 0 and said.max() <= 1, said
    return True


def attack(rng, folder, count=12):
    """Load damaged files by the class that wrote them and by `Recognizer`, and ask for answers.

    Returns:
        How many files were tried, refused when loaded, and answered.
    """
    done, kinds = Counter(), sorted(originals())
    for number in range(count):
        kind = str(rng.choice(kinds))
        path = folder / f"{number}{'.keras' if kind == 'network' else '.zip'}"
        if rng.random() < 0.3:
            written(path, originals()[kind])
            path.write_bytes(damaged(path.read_bytes(), rng))
        else:
            damaged_zip(path, originals()[kind], rng)
        loader = LOADERS[kind].load if kind in LOADERS else load_network
        for load in (loader, Recognizer.load):
            done["loads of model files"] += 1
            try:
                loaded = load(path)
            except (ValueError, OSError) as error:
                refused_by(error, path)
                done["loads of model files refused"] += 1
                continue
            done["answers of damaged model files"] += check_answers(kind, loaded)
    return done
