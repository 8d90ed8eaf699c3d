"""What is drawn on a transparent ground is read, whatever its colour."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from keras_siamese.data import Preprocessing


@pytest.fixture
def opacity():
    """A smooth ring: opaque where there is ink."""
    image = Image.new("L", (280, 280))
    ImageDraw.Draw(image).ellipse((40, 60, 230, 220), outline=255, width=24)
    return np.asarray(image.resize((70, 70), Image.Resampling.BOX))


def colored(opacity, *colors):
    """A picture with these colours, side by side, and an opacity."""
    pixels = np.empty((*opacity.shape, 4), np.uint8)
    for columns, color in zip(np.array_split(np.arange(70), len(colors)), colors, strict=True):
        pixels[:, columns, :3] = color
    pixels[..., 3] = opacity
    return pixels


@pytest.mark.parametrize("color", [(0, 0, 0), (255, 255, 255), (128, 128, 128), (255, 230, 0)])
@pytest.mark.parametrize("polarity", ["auto", "dark_on_light", "light_on_dark"])
def test_one_colour_is_read_by_its_opacity(opacity, color, polarity):
    expected = Preprocessing(35).read(255 - opacity)
    found = Preprocessing(35, polarity=polarity).read(colored(opacity, color))
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("mode", "format"),
    [("LA", "PNG"), ("LA", "TIFF"), *(("RGBA", name) for name in ("PNG", "TIFF", "WEBP", "GIF"))],
)
def test_every_file_with_opacity_is_read_so(opacity, mode, format):
    hard = np.where(opacity > 127, 255, 0).astype(np.uint8)
    expected = Preprocessing(35).read(255 - hard)
    for color in ((0, 0, 0), (255, 255, 255)):
        file = io.BytesIO()
        options = {"lossless": True} if format == "WEBP" else {}
        Image.fromarray(colored(hard, color)).convert(mode).save(file, format, **options)
        np.testing.assert_array_equal(Preprocessing(35).read(file.getvalue()), expected)


def test_light_ink_of_several_colours_is_laid_on_black(opacity):
    light = colored(opacity, (255, 255, 255), (255, 255, 0), (180, 220, 255))
    found = Preprocessing(35).read(light).astype(int)
    expected = Preprocessing(35).read(255 - opacity)
    # The darkest of the three has a luma of 213 on black.
    assert np.abs(found - expected).max() <= 255 - 205
    assert (found > 100).sum() == pytest.approx((expected > 100).sum(), rel=0.05)
    rgb = Preprocessing(35, "rgb").read(light)
    assert rgb[0, 0].tolist() == [0, 0, 0]


def test_dark_ink_of_several_colours_is_laid_on_white(opacity):
    pixels = colored(opacity, (0, 0, 0), (120, 0, 0), (0, 0, 200))
    expected = Image.alpha_composite(Image.new("RGBA", (70, 70), "white"), Image.fromarray(pixels))
    np.testing.assert_array_equal(
        Preprocessing(35).read(pixels), Preprocessing(35).read(expected.convert("RGB"))
    )
    assert Preprocessing(35, "rgb").read(pixels)[0, 0].tolist() == [255, 255, 255]


def test_a_sheet_with_transparent_corners_stays_on_white(opacity):
    sheet = np.repeat(np.maximum(255 - opacity, 150)[..., None], 4, -1)
    sheet[..., 3] = 255
    sheet[:5, :5, 3] = sheet[-5:, -5:, 3] = 0
    expected = Preprocessing(35).read(sheet[..., 0])
    np.testing.assert_array_equal(Preprocessing(35).read(sheet), expected)


def test_what_is_cut_out_of_a_plate_is_the_drawing(opacity):
    plate = colored(255 - opacity, (20, 20, 20))
    np.testing.assert_array_equal(
        Preprocessing(35).read(plate), Preprocessing(35).read(255 - opacity)
    )


def test_nothing_but_transparency_is_blank():
    for color in (0, 255):
        pixels = np.full((9, 9, 4), color, np.uint8)
        pixels[..., 3] = 0
        with pytest.raises(ValueError, match="picture' must show .* every pixel of it is transp"):
            Preprocessing(5).read(pixels)
        pixels[..., 3] = 128
        with pytest.raises(ValueError, match="blank: every pixel is"):
            Preprocessing(5).read(pixels)
