import numpy as np
import pytest

from keras_siamese.demo.board import Seen, SupportImage
from keras_siamese.demo.views import (
    as_percent,
    pair_html,
    ranking_html,
    seen_html,
    support_html,
    unread_html,
)
from keras_siamese.recognizer import Match, Ranking, Verification

IMAGE = np.zeros((4, 4, 1), np.uint8)


def named(name):
    return SupportImage(name, IMAGE, IMAGE, np.zeros((4, 4, 3), np.uint8))


@pytest.mark.parametrize(
    "probability, text",
    [(0.5, "50.0 %"), (0.9994, "above 99.9 %"), (1.0, "above 99.9 %"), (0.0, "below 0.1 %")],
)
def test_a_probability_is_never_rounded_to_certainty(probability, text):
    assert as_percent(probability) == text


def test_names_are_text_and_not_markup():
    name = "<script>alert(1)</script>"
    for html in (
        support_html([named(name)]),
        ranking_html([Match(name, 1.0, 0.9)], [named(name)], 0.5),
    ):
        assert "<script" not in html and "&lt;script&gt;" in html


def test_the_ranking_says_whether_the_first_is_likely_as_a_pair():
    ranks = [Match("a", 0.8, 0.6), Match("b", 0.2, 0.1)]
    support = [named(name) for name in "ab"]
    assert "calls it the same as a" in ranking_html(ranks, support, 0.6)
    assert "calls it not the same as a" in ranking_html(ranks, support, 0.61)


def test_a_pair_is_shown_with_decision_and_threshold():
    html = pair_html(Verification(False, 0.25, 0.5), [IMAGE, IMAGE])
    assert "25.0 %" in html and "Different characters: the threshold is 50.0 %." in html
    assert html.count("<img") == 2


def test_a_support_image_is_shown_as_pictured_and_as_read():
    assert support_html([named("a")]).count("<img") == 2


def test_what_may_be_wrong_stands_next_to_what_was_read():
    html = seen_html(Seen(IMAGE, ["'6613 bytes': it shows <two> drawings."]))
    assert html.count("<img") == 1 and "The picture: it shows &lt;two&gt; drawings." in html


def test_a_picture_that_cannot_be_read_is_told_in_words():
    html = unread_html(
        ValueError("'6613 bytes' must show a drawing. Received: one that shows nothing.")
    )
    assert (
        "The picture must show a drawing. Received: one that shows nothing." in html
        and "<img" not in html
    )


def test_an_answer_on_what_is_unlike_the_training_images_says_so():
    said = [Verification(True, 0.9, 0.5, novelty) for novelty in (None, 0.98, 0.99)]
    assert ["may be wrong" in pair_html(each, [IMAGE, IMAGE]) for each in said] == [
        False, False, True,
    ]  # fmt: skip
    unlike = Ranking([Match("a", 0.8, 0.6)], 0.995)
    assert "may be wrong" in ranking_html(unlike, [named("a")], 0.5)
