"""How numbers are written: in a given form, or in the form of another number."""

from __future__ import annotations

import re
from typing import Any

WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve"),
)
PLAIN = re.compile(
    r"(?P<sign>[+−-]?)(?P<whole>\d[\d,]*)(?:\.(?P<decimals>\d+))?(?P<percent>(?:&nbsp;| )?%)?"
)
POWER = re.compile(r"[−-]?\d+\.\d+·10<sup>[−-]?\d+</sup>")
MATRIX = re.compile(r"\\begin\{pmatrix\}.*?\\end\{pmatrix\}")
# What a number in a text may look like: a formula with a matrix, a power of ten, digits, a word.
VALUE = (
    rf"(?:\$[^$\n]*{MATRIX.pattern}\$|{POWER.pattern}"
    r"|[+−-]?\d[\d,]*(?:\.\d+)?(?:(?:&nbsp;| )?%)?|\b[A-Za-z]+)"
)


def written(value: Any, form: str) -> str:
    """Return a value in a form.

    Args:
        value: Number, list of two (an interval) or matrix.
        form: "power" for a power of ten, "points" for percentage points, "matrix", "interval" of
            fractions, or a format of Python's such as ".1%".
    """
    if form == "matrix":
        rows = r" \\ ".join(" & ".join(_trimmed(cell) for cell in row) for row in value)
        return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"
    if form == "interval":
        return f"{value[0]:.1%} to {value[1]:.1%}".replace("%", "&nbsp;%")
    if form == "points":
        return f"{100 * value:.1f}"
    if form == "power":
        if value == 0:
            return "0"
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{mantissa}·10<sup>{int(exponent)}</sup>".replace("-", "−")
    return format(value, form).replace("%", "&nbsp;%").replace("-", "−")


def rewritten(text: str, value: Any) -> str:
    """Return a value as another one is written: with its decimals, its unit, or in words.

    A fraction next to a per cent sign is written in per cent. A bare 0 claims that the value is
    exactly 0: any other value with decimals becomes a power of ten.

    Args:
        text: A number of a page, such as "98.25 %", "−0.64", "1,200", "seven" or a formula with a
            matrix.
        value: Number, or matrix for a formula.

    Raises:
        ValueError: If the text holds no number, or the value is of another kind.
    """
    if MATRIX.search(text):
        if not isinstance(value, list):
            raise ValueError(
                f"A matrix must come from a matrix. Received: {value!r}. Correct the mark."
            )
        return MATRIX.sub(lambda _: written(value, "matrix"), text)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(
            f"A number must come from a number. Received: {value!r}. Correct the mark."
        )
    if POWER.fullmatch(text) or (text == "0" and value != int(value)):
        return written(value, "power")
    if text.lower() in WORDS:
        number = round(value)
        word = WORDS[number] if 0 <= number < len(WORDS) else f"{number:,}"
        return word.capitalize() if text[0].isupper() else word
    parts = PLAIN.fullmatch(text)
    if parts is None:
        raise ValueError(f"The text must be a number. Received: {text!r}. Correct it.")
    decimals = len(parts["decimals"] or "")
    scaled = 100 * value if parts["percent"] else value
    # Thousands are set apart where the old number did so, or was too short to tell.
    apart = "," if "," in parts["whole"] or len(parts["whole"]) < 4 else ""
    plus = "+" if parts["sign"] == "+" else ""
    new = format(scaled, f"{plus}{apart}.{decimals}f").replace("-", "−")
    return new + (parts["percent"] or "")


def _trimmed(number: float) -> str:
    """Return a number of a matrix with at most four decimals and no needless zero."""
    text = f"{number:.4f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text
