"""Damaged archives of Lake's runs and of Omniglot, and damaged caches: right, or one error."""

from collections import Counter
from contextlib import contextmanager
from functools import cache
from unittest import mock

import numpy as np

from keras_siamese.data import load_omniglot, official_runs
from keras_siamese.data.datasets import lake_runs
from keras_siamese.data.datasets.omniglot import SUBSETS
from tests.attacks.damage import damaged, damaged_zip, refused_by
from tests.data import stand_ins

lake_files, tiny_files = cache(stand_ins.lake_files), cache(stand_ins.tiny_files)


@contextmanager
def stand_ins_expected():
    """Let the loaders take the small archives for the real ones."""
    with (
        mock.patch.object(lake_runs, "_DIGEST", stand_ins.lake_digest()),
        mock.patch.dict(SUBSETS, {"background": stand_ins.TINY}),
    ):
        yield


def write_damaged(path, files, rng):
    """Write an archive with one entry damaged, or with damage anywhere in it."""
    if rng.random() < 0.5:
        damaged_zip(path, files, rng)
    else:
        stand_ins.write_zip(path, files)
        path.write_bytes(damaged(path.read_bytes(), rng))


def attack(rng, folder, count=6):
    """Read damaged archives and damaged caches of sound archives.

    Returns:
        How many archives and caches were tried, and how many archives refused.
    """
    done = Counter()
    with stand_ins_expected():
        for number in range(count):
            data, store = folder / f"data{number}", folder / f"cache{number}"
            data.mkdir()
            is_lake = rng.random() < 0.3
            files = lake_files() if is_lake else tiny_files()
            path = data / ("all_runs.zip" if is_lake else "images_background.zip")
            write_damaged(path, files, rng)
            done["archives"] += 1
            try:
                read = (
                    official_runs(data_dir=data)
                    if is_lake
                    else load_omniglot(data_dir=data, cache_dir=store)
                )
            except (ValueError, OSError) as error:
                refused_by(error, path)
                done["archives refused"] += 1
            else:
                shape = (800 if is_lake else 60, 105, 105, 1)
                assert read.images.shape == shape and set(np.unique(read.images)) <= {0, 255}
        done += _attack_cache(rng, folder)
    return done


def _attack_cache(rng, folder):
    """A damaged cache gives what the archive holds."""
    data, store = folder / "data", folder / "cache"
    data.mkdir()
    stand_ins.write_zip(data / "images_background.zip", tiny_files())
    sound = load_omniglot(data_dir=data, cache_dir=store).images
    (kept,) = [path for path in store.rglob("*") if path.is_file()]
    content = kept.read_bytes()
    for _ in range(4):
        kept.write_bytes(damaged(content, rng))
        found = load_omniglot(data_dir=data, cache_dir=store).images
        np.testing.assert_array_equal(found, sound)
    return Counter({"caches": 4})
