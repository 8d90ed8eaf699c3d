"""All attacks by name, and one round of one of them in a folder that nothing leaves."""

import multiprocessing.util
import os
import tempfile
import zlib
from pathlib import Path
from unittest import mock

import numpy as np

from tests.attacks import archives, bundles, calls, clients, command, images, kills, served

ATTACKS = {
    "images": images.attack,
    "bundles": bundles.attack,
    "archives": archives.attack,
    "calls": calls.attack,
    "command": command.attack,
    "served": served.attack,
    "clients": clients.attack,
    "kills": kills.attack,
}


def run(name, seed, **options):
    """Do one round.

    Args:
        name: The attack.
        seed: Of all that is random in it, except for the moments of some kills.
        **options: Of the attack, such as how many files.

    Returns:
        A `collections.Counter` of what was done.

    Raises:
        AssertionError: If a promise was broken.
    """
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    here = names_here()
    # Processes talk by a folder that stays until the end.
    multiprocessing.util.get_temp_dir()
    with tempfile.TemporaryDirectory(prefix="keras_siamese_attack_") as outer:
        folder, scratch = Path(outer, "work"), Path(outer, "temporary")
        folder.mkdir()
        scratch.mkdir()
        with mock.patch.object(tempfile, "tempdir", str(scratch)):
            done = ATTACKS[name](rng, folder, **options)
        assert sorted(os.listdir(outer)) == ["temporary", "work"], "a file was written outside"
        # Those of TensorFlow go when the process ends.
        left = [name for name in os.listdir(scratch) if "__autograph_generated" not in name]
        assert not left, f"temporary files stay: {left}"
    assert names_here() == here, "a file was written into the working folder"
    return done


def names_here():
    """Files in the working folder, without the caches that other tools may keep there."""
    return sorted(name for name in os.listdir() if not name.startswith("."))
