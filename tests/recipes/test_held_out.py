"""Classes that are held out, and what is learned from them and from training images."""

import numpy as np
import pytest

from keras_siamese import train_recognizer
from tests.recipes.pictures import SIDE, drawings


def test_classes_to_hold_out_can_be_named(trained):
    data = drawings()
    report = train_recognizer(data, size=SIDE, held_out=["row1", "row4"], verbose=0).report
    assert report.held_out == ("images/row1", "images/row4")
    assert set(trained[0][0].labels) == {f"images/row{row}" for row in (0, 2, 3, 5)}
    with pytest.raises(ValueError, match="row9"):
        train_recognizer(data, size=SIDE, held_out=["row1", "row9"], verbose=0)
    with pytest.raises(ValueError, match="to hold out"):
        train_recognizer(data, size=SIDE, held_out=["row1"], verbose=0)


def test_nothing_need_be_held_out(trained):
    recognizer = train_recognizer(drawings(), size=SIDE, held_out=0, verbose=0)
    assert recognizer.threshold is None and recognizer.report.one_shot is None
    assert len(trained[0][0]) == 24 and "no classes were held out" in str(recognizer.report)


@pytest.mark.parametrize("held_out", [0, 0.34])
def test_it_knows_what_training_images_are_like(trained, held_out):
    images, labels = drawings()
    recognizer = train_recognizer(images, labels, size=SIDE, held_out=held_out, verbose=0)
    squares = np.kron(np.indices((4, 4)).sum(axis=0) % 2, np.ones((2, 2))).astype(np.uint8)
    usual, unlike = recognizer.fit(images, labels).rank([images[0], 255 * squares])
    assert usual.novelty < unlike.novelty
    assert len(recognizer.novelty.quantiles) == 101
