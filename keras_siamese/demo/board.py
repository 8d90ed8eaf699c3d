"""What the page asks a recognizer: which character a drawing is of, and whether two agree."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from keras_siamese.data.images.preprocessing import ReadingWarning
from keras_siamese.demo.pad import thumbnail
from keras_siamese.evaluation.operating_point import MIDDLE
from keras_siamese.recognizer import Match, Recognizer, Verification

# Support images that a person may keep at a time, and the longest name of a character.
MAX_SUPPORT = 50
MAX_NAME = 40


class SupportImage(NamedTuple):
    """One drawing of a support set, with its character's name.

    Attributes:
        name: Of the character.
        picture: The drawing, as `Recognizer` takes it.
        image: What the network sees of it, `(height, width, channels)`, uint8, ink 255.
        thumbnail: The picture itself, `(height, width, 3)`, uint8, at most 96 pixels per side.
    """

    name: str
    picture: Any
    image: np.ndarray
    thumbnail: np.ndarray


class Seen(NamedTuple):
    """What was read from a picture.

    Attributes:
        image: `(height, width, channels)`, uint8, ink 255.
        notes: What may be wrong with the picture, a sentence each; mostly none.
    """

    image: np.ndarray
    notes: list[str]


class Board:
    """A recognizer with the thresholds that the page offers.

    Drawings are read as by the command line and from Python: the same picture gets the same answer.
    Where the page asks for it, they are redrawn like Omniglot's before, as by `--polarity auto
    --paper redraw`.

    Args:
        recognizer: The network; it is not changed.

    Attributes:
        has_rates: Whether the thresholds are for false-accept rates.
        can_redraw: Whether pictures can be redrawn like Omniglot's before they are read.
    """

    def __init__(self, recognizer: Recognizer) -> None:
        """Find the thresholds; see the class."""
        self.has_rates = bool(recognizer.thresholds)
        rates = {f"{100 * rate:g} %": limit for rate, limit in recognizer.thresholds.items()}
        if recognizer.threshold is None:
            self._thresholds = rates or {f"{MIDDLE:g}": MIDDLE}
        elif recognizer.threshold in rates.values():
            # The recognizer's own comes first.
            own = sorted(rates.items(), key=lambda item: item[1] != recognizer.threshold)
            self._thresholds = dict(own)
        else:
            self._thresholds = {"as saved": recognizer.threshold, **rates}
        # Where the reading finds the drawing, there is no need.
        reading = recognizer.preprocessing
        self.can_redraw = reading.color == "grey" and reading.paper != "find"
        self._as_is = recognizer
        self._redrawing = copy.copy(recognizer)
        if self.can_redraw:
            self._redrawing.preprocessing = replace(reading, polarity="auto", paper="redraw")

    @property
    def choices(self) -> list[str]:
        """What the thresholds are for; the first is taken unless another is chosen."""
        return list(self._thresholds)

    def threshold(self, choice: str | None = None) -> float:
        """Return the threshold for a choice, or the first one.

        Args:
            choice: One of `choices`, or None.

        Returns:
            The threshold.

        Raises:
            ValueError: If the choice is unknown.
        """
        if choice is None:
            choice = self.choices[0]
        if choice not in self._thresholds:
            raise ValueError(
                f"The threshold must be for one of {self.choices}. Received: {choice!r}. Choose "
                "one."
            )
        return self._thresholds[choice]

    def see(self, picture: Any, redraw: bool = False) -> Seen:
        """Read a picture as the network will see it.

        Args:
            picture: As `Recognizer` takes it.
            redraw: Whether it is redrawn like Omniglot's drawings.

        Returns:
            The image, and what may be wrong with the picture.

        Raises:
            ValueError: If the picture is blank, or none.
        """
        image, notes = self._recognizer(redraw).preprocessing.read_noted(picture)
        return Seen(image, list(notes))

    def with_support(
        self, support: Sequence[SupportImage], name: str, picture: Any, redraw: bool = False
    ) -> list[SupportImage]:
        """Add an image to a support set; a name known already gets one more.

        Args:
            support: The earlier images, which stay as they are.
            name: The character's; if blank, it is numbered.
            picture: As in `see`.
            redraw: As in `see`.

        Returns:
            All images, the new one last.

        Raises:
            ValueError: If the picture is blank, the name too long, or there are too many images.
        """
        known = {image.name for image in support}
        name = " ".join(name.split())
        if not name:
            numbers = range(1, MAX_SUPPORT + 2)
            name = next(f"character {i}" for i in numbers if f"character {i}" not in known)
        if len(name) > MAX_NAME:
            raise ValueError(
                f"A name must have at most {MAX_NAME} characters. Received: {len(name)}. Shorten "
                "it."
            )
        if len(support) >= MAX_SUPPORT:
            raise ValueError(f"There are {MAX_SUPPORT} images, which is the most. Forget some.")
        image = self.see(picture, redraw).image
        return [*support, SupportImage(name, picture, image, thumbnail(picture))]

    def rank(
        self, support: Sequence[SupportImage], picture: Any, redraw: bool = False
    ) -> list[Match]:
        """Rank the characters by how likely a drawing is of them.

        Args:
            support: Images of two characters or more.
            picture: As in `see`.
            redraw: As in `see`, of the support set, too.

        Returns:
            One record per character, the most likely first.

        Raises:
            ValueError: If there are too few characters, or the picture is blank.
        """
        names = [image.name for image in support]
        if len(set(names)) < 2:
            raise ValueError(
                "There must be images of two characters or more. Received: "
                f"{len(set(names))}. Draw one and add it."
            )
        # A copy, since others may be using the page at the same time.
        known = copy.copy(self._recognizer(redraw))
        with _unwarned():
            known.fit([image.picture for image in support], names)
            return known.rank(picture)

    def compare(self, left: Any, right: Any, choice: str, redraw: bool = False) -> Verification:
        """Predict how likely two drawings show the same character, and whether they do.

        Args:
            left: As in `see`.
            right: As in `see`.
            choice: What the threshold is for, one of `choices`.
            redraw: As in `see`, of both.

        Returns:
            Probability, threshold and decision.

        Raises:
            ValueError: If a picture is blank, or the choice is unknown.
        """
        deciding = copy.copy(self._recognizer(redraw))
        deciding.threshold = self.threshold(choice)
        with _unwarned():
            return deciding.verify(left, right)

    def _recognizer(self, redraw: bool) -> Recognizer:
        return self._redrawing if redraw and self.can_redraw else self._as_is


@contextmanager
def _unwarned() -> Iterator[None]:
    """Leave out what `Board.see` said about the same pictures."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReadingWarning)
        yield
