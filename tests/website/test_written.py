"""A number is written in a form, or in that of another number."""

import pytest

from website.written import rewritten, written


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        (2.63e-8, "power", "2.6·10<sup>−8</sup>"),
        (0, "power", "0"),
        (0.747, ".1%", "74.7&nbsp;%"),
        (-0.4, "+.2f", "−0.40"),
        (0.113, "points", "11.3"),
        ([0.5, 0.75], "interval", "50.0&nbsp;% to 75.0&nbsp;%"),
        ([[0.5, -1.0], [-0.0, 0.1475]], "matrix", r"0.5 & -1 \\ 0 & 0.1475"),
    ],
)
def test_forms(value, form, expected):
    assert expected in written(value, form)


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("98.25 %", 0.9876, "98.76 %"),
        ("98.2 %", 0.9876, "98.8 %"),
        ("98&nbsp;%", 0.9876, "99&nbsp;%"),
        ("1.4", 1.36, "1.4"),
        ("0.35", 0.421, "0.42"),
        ("−0.64", -0.7, "−0.70"),
        ("+0.64", 0.7, "+0.70"),
        ("3", 4, "4"),
        ("999", 1200, "1,200"),
        ("1200", 1300, "1300"),
        ("38,951,745", 38951746, "38,951,746"),
        ("2.0·10<sup>−7</sup>", 3.5e-2, "3.5·10<sup>−2</sup>"),
        # A bare 0 is exact.
        ("0", 0.0, "0"),
        ("0", 1e-9, "1.0·10<sup>−9</sup>"),
        ("0", 3, "3"),
        ("seven", 7.2, "seven"),
        ("Seven", 8.2, "Eight"),
        ("seven", 13, "13"),
        (
            r"$W=\begin{pmatrix} 1 & 2 \end{pmatrix}$",
            [[0.25, -3.0]],
            r"$W=\begin{pmatrix} 0.25 & -3 \end{pmatrix}$",
        ),
    ],
)
def test_a_number_keeps_the_form_that_it_is_written_in(text, value, expected):
    assert rewritten(text, value) == expected


@pytest.mark.parametrize(
    ("text", "value"), [("loop", 1), ("1.4", "1.4"), ("1.4", [1.4]), ("1", True), ("1", None)]
)
def test_what_is_no_number_is_refused(text, value):
    with pytest.raises(ValueError, match="The text must be a number|must come from a number"):
        rewritten(text, value)
