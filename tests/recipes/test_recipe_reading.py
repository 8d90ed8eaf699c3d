"""How `train_recognizer` reads images: as told, or as they look."""

import pytest

from keras_siamese import Preprocessing, train_recognizer
from tests.recipes.pictures import SIDE, drawings, photographs, pixel_encoder


def test_how_images_were_read_is_known_afterwards(trained):
    images, labels = drawings()
    reading = Preprocessing((6, 9), polarity="light_on_dark", paper="keep")
    inverted = [255 - pixels for pixels in images]
    recognizer = train_recognizer(inverted, labels, preprocessing=reading, verbose=0)
    assert recognizer.preprocessing == reading
    assert trained[0][0].images.shape[1:] == (6, 9, 1)
    recognizer = train_recognizer(images, labels, color="rgb", verbose=0)
    assert recognizer.preprocessing == Preprocessing(35, "rgb")


def test_unreadable_images_are_all_listed_or_left_out(trained, tmp_path):
    images, labels = drawings()
    for name in ("one.png", "two.png"):
        (tmp_path / name).write_text("no image")
        images.append(tmp_path / name)
        labels.append("row0")
    with pytest.raises(ValueError, match=r"one\.png.*two\.png.*skip_unreadable"):
        train_recognizer(images, labels, size=SIDE, verbose=0)
    assert not trained
    recognizer = train_recognizer(images, labels, size=SIDE, skip_unreadable=True, verbose=0)
    assert len(recognizer.report.unreadable) == 2


def test_photographs_of_drawings_are_found_out_unless_told_otherwise(trained):
    options = {"size": SIDE, "backbone": pixel_encoder(), "verbose": 0}
    assert train_recognizer(*photographs(), **options).preprocessing.paper == "find"
    told = train_recognizer(*photographs(), paper="keep", **options).preprocessing
    assert told.paper == "keep"
    assert train_recognizer(*drawings(), **options).preprocessing.paper == "level"
    with pytest.raises(ValueError, match="`preprocessing` says size, colour and paper already"):
        train_recognizer(
            *drawings(), paper="find", preprocessing=Preprocessing(SIDE), backbone=pixel_encoder()
        )
