"""The table of docs/serving.md is what `Preprocessing.read` and an exported network do."""

import re
import struct
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from keras_siamese import Preprocessing, export, siamese_network
from keras_siamese.serving.decoding import decode_images
from tests.serving.file_kinds import COLOUR, INK, KINDS, PLAIN, saved

PAGE = Path(__file__).resolve().parents[3] / "docs" / "serving.md"
READS, REFUSES = "reads", "refuses"

# The defaults for drawings and for photographs, and what is not a default.
WAYS = {
    "drawings": Preprocessing(35),
    "photographs": Preprocessing((24, 30), "rgb"),
    "neither": Preprocessing((30, 60), polarity="dark_on_light", paper="keep", aspect="fit"),
}


def rows():
    """The table: by kind of file, what Python does and what the SavedModel does."""
    (table,) = re.findall(
        r"^\| kind of file \|.*\n\| --- .*\n((?:\|.*\n)+)", PAGE.read_text("utf-8"), re.MULTILINE
    )
    cells = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in table.splitlines()]
    return {kind: (python, served) for kind, python, served in cells}


def flat_network(shape):
    """A network whose embedding is the image itself."""
    return siamese_network(keras.Sequential([keras.Input(shape), keras.layers.Flatten()]))


def from_saved_model(preprocessing, folder):
    """A function from files to the levels that an exported network sees."""
    version = export(flat_network(preprocessing.shape), folder, preprocessing=preprocessing)
    embed = tf.saved_model.load(str(version)).signatures["embed_images"]

    def read(contents):
        levels = embed(image=tf.constant(contents, tf.string))["embedding"].numpy() * 255
        return np.reshape(levels, (-1, *preprocessing.shape))

    return read


def from_graph(preprocessing):
    """The same without the time that an export takes."""
    specs = [tf.TensorSpec((None,), tf.string)] * 2

    def decode(contents, names):
        return decode_images(contents, names, preprocessing, max_pixels=16_000_000)

    decode = tf.function(decode, input_signature=specs, autograph=False)
    return lambda contents: decode(contents, ["a file"] * len(contents)).numpy() * 255


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """By the way of reading, a function from files to levels in the graph."""
    functions = {way: from_graph(preprocessing) for way, preprocessing in WAYS.items()}
    folder = tmp_path_factory.mktemp("served")
    return functions | {"drawings": from_saved_model(WAYS["drawings"], folder)}


def outcome(read, content):
    """The levels that were read, or None where the file was refused with a clear error."""
    try:
        return read(content)
    except (ValueError, tf.errors.InvalidArgumentError) as error:
        assert re.search("must (be|have|hold|show)|Invalid|Uncompress failed", str(error)), error
        return None


def test_the_table_has_a_row_for_each_kind_that_is_tried():
    assert set(rows()) == set(KINDS)
    assert {cell for row in rows().values() for cell in row} == {READS, REFUSES}


@pytest.mark.parametrize("way", ["drawings", "photographs"])
@pytest.mark.parametrize("kind", KINDS)
def test_both_do_what_the_table_says(kind, way, served):
    preprocessing = WAYS[way]
    for content in KINDS[kind]:
        if content is None:
            pytest.skip("this Pillow lacks the library for it")
        expected = outcome(preprocessing.read, content)
        found = outcome(lambda file: served[way]([file])[0], content)
        said = tuple(REFUSES if levels is None else READS for levels in (expected, found))
        assert said == rows()[kind]
        if expected is not None and found is not None:
            assert_same_levels(found, expected, kind)


def test_levels_and_proportions_are_kept_alike(served):
    kinds = (
        "PNG, RGB with opacity",
        "PNG, the drawing in the opacity alone",
        "JPEG, colour",
        "GIF",
    )
    for kind in kinds:
        for content in KINDS[kind]:
            expected = WAYS["neither"].read(content)
            assert_same_levels(served["neither"]([content])[0], expected, kind)


def assert_same_levels(found, expected, kind=""):
    """Levels are the same; halves may fall on either side of it."""
    distance = np.abs(found - expected)
    # Versions of the library of JPEG may round a level otherwise, which levelling spreads.
    allowed = 4 if kind.startswith("JPEG") else 1
    assert distance.max() < allowed + 0.01
    assert np.mean(distance > 0.5) < 0.02


def test_files_of_several_kinds_and_sizes_make_one_batch(served):
    files = [PLAIN, saved(COLOUR, "JPEG"), saved(255 - INK[5:], "BMP"), saved(INK[:, 9:], "GIF")]
    expected = WAYS["drawings"].read_batch(files)
    np.testing.assert_allclose(served["drawings"](files), expected, atol=1.01)


@given(
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    bounds=st.tuples(st.integers(0, 255), st.integers(0, 255)),
    levels=st.integers(2, 20),
    seed=st.integers(0, 99),
    way=st.sampled_from(sorted(WAYS)),
)
@settings(max_examples=100, deadline=None)
def test_any_picture_is_read_as_outside_the_graph(served, height, width, bounds, levels, seed, way):
    rng = np.random.default_rng(seed)
    # Few levels or many, far apart or near, of which the first is the paper's as often as not.
    few = rng.integers(min(bounds), max(bounds) + 1, levels)
    chosen = rng.integers(0, levels, (height, width)) * rng.integers(0, 2, (height, width))
    pixels = few[chosen].astype(np.uint8)
    content = saved(pixels, "PNG")
    expected = outcome(WAYS[way].read, content)
    found = outcome(lambda file: served[way]([file])[0], content)
    assert (expected is None) == (found is None)
    if expected is not None:
        distance = np.abs(found - expected)
        assert distance.max() < 1.01
        # Halves may fall on either side where the means are not of whole blocks.
        assert np.mean(distance > 0.5) < 0.1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"",
            r"Input `image`, row 1, must hold PNG, JPEG, BMP or GIF files.*bytes:\] \[0\]",
        ),
        (b"\xff\xfe" * 50, r"must hold PNG, JPEG, BMP or GIF files.*bytes:\] \[100\]"),
        (b"\x89PNG\r\n\x1a\n", r"from 1 to 32767 on a side.*height and width\] \[0\] \[0\]"),
        (b"\xff\xd8\xff", r"row 1, must hold whole files.*a JPEG file that was cut off.*\[3\]"),
        (PLAIN[:90], r"row 1, must hold whole files.*a PNG file that was cut off.*\[90\]"),
        (PLAIN[:-1], r"row 1, must hold whole files.*a PNG file that was cut off"),
        (saved(COLOUR, "JPEG")[:-20], r"row 1, must hold whole files.*a JPEG file"),
        (b"BM", r"a BMP file of header"),
        (b"GIF89a", "a GIF file without an image"),
    ],
)
def test_an_error_names_the_row_and_shows_no_raw_bytes(content, message, served):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message) as caught:
        served["drawings"]([PLAIN, content])
    assert "\\x" not in str(caught.value) and "\ufffd" not in str(caught.value)


def test_a_false_size_in_a_header_is_refused_before_pixels_are_decoded(served):
    for kind, place, form in (("PNG", 16, ">II"), ("BMP", 18, "<II"), ("GIF", 6, "<HH")):
        content = bytearray(saved(INK, kind))
        struct.pack_into(form, content, place, *(60_000, 60_000))
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"\[60000\] \[60000\]"):
            served["drawings"]([bytes(content)])


def test_damage_inside_compressed_pixels_gives_the_error_that_the_page_names(served):
    checksum, table = bytearray(PLAIN), bytearray(saved(COLOUR, "JPEG"))
    checksum[-14] ^= 255
    table[table.index(b"\xff\xc4") + 4] = 99
    for content, kind in ((checksum, "PNG"), (table, "JPEG")):
        error = f"Invalid {kind} data, size"
        assert f"`{error} " in PAGE.read_text("utf-8")
        with pytest.raises(tf.errors.InvalidArgumentError, match=f"{error} {len(content)}"):
            served["drawings"]([PLAIN, bytes(content)])


def with_scans(count):
    """A JPEG file whose last scan is repeated."""
    content = saved(INK, "JPEG", progressive=True)
    last = content[content.rindex(b"\xff\xda") : -2]
    return content[:-2] + last * count + content[-2:]


def test_a_jpeg_file_of_very_many_scans_is_refused_as_outside_the_graph(served):
    many = b"\xff\xda" * 1000
    # In metadata, and behind the picture, where a phone puts a film.
    noted = with_scans(0)[:2] + b"\xff\xe2\x07\xd2" + many + with_scans(0)[2:]
    files = [with_scans(50), with_scans(0) + many, noted]
    for found, content in zip(served["drawings"](files), files, strict=True):
        assert_same_levels(found, WAYS["drawings"].read(content), "JPEG")
    # Its last segment ends far behind the file.
    cut = with_scans(200)[:-2] + b"\xff\xe1\xff\xff\xff\xd9"
    for content in (with_scans(101), with_scans(200), with_scans(200) + many, cut):
        assert outcome(WAYS["drawings"].read, content) is None
        message = rf"row 1, must hold files of at most 100 scans.*as PNG.*\[{len(content)}\]"
        with pytest.raises(tf.errors.InvalidArgumentError, match=message):
            served["drawings"]([PLAIN, content])


def test_a_jpeg_file_without_an_end_to_its_segments_is_refused_soon(served):
    content = with_scans(0)[:2] + b"\xff\xe2\0\2" * 12_000 + b"\xff\xda" * 200 + b"\xff\xd9"
    with pytest.raises(tf.errors.InvalidArgumentError, match="row 0, must hold files of at most"):
        served["drawings"]([content])


def test_damaged_files_give_an_error_or_an_image(served):
    rng = np.random.default_rng(0)
    for kind in ("PNG", "JPEG", "BMP", "GIF"):
        content = np.frombuffer(
            saved(Image.fromarray(COLOUR).quantize(9) if kind == "GIF" else COLOUR, kind), np.uint8
        )
        for _ in range(25):
            damaged = content.copy()
            places = rng.integers(0, len(content), 3)
            damaged[places] = rng.integers(0, 256, 3)
            levels = outcome(lambda file: served["drawings"]([file])[0], damaged.tobytes())
            assert levels is None or (levels.min() >= 0 and levels.max() <= 255)
