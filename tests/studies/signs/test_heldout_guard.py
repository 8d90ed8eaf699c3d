"""The guard fails on every kind of class that is held out."""

import pytest

from studies.signs import heldout_guard
from studies.signs.packages import package

EVALUATION = {
    "Gurmukhi": 0x0A05, "Kannada": 0x0C85, "Malayalam": 0x0D05, "Oriya": 0x0B05, "Tibetan": 0x0F40,
    "Mongolian": 0x1820, "Syriac": 0x0710, "Ethiopic": 0x1200, "Glagolitic": 0x2C00,
    "Cyrillic": 0x0416, "Meetei Mayek": 0xABC0, "Sylheti": 0xA800, "Avestan": 0x10B00,
}  # fmt: skip
TEST = {
    "Latin": 0x41, "Greek": 0x3A9, "Devanagari": 0x905, "Tifinagh": 0x2D30, "Georgian": 0x10D0,
    "Thai": 0x0E01, "Hebrew": 0x05D0,
}  # fmt: skip


@pytest.mark.parametrize("script", [*EVALUATION, *TEST])
def test_characters_of_each_held_out_script_are_refused(script):
    point = {**EVALUATION, **TEST}[script]
    with pytest.raises(ValueError, match=rf"U\+{point:04X}"):
        heldout_guard.check_characters([0x3042, point])


def test_characters_of_other_scripts_pass():
    heldout_guard.check_characters([0x3042, 0x0B85, 0x0C05])


@pytest.mark.parametrize("name", ["bell", "bell-outline", "bells-24-filled", "bell-ringing-fill"])
def test_names_that_hold_a_scored_name_are_refused(name):
    with pytest.raises(ValueError, match=name):
        heldout_guard.check_class_names("icons", ["anchor-line", name], ["bell", "zoom-in"])


def test_names_that_hold_a_part_of_a_scored_name_pass():
    heldout_guard.check_class_names("icons", ["zoom", "in-line", "doorbell"], ["bell", "zoom-in"])


def test_scored_emoji_and_flags_are_refused():
    with pytest.raises(ValueError, match="128512"):
        heldout_guard.check_same("emoji", [0x1F600, 0x1F601], [0x1F600])
    with pytest.raises(ValueError, match="flags.*fr"):
        heldout_guard.check_same("flags", ["de", "fr"], ["fr"])
    heldout_guard.check_same("flags", ["de"], ["fr"])


def test_packages_for_scoring_are_refused():
    with pytest.raises(ValueError, match="@iconify-json/feather"):
        heldout_guard.check_packages(
            [package("@iconify-json/bi"), package("@iconify-json/feather")]
        )
