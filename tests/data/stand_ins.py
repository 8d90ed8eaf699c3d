"""Stand-ins whose content is known by heart: archives like Lake's runs and Omniglot, protocols."""

import hashlib
import io
import zipfile
from functools import cache

import numpy as np
from PIL import Image

from keras_siamese.data import (
    OneShotProtocol,
    VerificationProtocol,
    make_glyphs,
    sample_episodes,
    sample_pairs,
)
from keras_siamese.data.datasets.archives import Archive
from keras_siamese.data.datasets.omniglot import Subset

ANSWERS = np.random.default_rng(0).permuted(np.tile(np.arange(20), (20, 1)), axis=1)
TINY = Subset(
    Archive("images_background", "https://example.org/images_background.zip", "0" * 32),
    {"Beta": 1, "Alpha": 2},
)

# Names of the images of `glyphs`.
FILES = tuple(f"a/b/{place}.png" for place in range(48))


@cache
def glyphs():
    """Two alphabets of 6 characters by 4 drawers: 48 images of 16x16 pixels."""
    return make_glyphs(num_alphabets=2, characters_per_alphabet=6, num_drawers=4, seed=3, size=16)


def one_shot_protocol(name="mine", *, files=FILES, **options):
    """Trials of `glyphs`; `options` are those of `sample_episodes`, else 18 trials of 5 classes."""
    options = {"num_episodes": 6, "n_way": 5, "n_query": 3, "seed": 0, **options}
    return OneShotProtocol(name, files, sample_episodes(glyphs(), **options))


def verification_protocol(num_validation=60, num_test=50, *, name="pairs", files=FILES):
    """Pairs of `glyphs`, named for the alphabet of their left image."""
    drawn = glyphs()
    validation = sample_pairs(drawn, num_validation, seed=0)
    test = sample_pairs(drawn, num_test, seed=1)
    alphabets = tuple(drawn.alphabet_names[place] for place in drawn.alphabet[test.left])
    return VerificationProtocol(name, files, drawn.images, validation, test, alphabets)


def png(ink):
    """A one-bit PNG, ink 0, of a Boolean array."""
    file = io.BytesIO()
    Image.fromarray(~ink).save(file, "PNG")
    return file.getvalue()


def numbered(number, size=(105, 105)):
    """A one-bit PNG with a number written in the first pixels."""
    bits = np.zeros(size, bool)
    bits[0, :10] = [number >> bit & 1 for bit in range(10)]
    return png(bits)


def lake_files():
    """Files like those of all_runs.zip; image number i shows i, run by run, support first."""
    files = {}
    for run in range(20):
        lines = []
        for item, answer in enumerate(ANSWERS[run]):
            files[f"run{run + 1:02d}/training/class{item + 1:02d}.png"] = numbered(40 * run + item)
            files[f"run{run + 1:02d}/test/item{item + 1:02d}.png"] = numbered(40 * run + 20 + item)
            lines.append(
                f"run{run + 1:02d}/test/item{item + 1:02d}.png "
                f"run{run + 1:02d}/training/class{answer + 1:02d}.png"
            )
        files[f"run{run + 1:02d}/class_labels.txt"] = "\n".join(lines).encode()
    return files


def lake_digest():
    """The digest of their content, instead of that of Lake's."""
    ink = np.zeros((800, 105, 105), bool)
    ink[:, 0, :10] = np.arange(800)[:, None] >> np.arange(10) & 1
    content = np.packbits(ink).tobytes() + ANSWERS.astype("<i4").tobytes()
    return hashlib.sha256(content).hexdigest()


def ink_of(character, drawer):
    """An image that only this character and drawer have: one block of 3x3 pixels."""
    ink = np.zeros((105, 105), bool)
    ink[3 * character : 3 * character + 3, 3 * drawer : 3 * drawer + 3] = True
    return ink


def tiny_files():
    """A complete set of two alphabets, in no order."""
    files = {}
    for character, name in ((2, "Beta/character01"), (1, "Alpha/character02"),
                            (0, "Alpha/character01")):  # fmt: skip
        for drawer in range(20, 0, -1):
            path = f"images_background/{name}/{character + 1:04d}_{drawer:02d}.png"
            files[path] = png(ink_of(character, drawer))
    return files


def write_zip(path, files):
    """Writes an archive."""
    with zipfile.ZipFile(path, "w") as file:
        for name, content in files.items():
            file.writestr(name, content)
    return path
