"""Whether the method "episodes" distorts images as a camera does, by how they are read."""

import numpy as np
import pytest

from keras_siamese import Preprocessing
from keras_siamese.data import PICTURE_CAMERA, CameraRanges, load_arrays
from keras_siamese.recipes import methods
from tests.recipes.pictures import SIDE

RANGES = CameraRanges(blur=1.0)


@pytest.mark.parametrize(
    ("reading", "camera", "expected"),
    [
        (Preprocessing(SIDE), None, CameraRanges()),
        (Preprocessing(SIDE, paper="redraw"), None, CameraRanges()),
        (Preprocessing(SIDE, paper="keep"), None, None),
        (Preprocessing(SIDE, "rgb"), None, None),
        (None, None, CameraRanges()),
        (Preprocessing(SIDE), False, None),
        (Preprocessing(SIDE), True, CameraRanges()),
        (Preprocessing(SIDE, paper="keep"), True, PICTURE_CAMERA),
        (Preprocessing(SIDE, "rgb"), True, PICTURE_CAMERA),
        (Preprocessing(SIDE), RANGES, RANGES),
        (Preprocessing(SIDE, "rgb"), RANGES, RANGES),
    ],
)
def test_drawings_are_trained_on_as_a_camera_shows_them(monkeypatch, reading, camera, expected):
    configs = []
    monkeypatch.setattr(methods, "train_episodes", lambda m, i, config, **_: configs.append(config))
    channels = 1 if reading is None else reading.shape[2]
    stack = np.random.default_rng(0).integers(0, 255, (8, SIDE, SIDE, channels), np.uint8)
    images = load_arrays(stack, np.repeat(np.arange(4), 2), preprocessing=reading)
    methods.train_on_episodes(images, None, methods.Plan(camera=camera, width=1))
    assert [config.camera for config in configs] == [expected]
