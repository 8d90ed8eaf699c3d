"""Pictures and networks that need no data."""

import numpy as np
import pytest

from keras_siamese.data import make_glyphs
from studies.signs.domains import Domain
from studies.signs.packages import Package


@pytest.fixture
def glyphs():
    """Two alphabets of 22 characters by three drawers, as small as one can be."""
    return make_glyphs(num_alphabets=2, characters_per_alphabet=22, num_drawers=3, size=105, seed=1)


@pytest.fixture
def domain(glyphs):
    """Those of one alphabet as pictures of three fonts, and five characters without a group."""
    pictures = [np.repeat(255 - image, 3, axis=2) for image in glyphs.images]
    labels = glyphs.labels.tolist()
    groups = [glyphs.alphabet_names[place] for place in glyphs.alphabet]
    alone = [place for place, label in enumerate(labels) if label in sorted(set(labels))[-5:]]
    for place in alone:
        groups[place] = "few"
    variants = [f"font {drawer}" for drawer in glyphs.drawer]
    source = Package("npm", "some-fonts", "1.0", "MIT", "test", "somebody")
    return Domain("fonts", "test", pictures, labels, groups, variants, [source])
