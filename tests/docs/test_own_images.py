"""The Python of docs/own-images.md runs as printed, with less data and smaller networks."""

import re
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

import keras_siamese as ks
from keras_siamese.data import sample_pairs
from keras_siamese.models import twin_encoder
from keras_siamese.training import pair_batches

PAGE = Path(__file__).parents[2] / "docs" / "own-images.md"
QUICK = 'ks.train_recognizer("my_images", size=35, steps=10, width=4, verbose=0)'
SMALLER = (
    ('ks.train_recognizer("my_images", size=35)', QUICK),
    ("ks.conv_encoder()", "ks.conv_encoder(filters=(8, 16, 16), units=32)"),
    ("10_000", "1_000"),
    # Fewer, and the moving averages of batch normalization lag behind the weights.
    ("epochs=50", "epochs=12"),
    ("2_000", "64"),
    ("96", "32"),
    ('weights="imagenet"', "weights=None, alpha=0.35"),
    ("epochs=10", "epochs=1"),
    ("epochs=5)", "epochs=1)"),
)


def write_folder(root: Path, images: np.ndarray, labels: np.ndarray) -> None:
    """Writes images, ink dark, into class folders."""
    for number, (image, label) in enumerate(zip(~images.squeeze(), labels, strict=True)):
        folder = root / str(label).replace("/", "-")
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{number:03}.png")


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """The folders that the page speaks of."""
    monkeypatch.chdir(tmp_path)
    glyphs = ks.make_glyphs(num_alphabets=4, characters_per_alphabet=12, num_drawers=6, seed=5)
    mine = glyphs.alphabet == 0
    write_folder(tmp_path / "my_images", glyphs.images, glyphs.labels)
    other = (glyphs.alphabet == 1) & (glyphs.drawer <= 2)
    write_folder(tmp_path / "other_images", glyphs.images[other], glyphs.labels[other])
    known, asked = mine & (glyphs.drawer == 1), mine & (glyphs.drawer == 2)
    write_folder(tmp_path / "new_images", glyphs.images[known], glyphs.labels[known])
    Image.fromarray(~glyphs.images[asked][0].squeeze()).save(tmp_path / "which.png")
    flat = tmp_path / "flat_images"
    flat.mkdir()
    files = [f"{name}_{number:02}.png" for name in ("bolt", "nut") for number in (1, 2)]
    for file, image in zip(files, glyphs.images, strict=False):
        Image.fromarray(~image.squeeze()).save(flat / file)
    rows = [f"{file},{file.split('_')[0]}" for file in files]
    (tmp_path / "labels.csv").write_text("\n".join(["file,class", *rows]), encoding="utf-8")
    colours = np.random.default_rng(0).integers(0, 256, (8, 40, 30, 3), dtype=np.uint8)
    write_folder(tmp_path / "photographs", colours, np.repeat(["a", "b", "c", "d"], 2))


def statistics(model: keras.Model) -> list[np.ndarray]:
    """Moving averages of all batch normalizations of a nested model."""
    return [
        np.array(weight)
        for weight in model.non_trainable_weights
        if weight.path.split("/")[-1].startswith("moving_")
    ]


@pytest.mark.slow
@pytest.mark.keras3
def test_the_examples_run(folders, capsys):
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    printed = "\n".join(blocks)
    for whole, _ in SMALLER:
        assert whole in printed, f"{whole} is not on the page"
    seen: dict = {"__name__": "own_images"}
    averages = {}
    for block in blocks:
        for whole, smaller in SMALLER:
            block = block.replace(whole, smaller)
        before = statistics(seen["photo_model"]) if "photo_model" in seen else []
        exec(block, seen)  # noqa: S102
        if "OneShotEarlyStopping(patience=5)" in block:
            # Chance is 20 %.
            assert ks.evaluate_one_shot(seen["model"], seen["trials"]).accuracy > 0.35
            assert (
                sum(
                    not line.startswith(("import", "from", "\n"))
                    for line in block.splitlines(keepends=True)
                )
                <= 12
            )
        if "MobileNetV2" in block:
            before = [np.full_like(each, "variance" in name) for name, each in _named(seen)]
        if "backbone" in block:
            averages[block[:20]] = (before, statistics(seen["photo_model"]))
    assert len(averages) == 2
    for before, after in averages.values():
        assert before and len(before) == len(after)
        for one, other in zip(before, after, strict=True):
            np.testing.assert_array_equal(one, other, err_msg="batch normalization is frozen")
    assert (Path("classifier.zip").exists(), Path("verifier.zip").exists()) == (True, True)


def _named(seen: dict) -> list[tuple[str, np.ndarray]]:
    model = seen["photo_model"]
    names = [w.path for w in model.non_trainable_weights if "/moving_" in w.path]
    return list(zip(names, statistics(model), strict=True))


@pytest.mark.keras3
@pytest.mark.parametrize("frozen", [False, True])
def test_training_false_does_not_freeze_batch_normalization_and_trainable_does(frozen):
    normalization = keras.layers.BatchNormalization()
    normalization.trainable = not frozen
    inner = keras.Sequential([keras.Input((4, 4, 1)), normalization, keras.layers.Flatten()])
    image = keras.Input((4, 4, 1))
    model = ks.siamese_network(keras.Model(image, inner(image, training=False)))
    images = np.random.default_rng(0).random((8, 4, 4), dtype=np.float32)
    dataset = ks.load_arrays(images, [0, 0, 1, 1, 2, 2, 3, 3])
    model.compile(optimizer="adam", loss="binary_crossentropy")
    before = statistics(twin_encoder(model))
    model.fit(
        pair_batches(dataset, sample_pairs(dataset, 16, seed=0)), epochs=1, shuffle=False, verbose=0
    )
    moved = [not np.array_equal(*pair) for pair in zip(before, statistics(model), strict=True)]
    assert moved == [not frozen] * 2
