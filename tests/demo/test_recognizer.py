import keras
import numpy as np
import pytest
from PIL import Image

from keras_siamese import Verifier, load_folder, siamese_network
from keras_siamese.demo import recognizer as module
from keras_siamese.demo.example import example_drawings
from keras_siamese.demo.pad import encode_pad, read_upload
from keras_siamese.demo.recognizer import Recognizer, load_recognizer


@pytest.fixture
def pixels(pixel_network):
    return Recognizer(pixel_network, {"low": 0.5, "high": 0.99}, omniglot=False)


@pytest.fixture
def known(pixels, cross, bar):
    return pixels.with_example(pixels.with_example([], "cross", cross), "bar", bar)


def test_a_drawing_is_made_into_input_as_load_folder_does(pixels, cross, tmp_path):
    (tmp_path / "a").mkdir()
    Image.fromarray(cross).save(tmp_path / "a" / "1.png")
    expected = load_folder(tmp_path, size=35).images[0]
    np.testing.assert_array_equal(pixels.image(read_upload(tmp_path / "a" / "1.png")), expected)


def test_for_a_network_of_omniglot_a_drawing_is_made_like_its(pixel_network, cross):
    network = Recognizer(pixel_network, {"low": 0.5}, omniglot=True)
    moved = np.roll(cross, (40, -60), axis=(0, 1))
    np.testing.assert_array_equal(network.image(moved), network.image(cross))


def test_the_most_alike_is_ranked_first(pixels, known, cross):
    ranks = pixels.rank(known, cross)
    assert [rank.name for rank in ranks] == ["cross", "bar"]
    assert sum(rank.probability for rank in ranks) == pytest.approx(1)
    # The same pixels: the distance is 0, and p = sigmoid(3).
    assert ranks[0].similarity == pytest.approx(1 / (1 + np.exp(-3)))
    np.testing.assert_array_equal(ranks[0].image, pixels.image(cross))


def test_the_order_of_examples_does_not_matter(pixels, known, bar):
    forth, back = pixels.rank(known, bar), pixels.rank(known[::-1], bar)
    assert [rank.name for rank in forth] == [rank.name for rank in back]
    assert forth[0].probability == pytest.approx(back[0].probability)


def test_a_second_example_of_a_name_is_of_the_same_character(pixels, known, cross, bar):
    more = pixels.with_example(known, " cross ", np.roll(cross, 9, axis=0))
    assert len(more) == 3 and len(known) == 2
    assert {rank.name for rank in pixels.rank(more, bar)} == {"cross", "bar"}


def test_a_character_without_a_name_is_numbered(pixels, cross):
    known = pixels.with_example([], "character 2", cross)
    known = pixels.with_example(pixels.with_example(known, "", cross), " \n", cross)
    assert [example.name for example in known] == ["character 2", "character 1", "character 3"]


def test_one_character_cannot_be_ranked(pixels, cross):
    with pytest.raises(ValueError, match="two characters or more, but there are 0"):
        pixels.rank([], cross)
    known = pixels.with_example(pixels.with_example([], "a", cross), "a", cross)
    with pytest.raises(ValueError, match="but there are 1"):
        pixels.rank(known, cross)


def test_names_and_examples_are_bounded(pixels, known, cross):
    with pytest.raises(ValueError, match="at most 40 characters"):
        pixels.with_example([], "a" * 41, cross)
    with pytest.raises(ValueError, match="50 examples"):
        pixels.with_example(known * 25, "a", cross)


@pytest.mark.parametrize("omniglot", [True, False])
def test_blank_paper_is_refused(pixel_network, blank, omniglot):
    network = Recognizer(pixel_network, {"low": 0.5}, omniglot=omniglot)
    with pytest.raises(ValueError, match="nothing on the paper"):
        network.with_example([], "a", blank)


def test_a_pair_is_decided_at_the_threshold_chosen(pixels, cross, bar):
    probability, same = pixels.compare(cross, cross, "low")
    assert probability == pytest.approx(1 / (1 + np.exp(-3))) and same is True
    assert pixels.compare(cross, cross, "high") == (probability, False)
    assert pixels.compare(cross, bar, "low")[0] < probability
    with pytest.raises(ValueError, match="low"):
        pixels.compare(cross, bar, "middling")


def test_a_network_for_colour_is_refused():
    encoder = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Flatten()])
    with pytest.raises(ValueError, match="one channel"):
        Recognizer(siamese_network(encoder), {"low": 0.5}, omniglot=False)


def test_a_network_and_a_verifier_are_loaded_from_files(pixel_network, tmp_path, cross, bar):
    pixel_network.save(tmp_path / "network.keras")
    Verifier(pixel_network, threshold=0.75).save(tmp_path / "verifier.zip")
    network = load_recognizer(tmp_path / "network.keras")
    verifier = load_recognizer(tmp_path / "verifier.zip")
    assert network.threshold() == 0.5 and verifier.threshold() == 0.75
    assert network.omniglot is False
    expected = verifier.compare(cross, bar, verifier.choices[0])[0]
    assert network.compare(cross, bar, network.choices[0])[0] == pytest.approx(expected)


@pytest.mark.parametrize("name", ["damaged.keras", "damaged.zip"])
def test_a_damaged_file_is_refused_by_name(tmp_path, name):
    (tmp_path / name).write_bytes(b"PK no network")
    with pytest.raises(ValueError, match=name):
        load_recognizer(tmp_path / name)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.keras"):
        load_recognizer(tmp_path / "nowhere.keras")


def test_the_shipped_networks_thresholds_are_offered(monkeypatch, pixel_network):
    monkeypatch.setattr(module, "load_pretrained", lambda name: pixel_network)
    card = {"thresholds": {"0.01": 0.9, "0.001": 0.99}}
    monkeypatch.setattr(module, "pretrained_card", lambda name: card)
    shipped = load_recognizer()
    assert shipped.omniglot is True
    thresholds = {choice: shipped.threshold(choice) for choice in shipped.choices}
    assert thresholds == {"1 %": 0.9, "0.1 %": 0.99}
    assert shipped.threshold() == 0.9


def test_the_example_asks_for_another_drawing_of_one_of_its_characters():
    first, second = example_drawings(0), example_drawings(1)
    assert first.answer in first.names and first.answer != second.answer
    place = first.names.index(first.answer)
    assert (first.query != first.examples[place]).any()
    assert len({encode_pad(drawing) for drawing in first.examples}) == len(first.names)
