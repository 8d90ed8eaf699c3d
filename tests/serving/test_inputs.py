"""Served signatures refuse what they cannot answer, and name the input."""

import numpy as np
import pytest
import tensorflow as tf

from keras_siamese import export, reduced_encoder, siamese_network
from tests.serving.file_kinds import PLAIN


@pytest.fixture(scope="module")
def signatures(tmp_path_factory):
    """Signatures of a network with convolutions, as a server loads them."""
    encoder = reduced_encoder((35, 35, 1), filters=(2, 2, 2, 2), units=3)
    served = tmp_path_factory.mktemp("served")
    version = export(siamese_network(encoder), served, max_images=3, max_pixels=50_000)
    return tf.saved_model.load(str(version)).signatures


def images(*shape, value=0.5):
    return tf.fill(shape or (2, 35, 35, 1), tf.constant(value, tf.float32))


FILES = tf.constant([PLAIN, PLAIN])
LARGE = tf.io.encode_png(tf.zeros((300, 200, 1), tf.uint8))
FILES_AND_LARGE = tf.concat([FILES, [LARGE]], axis=0)
NONE = images(0, 35, 35, 1)
WITH_NAN = tf.constant(np.where(np.arange(2450) == 1300, np.nan, 0.5), tf.float32, (2, 35, 35, 1))


@pytest.mark.parametrize(
    ("signature", "inputs", "message"),
    [
        # An array of the batch alone, another height, channels first, one image, RGB.
        ("embed", {"image": images(2)}, r"`image`.*shape \(batch, 35, 35, 1\).*shape\] \[2\]"),
        ("embed", {"image": images(1, 36, 35, 1)}, r"Resize.*\[1 36 35 1\]"),
        ("embed", {"image": images(2, 1, 35, 35)}, r"\[2 1 35 35\]"),
        ("embed", {"image": images(35, 35, 1)}, r"\[35 35 1\]"),
        ("embed", {"image": images(2, 35, 35, 3)}, r"\[2 35 35 3\]"),
        ("embed", {"image": images(2, 35, 35, 1, 1)}, r"\[2 35 35 1 1\]"),
        ("embed", {"image": NONE}, r"`image` must hold one image or more.*\[0 35 35 1\]"),
        ("embed", {"image": images(value=255)}, r"`image`.*in \[0, 1\].*by 255.*\[255\] \[255\]"),
        ("embed", {"image": images(value=-0.01)}, r"in \[0, 1\].*\[-0.01\] \[-0.01\]"),
        ("embed", {"image": images(value=np.inf)}, r"finite values.*\[inf\]"),
        ("embed", {"image": WITH_NAN}, "`image` must hold finite values"),
        ("serving_default", {"left": images(), "right": NONE}, "`right` must hold one image"),
        ("serving_default", {"left": NONE, "right": NONE}, "must hold one image or more"),
        ("serving_default", {"left": images(1, 35, 35, 1), "right": images()}, r"\[1\] \[2\]"),
        ("serving_default", {"left": images(), "right": images(value=2)}, "`right` must hold f"),
        ("classify", {"support": NONE, "queries": images()}, "`support` must hold one image"),
        ("classify", {"support": images(), "queries": NONE}, "`queries` must hold one image"),
        ("classify", {"support": images(value=9), "queries": images()}, "`support` must hold f"),
        ("verify_images", {"left": FILES, "right": FILES[:1]}, r"`left` and `right`.*\[2\] \[1\]"),
        ("verify_images", {"left": FILES, "right": FILES[:0]}, "`right` must hold the bytes"),
        ("embed_images", {"image": FILES[:0]}, r"`image` must hold the bytes of one file.*\[0\]"),
        ("embed_images", {"image": FILES[0]}, r"of shape \(batch,\)"),
        ("embed", {"image": images(4, 35, 35, 1)}, r"`image` must hold at most 3 images.*\[4\]"),
        (
            "serving_default",
            {"left": images(), "right": images(4, 35, 35, 1)},
            "`right`.*most 3 im",
        ),
        ("classify", {"support": images(4, 35, 35, 1), "queries": images()}, "`support`.*most 3"),
        ("classify", {"support": images(), "queries": images(4, 35, 35, 1)}, "`queries`.*most 3"),
        ("embed_images", {"image": tf.repeat(FILES, 2)}, r"`image`.*at most 3 images.*\[4\]"),
        (
            "verify_images",
            {"left": tf.repeat(FILES, 2), "right": FILES},
            "`left`.*at most 3 images",
        ),
        ("embed_images", {"image": FILES_AND_LARGE}, r"`image`, row 2.*at most 50000 pixels"),
        ("embed_images", {"image": tf.constant([b"\x89PNG\r\n\x1a\n"])}, "`image`, row 0"),
        ("embed_images", {"image": tf.constant([b"\xff\xd8\xff\xe0\x80\x81"])}, "`image`, row 0"),
        ("embed_images", {"image": tf.constant([b"BM\xff\xfe"])}, "`image`, row 0"),
        ("embed_images", {"image": tf.constant([b"GIF89a\xff"])}, "`image`, row 0"),
        ("embed_images", {"image": tf.constant([b"\x80\x81\xff"])}, "`image`, row 0.*another kind"),
        ("embed_images", {"image": tf.constant([b""])}, "`image`, row 0.*another kind"),
    ],
)
def test_the_input_is_named(signatures, signature, inputs, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message) as caught:
        signatures[signature](**inputs)
    # What a server passes on starts with the sentence, and holds no bytes of the file.
    assert "assertion failed: [Input" in str(caught.value)
    assert str(caught.value).isascii()


def test_the_bounds_themselves_are_taken(signatures):
    for value in (0.0, 1.0):
        answer = signatures["serving_default"](left=images(value=value), right=images())
        assert answer["probability"].shape == (2,)
