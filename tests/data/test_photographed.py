"""Pictures are judged to be photographs of drawings, or not."""

import numpy as np
import pytest
from PIL import Image

from keras_siamese.data import make_glyphs
from keras_siamese.data.folders.training_images import choose_paper

INK = make_glyphs(num_alphabets=1, characters_per_alphabet=6, num_drawers=1, size=105, seed=2)


def clean(number):
    """A drawing as on a screen."""
    return 255 - np.pad(INK.images[number, ..., 0], 30)


def photograph(number):
    """The same on unevenly lit paper with noise."""
    rng = np.random.default_rng(number)
    page = clean(number) / 255 * np.linspace(120, 230, 165)[:, None]
    return np.clip(page + rng.normal(0, 3, page.shape), 0, 255).astype(np.uint8)


def scenery(number):
    """A picture that shows no drawing."""
    from scipy.ndimage import gaussian_filter

    values = gaussian_filter(np.random.default_rng(number).normal(size=(165, 165)), 6)
    return ((values - values.min()) / np.ptp(values) * 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("picture", "expected"), [(clean, "level"), (photograph, "find"), (scenery, "level")]
)
def test_arrays_mappings_and_folders_are_told_alike(picture, expected, tmp_path):
    pictures = [picture(number) for number in range(6)]
    named = {f"class{number}": [pixels] for number, pixels in enumerate(pictures)}
    for name, (pixels,) in named.items():
        (tmp_path / name).mkdir()
        Image.fromarray(pixels).save(tmp_path / name / "0.png")
    for data in (pictures, np.stack(pictures), named, (pictures, list("abcdef")), tmp_path):
        assert choose_paper(data) == expected


def test_what_cannot_be_read_does_not_count(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "bad.png").write_bytes(b"nothing")
    assert choose_paper([tmp_path / "a" / "bad.png", photograph(0), photograph(1)]) == "find"
    for data in (tmp_path / "none", tmp_path / "a", [], None, 3):
        assert choose_paper(data) == "level"
