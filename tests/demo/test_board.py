"""The page's questions, answered as the command line and Python answer them."""

import keras
import numpy as np
import pytest
from PIL import Image

from keras_siamese import Preprocessing, Recognizer, Verifier, siamese_network
from keras_siamese.demo.board import Board
from keras_siamese.demo.example import example_drawings
from keras_siamese.demo.pad import decode_pad, encode_pad, read_upload


@pytest.fixture
def board(pixel_network):
    return Board(Recognizer(pixel_network, threshold=0.5, thresholds={0.01: 0.5, 0.001: 0.99}))


@pytest.fixture
def known(board, cross, bar):
    return board.with_support(board.with_support([], "cross", cross), "bar", bar)


def test_the_most_alike_is_ranked_first(board, known, cross):
    ranks = board.rank(known, cross)
    assert [rank.name for rank in ranks] == ["cross", "bar"]
    assert sum(rank.probability for rank in ranks) == pytest.approx(1)
    # The same pixels: the distance is 0, and p = sigmoid(3).
    assert ranks[0].similarity == pytest.approx(1 / (1 + np.exp(-3)))
    np.testing.assert_array_equal(known[0].image, board.see(cross).image)


def test_the_order_of_the_support_set_does_not_matter(board, known, bar):
    forth, back = board.rank(known, bar), board.rank(known[::-1], bar)
    assert [rank.name for rank in forth] == [rank.name for rank in back]
    assert forth[0].probability == pytest.approx(back[0].probability)


def test_a_second_image_of_a_name_is_of_the_same_character(board, known, cross, bar):
    more = board.with_support(known, " cross ", np.roll(cross, 9, axis=0))
    assert len(more) == 3 and len(known) == 2
    assert {rank.name for rank in board.rank(more, bar)} == {"cross", "bar"}


def test_a_character_without_a_name_is_numbered(board, cross):
    known = board.with_support([], "character 2", cross)
    known = board.with_support(board.with_support(known, "", cross), " \n", cross)
    assert [image.name for image in known] == ["character 2", "character 1", "character 3"]


def test_one_character_cannot_be_ranked(board, cross):
    with pytest.raises(ValueError, match="two characters or more. Received: 0"):
        board.rank([], cross)
    known = board.with_support(board.with_support([], "a", cross), "a", cross)
    with pytest.raises(ValueError, match="or more. Received: 1"):
        board.rank(known, cross)


def test_names_and_support_sets_are_bounded(board, known, cross):
    with pytest.raises(ValueError, match="at most 40 characters"):
        board.with_support([], "a" * 41, cross)
    with pytest.raises(ValueError, match="50 images"):
        board.with_support(known * 25, "a", cross)


@pytest.mark.parametrize("redraw", [True, False])
def test_blank_paper_is_refused(board, blank, redraw):
    with pytest.raises(ValueError, match="must show a drawing"):
        board.with_support([], "a", blank, redraw)


def test_a_pair_is_decided_at_the_threshold_chosen(board, cross, bar):
    said = board.compare(cross, cross, "1 %")
    assert said.probability == pytest.approx(1 / (1 + np.exp(-3))) and said.same is True
    assert board.compare(cross, cross, "0.1 %").same is False
    assert board.compare(cross, bar, "1 %").probability < said.probability
    with pytest.raises(ValueError, match="1 %"):
        board.compare(cross, bar, "5 %")


def test_redrawn_a_drawing_may_be_anywhere_and_of_any_size(board, cross):
    moved = np.roll(cross, (40, -60), axis=(0, 1))
    redrawn = board.see(moved, redraw=True).image
    np.testing.assert_array_equal(redrawn, board.see(cross, redraw=True).image)
    assert (board.see(moved).image != board.see(cross).image).any()
    said = board.compare(cross, moved, "1 %", redraw=True)
    assert said.probability == pytest.approx(1 / (1 + np.exp(-3)))


@pytest.mark.parametrize("look", ["upright", "inverted", "grey paper"])
@pytest.mark.parametrize("kind", ["png", "bmp", "tiff"])
def test_the_same_picture_gets_the_same_answer_as_elsewhere(board, cross, tmp_path, look, kind):
    rng = np.random.default_rng(0)
    files = []
    for number in range(2):
        pixels = np.array(Image.fromarray(cross).resize((150 + 40 * number, 90)))
        pixels[rng.integers(20, 70, 40), rng.integers(20, 120, 40)] = 0
        if look == "inverted":
            pixels = 255 - pixels
        if look == "grey paper":
            pixels = (pixels * 0.7 + 10).astype(np.uint8)
        files.append(tmp_path / f"{number}.{kind}")
        Image.fromarray(pixels).save(files[-1])
    recognizer = Recognizer(board._as_is.model, threshold=0.5)
    expected = recognizer.verify(*files).probability
    uploaded = [decode_pad(read_upload(file)) for file in files]
    assert board.compare(*uploaded, "1 %").probability == pytest.approx(expected, abs=1e-9)
    support = board.with_support([], "a", uploaded[0])
    support = board.with_support(support, "b", cross)
    recognizer.fit({"a": files[0], "b": cross})
    assert board.rank(support, uploaded[1]) == recognizer.rank(files[1])


@pytest.mark.parametrize(
    ("threshold", "thresholds", "choices"),
    [
        (None, {}, {"0.5": 0.5}),
        (0.7, {}, {"as saved": 0.7}),
        (0.7, {0.01: 0.6}, {"as saved": 0.7, "1 %": 0.6}),
        (0.9, {0.01: 0.6, 0.001: 0.9}, {"0.1 %": 0.9, "1 %": 0.6}),
    ],
)
def test_the_recognizers_own_threshold_is_offered_first(
    pixel_network, threshold, thresholds, choices
):
    board = Board(Recognizer(pixel_network, threshold=threshold, thresholds=thresholds))
    assert {choice: board.threshold(choice) for choice in board.choices} == choices
    assert board.choices == list(choices) and board.threshold() == choices[board.choices[0]]


def test_what_one_visitor_draws_changes_nothing_for_others(board, known, cross):
    recognizer = board._as_is
    board.rank(known, cross)
    board.compare(cross, cross, "0.1 %")
    assert recognizer.classes == [] and recognizer.threshold == 0.5


def test_a_network_for_colour_reads_pads_too(cross):
    encoder = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Flatten()])
    board = Board(Recognizer(siamese_network(encoder)))
    assert not board.can_redraw
    assert board.see(decode_pad(encode_pad(cross)), redraw=True).image.shape == (8, 8, 3)


def test_networks_from_files_are_read_as_their_files_say(pixel_network, tmp_path, cross):
    reading = Preprocessing(35, polarity="dark_on_light", paper="keep")
    Verifier(pixel_network, threshold=0.75, preprocessing=reading).save(tmp_path / "v.zip")
    board = Board(Recognizer.load(tmp_path / "v.zip"))
    assert board.choices == ["as saved"]
    np.testing.assert_array_equal(board.see(cross).image, reading.read(cross))


def test_the_example_asks_for_another_drawing_of_one_of_its_characters():
    first, second = example_drawings(0), example_drawings(1)
    assert first.answer in first.names and first.answer != second.answer
    place = first.names.index(first.answer)
    assert (first.query != first.support[place]).any()
    assert len({encode_pad(drawing) for drawing in first.support}) == len(first.names)
