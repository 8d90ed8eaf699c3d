import io
import os
import time
import zipfile

import numpy as np
import pytest
from PIL import Image

from keras_siamese.data import load_omniglot
from keras_siamese.data.datasets import omniglot
from keras_siamese.data.datasets.array_cache import write_cache
from keras_siamese.data.datasets.omniglot import SUBSETS
from tests.data import stand_ins
from tests.data.stand_ins import TINY, ink_of, png, tiny_files


def write_zip(folder, files):
    return stand_ins.write_zip(folder / "images_background.zip", files)


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """Folders for data and cache, and the tiny contents instead of the background set."""
    monkeypatch.setitem(SUBSETS, "background", TINY)
    (tmp_path / "data").mkdir()
    return tmp_path / "data", tmp_path / "cache"


def count_parses(monkeypatch):
    """A list that grows by one at each parse."""
    parses = []
    parse = omniglot._parse
    monkeypatch.setattr(omniglot, "_parse", lambda *args: parses.append(0) or parse(*args))
    return parses


def test_images_are_ordered_labelled_and_turned_to_bright_ink(tiny):
    data, cache = tiny
    write_zip(data, tiny_files())
    dataset = load_omniglot(data_dir=data, cache_dir=cache)
    assert dataset.name == "omniglot-background"
    assert dataset.alphabet_names == ("Alpha", "Beta")
    assert dataset.character_names == ("Alpha/character01", "Alpha/character02", "Beta/character01")
    assert dataset.character.tolist() == [0] * 20 + [1] * 20 + [2] * 20
    assert dataset.alphabet.tolist() == [0] * 40 + [1] * 20
    assert dataset.drawer.tolist() == list(range(1, 21)) * 3
    for image, character, drawer in zip(
        dataset.images, dataset.character, dataset.drawer, strict=True
    ):
        np.testing.assert_array_equal(image[..., 0], 255 * ink_of(character, drawer))


def test_a_smaller_size_is_the_mean_of_blocks(tiny):
    data, cache = tiny
    write_zip(data, tiny_files())
    dataset = load_omniglot(data_dir=data, cache_dir=cache, size=35)
    assert dataset.images.shape == (60, 35, 35, 1)
    assert dataset.images[21, 1, 2, 0] == 255
    assert dataset.images.sum() == 60 * 255


def test_the_unpacked_tree_gives_the_same(tiny):
    data, cache = tiny
    for name, content in tiny_files().items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(content)
    (data / "images_background" / ".DS_Store").write_bytes(b"")
    unpacked = load_omniglot(data_dir=data, cache_dir=cache)
    write_zip(data, tiny_files())
    zipped = load_omniglot(data_dir=data, cache_dir=cache)
    np.testing.assert_array_equal(unpacked.images, zipped.images)


def test_the_second_call_reads_the_cache(tiny, monkeypatch):
    data, cache = tiny
    write_zip(data, tiny_files())
    parses = count_parses(monkeypatch)
    first = load_omniglot(data_dir=data, cache_dir=cache)
    second = load_omniglot(data_dir=data, cache_dir=cache)
    assert len(parses) == 1
    np.testing.assert_array_equal(first.images, second.images)
    assert os.listdir(cache) == ["omniglot-background-v1.npz"]


def test_a_changed_archive_is_parsed_again(tiny):
    data, cache = tiny
    files = tiny_files()
    path = write_zip(data, files)
    load_omniglot(data_dir=data, cache_dir=cache)
    files["images_background/Alpha/character01/0001_01.png"] = png(np.ones((105, 105), bool))
    path.unlink()
    write_zip(data, files)
    assert load_omniglot(data_dir=data, cache_dir=cache).images[0].all()


@pytest.mark.parametrize(
    "arrays", [{}, {"bits": np.zeros(3, np.uint8)}, {"other": np.zeros(9, np.uint8)}]
)
def test_a_cache_of_other_arrays_is_made_again(tiny, arrays):
    data, cache = tiny
    write_zip(data, tiny_files())
    expected = load_omniglot(data_dir=data, cache_dir=cache)
    (file,) = cache.iterdir()
    with np.load(file) as stored:
        stamp = str(stored["stamp"])
    write_cache(file, stamp, arrays)
    again = load_omniglot(data_dir=data, cache_dir=cache)
    np.testing.assert_array_equal(again.images, expected.images)


def test_a_damaged_cache_is_made_again(tiny):
    data, cache = tiny
    write_zip(data, tiny_files())
    load_omniglot(data_dir=data, cache_dir=cache)
    file = cache / "omniglot-background-v1.npz"
    whole = file.read_bytes()
    file.write_bytes(whole[:1000])
    assert len(load_omniglot(data_dir=data, cache_dir=cache)) == 60
    assert len(file.read_bytes()) == len(whole)


def test_without_a_data_folder_the_cache_is_enough(tiny):
    data, cache = tiny
    path = write_zip(data, tiny_files())
    load_omniglot(data_dir=data, cache_dir=cache)
    path.unlink()
    assert len(load_omniglot(cache_dir=cache, download=False)) == 60


def test_a_cache_that_cannot_be_written_is_done_without(tiny, monkeypatch):
    data, cache = tiny
    write_zip(data, tiny_files())
    cache.write_text("not a folder")
    parses = count_parses(monkeypatch)
    for _ in range(2):
        assert len(load_omniglot(data_dir=data, cache_dir=cache)) == 60
    assert len(parses) == 2


@pytest.mark.parametrize("where", ["parse", "store"])
def test_an_interrupted_first_parse_leaves_nothing(tiny, monkeypatch, where):
    data, cache = tiny
    write_zip(data, tiny_files())

    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    target = (omniglot, "decode_binary") if where == "parse" else (os, "replace")
    with monkeypatch.context() as patch:
        patch.setattr(*target, interrupt)
        with pytest.raises(KeyboardInterrupt):
            load_omniglot(data_dir=data, cache_dir=cache)
    assert not cache.exists() or os.listdir(cache) == []
    assert len(load_omniglot(data_dir=data, cache_dir=cache)) == 60


FIRST = "images_background/Alpha/character01/0001_01.png"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({FIRST: None}, "59 images: 1 missing and 0 unknown, such as Alpha/character01, drawer 1"),
        (
            {FIRST.replace("Alpha", "Gamma"): png(ink_of(9, 9))},
            "3 alphabets, 4 characters and 61 images: 0 missing and 1 unknown, such as Gamma",
        ),
        (
            {FIRST.replace("0001_", "0007_"): png(ink_of(9, 9))},
            "one image per character and drawer. Received: a second one, 'Alpha/character01/0007",
        ),
        ({"images_background/0001_01.png": png(ink_of(0, 0))}, "must hold images named ALPHABET"),
        (
            {FIRST: png(np.zeros((28, 28), bool))},
            "0001_01.png' must have 105x105 .*Received: 28x28",
        ),
        ({FIRST: b"GIF?"}, "background.zip: Alpha/character01/0001_01.png' must be an image file"),
        ({FIRST: png(ink_of(0, 1))[:-30]}, "0001_01.png' must be an image file"),
        ({"../" + FIRST: b""}, "leads out of it"),
    ],
)
def test_an_archive_of_other_content_is_refused_and_not_kept(tiny, changes, message):
    data, cache = tiny
    files = {**tiny_files(), **changes}
    write_zip(data, {name: content for name, content in files.items() if content is not None})
    with pytest.raises(ValueError, match=message):
        load_omniglot(data_dir=data, cache_dir=cache)
    assert not cache.exists()


def test_an_empty_folder_is_refused(tiny):
    data, cache = tiny
    (data / "images_background").mkdir()
    with pytest.raises(ValueError, match="Received: 0 alphabets, 0 characters and 0 images: 60"):
        load_omniglot(data_dir=data, cache_dir=cache)


def test_a_truncated_archive_is_refused(tiny):
    data, cache = tiny
    path = write_zip(data, tiny_files())
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(ValueError, match="must be a complete zip file"):
        load_omniglot(data_dir=data, cache_dir=cache)


def test_unknown_arguments_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"`subset` must be one of .*Received: subset='training'"):
        load_omniglot("training", data_dir=tmp_path)
    with pytest.raises(ValueError, match="`size` must be a positive number"):
        load_omniglot(data_dir=tmp_path, size=0)


def test_the_contents_are_those_of_the_paper():
    # Koch et al. 2015, sec. 4.1, and the counts of Lake's repository.
    counts = {
        name: (len(subset.num_characters), sum(subset.num_characters.values()))
        for name, subset in SUBSETS.items()
    }
    assert counts["background"] == (30, 964)
    assert counts["evaluation"] == (20, 659)
    assert counts["small1"] == (5, 136)
    assert counts["small2"] == (5, 156)
    assert 20 * (964 + 659) == 32_460


@pytest.mark.data
@pytest.mark.parametrize("subset", SUBSETS)
def test_the_real_archives_are_complete_and_pixels_are_the_files(subset, data_dir):
    dataset = load_omniglot(subset, data_dir=data_dir)
    assert len(dataset) == 20 * len(dataset.character_names)
    assert set(np.unique(dataset.images)) == {0, 255}
    # Ink is the minority on every image.
    assert dataset.images.mean(axis=(1, 2, 3)).max() < 0.35 * 255
    archive = SUBSETS[subset].archive.name
    rng = np.random.default_rng(0)
    with zipfile.ZipFile(data_dir / f"{archive}.zip") as file:
        names = {name.split("/", 1)[1]: name for name in file.namelist()}
        for i in rng.integers(len(dataset), size=50):
            start = f"{dataset.character_names[dataset.character[i]]}/"
            end = f"_{dataset.drawer[i]:02d}.png"
            (name,) = (v for k, v in names.items() if k.startswith(start) and k.endswith(end))
            paper = np.asarray(Image.open(io.BytesIO(file.read(name))))
            np.testing.assert_array_equal(dataset.images[i, :, :, 0] == 0, paper)


@pytest.mark.data
@pytest.mark.parametrize("subset", ["small1", "small2"])
def test_the_small_sets_are_part_of_the_background_set(subset, data_dir):
    small = load_omniglot(subset, data_dir=data_dir)
    background = load_omniglot("background", data_dir=data_dir)
    part = background.select(alphabets=small.alphabet_names)
    np.testing.assert_array_equal(small.images, part.images)
    np.testing.assert_array_equal(small.drawer, part.drawer)


@pytest.mark.data
def test_parsing_takes_seconds_and_the_cache_a_fraction(data_dir, tmp_path):
    start = time.process_time()
    for subset in ("background", "evaluation"):
        load_omniglot(subset, data_dir=data_dir, cache_dir=tmp_path)
    # 8 seconds on an idle core; twice that where other tests share its caches.
    assert time.process_time() - start < 30
    for subset in ("background", "evaluation"):
        seconds = []
        for _ in range(5):
            start = time.process_time()
            load_omniglot(subset, data_dir=data_dir, cache_dir=tmp_path)
            seconds.append(time.process_time() - start)
        assert min(seconds) < 0.5
