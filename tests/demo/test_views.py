import numpy as np
import pytest

from keras_siamese.demo.recognizer import Example, Rank
from keras_siamese.demo.views import examples_html, pair_html, percent, ranking_html

IMAGE = np.zeros((4, 4, 1), np.uint8)


@pytest.mark.parametrize(
    "probability, text",
    [(0.5, "50.0 %"), (0.9994, "above 99.9 %"), (1.0, "above 99.9 %"), (0.0, "below 0.1 %")],
)
def test_a_probability_is_never_rounded_to_certainty(probability, text):
    assert percent(probability) == text


def test_names_are_text_and_not_markup():
    name = "<script>alert(1)</script>"
    for html in (
        examples_html([Example(name, IMAGE)]),
        ranking_html([Rank(name, 1.0, 0.9, IMAGE)], 0.5),
    ):
        assert "<script" not in html and "&lt;script&gt;" in html


def test_the_ranking_says_whether_the_first_is_likely_as_a_pair():
    ranks = [Rank("a", 0.8, 0.6, IMAGE), Rank("b", 0.2, 0.1, IMAGE)]
    assert "calls it the same as a" in ranking_html(ranks, 0.6)
    assert "calls it not the same as a" in ranking_html(ranks, 0.61)


def test_a_pair_is_shown_with_decision_and_threshold():
    html = pair_html(0.25, False, 0.5, [IMAGE, IMAGE])
    assert "25.0 %" in html and "Different characters: the threshold is 50.0 %." in html
    assert html.count("<img") == 2
