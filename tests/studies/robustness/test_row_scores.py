"""Baselines and networks on a row, against counts by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from keras_siamese.data import OneShotEpisodes, Preprocessing
from keras_siamese.evaluation import wilson_interval
from studies.robustness.plain_methods import hog_scores, methods, pixel_scores, thumbnail_scores
from studies.robustness.row_scores import network_entry, score_row
from studies.robustness.rows import SuiteRow


def trials(support, queries, answers):
    """One run."""
    count = max(max(support), max(queries)) + 1
    return OneShotEpisodes(
        np.zeros((count, 1, 1, 1), np.uint8),
        np.array(support, np.int32)[None, :, None],
        np.array(queries, np.int32)[None],
        np.array(answers, np.int32)[None],
        ("",),
        "within-alphabet",
    )


def square(side, row, column, size, *, color=(0, 0, 0), paper=255):
    picture = np.full((side, side, 3), paper, np.uint8)
    picture[row : row + size, column : column + size] = color
    return picture


def test_pixels_are_compared_whatever_the_size_and_polarity_of_the_picture():
    left, right = square(210, 40, 40, 40), square(210, 40, 120, 40)
    small_left = square(105, 20, 20, 20, color=(255, 255, 255), paper=0)
    row = SuiteRow("as drawn", "look", [left, right, small_left], trials([0, 1], [2], [0]))
    assert pixel_scores(row) == pytest.approx(np.array([[[1, 0]]]))


def test_hog_sees_directions_and_not_polarity():
    across = np.full((64, 64, 3), 255, np.uint8)
    across[28:36, 8:56] = 0
    down = across.transpose(1, 0, 2)
    row = SuiteRow("as drawn", "look", [across, down, 255 - across], trials([0, 1], [2], [0]))
    same, different = hog_scores(row)[0, 0]
    assert same == pytest.approx(1) and different < 0.6


def test_thumbnails_tell_colors_and_are_for_domains_in_color():
    red, green = (
        square(96, 20, 20, 50, color=(250, 0, 0)),
        square(96, 20, 20, 50, color=(0, 250, 0)),
    )
    other = square(128, 20, 20, 80, color=(240, 10, 5))
    row = SuiteRow("flags", "domain", [red, green, other], trials([0, 1], [2], [0]), in_color=True)
    assert thumbnail_scores(row)[0, 0].argmax() == 0
    assert list(methods(row)) == ["raw pixels", "HOG", "thumbnails"]
    assert "thumbnails" not in methods(SuiteRow("fonts", "domain", [red], row.trials))


class Network:
    """Calls two pictures the more similar, the nearer their mean levels are."""

    preprocessing = Preprocessing(8, "grey", "dark_on_light", "keep")
    threshold = 0.9
    novelty = None

    def encode(self, images):
        return images.mean(axis=(1, 2)) / 255

    def pair_probabilities(self, images, pairs):
        levels = images.reshape(len(images), -1).mean(axis=1) / 255
        return 1 - np.abs(levels[pairs.left] - levels[pairs.right])


def filled(size):
    return square(16, 0, 0, size)


def test_a_networks_answers_and_decisions_are_counted():
    # Ink of 16, 64 and 144 pixels of 256, and queries of 25, 81 and 25, of which the last should
    # be the third class. At 0.9, pairs up to 25.6 pixels apart are accepted.
    pictures = [filled(4), filled(8), filled(12), filled(5), filled(9), filled(5)]
    row = SuiteRow("scan", "look", pictures, trials([0, 1, 2], [3, 4, 5], [0, 1, 2]))
    entry = network_entry("levels", Network(), row)
    assert (entry["value"], entry["n"]) == (2 / 3, 3)
    assert entry["interval"] == list(wilson_interval(2, 3))
    assert entry["false_rejects"]["value"] == 1 / 3
    assert (entry["false_accepts"]["value"], entry["false_accepts"]["n"]) == (1 / 6, 6)
    assert entry["refused"]["value"] == 0 and entry["threshold"] == 0.9


def test_accepted_pairs_with_a_warning_are_counted_apart():
    class Wary(Network):
        """Finds ink of 64 pixels unlike its training images."""

        class novelty:
            def scores(embeddings):
                return np.where(np.abs(embeddings[:, 0] * 256 - 64) < 1, 0.99, 0.5)

    # Ink of 64, 81 and 225 pixels, and queries of 64 and 100: the classes accepted wrongly are the
    # second for the first query, and the second for the second.
    pictures = [filled(8), filled(9), filled(15), filled(8), filled(10)]
    row = SuiteRow("scan", "look", pictures, trials([0, 1, 2], [3, 4], [0, 2]))
    entry = network_entry("levels", Wary(), row)
    assert (entry["false_accepts"]["value"], entry["false_accepts"]["n"]) == (2 / 4, 4)
    assert entry["unwarned_false_accepts"]["value"] == 1 / 4
    assert entry["unlike"]["value"] == entry["warned"]["value"] == 2 / 5
    assert network_entry("levels", Network(), row)["warned"]["value"] == 0


def test_what_the_reading_refuses_is_an_error_and_never_accepted():
    pictures = [filled(4), filled(8), filled(0), filled(4), filled(0), filled(12)]
    row = SuiteRow("scan", "look", pictures, trials([0, 1, 2], [3, 4, 5], [0, 1, 2]))
    entry = network_entry("levels", Network(), row)
    # The second query and the third class are blank.
    assert entry["value"] == 1 / 3
    assert (entry["refused"]["value"], entry["refused"]["n"]) == (2 / 6, 6)
    assert entry["false_rejects"]["value"] == 2 / 3 and entry["false_accepts"]["value"] == 0


def test_where_everything_is_refused_nothing_is_right():
    blank = [filled(0) for _ in range(4)]
    row = SuiteRow("scan", "look", blank, trials([0, 1], [2, 3], [0, 1]))
    entry = network_entry("levels", Network(), row)
    assert entry["value"] == 0 and entry["refused"]["value"] == 1


def test_a_network_without_a_threshold_is_told():
    row = SuiteRow("scan", "look", [filled(4), filled(8)], trials([0, 1], [0], [0]))
    with pytest.raises(ValueError, match="`network` must have a threshold. Received: 'levels'"):
        network_entry("levels", SimpleNamespace(threshold=None), row)


def test_a_row_holds_every_method():
    pictures = [filled(4), filled(8), filled(5), filled(9)]
    row = SuiteRow("dark rules", "look", pictures, trials([0, 1], [2, 3], [0, 1]))
    scored = score_row(row, {"levels": Network()})
    assert [entry["method"] for entry in scored["scores"]] == ["raw pixels", "HOG", "levels"]
    assert (scored["factor"], scored["severity"]) == ("ruled paper", "level 110")
    assert scored["n_way"] == 2
