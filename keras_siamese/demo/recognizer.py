"""What the page asks the network: which example a drawing is like, and whether two are the same."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import keras
import numpy as np

from keras_siamese.classifier import OneShotClassifier
from keras_siamese.data.omniglot_hand import like_omniglot
from keras_siamese.data.resampling import resize_images
from keras_siamese.models import twin_encoder
from keras_siamese.pretrained import load_pretrained, pretrained_card
from keras_siamese.verifier import Verifier

# Examples that a person may keep at a time, and the longest name of a character.
MAX_EXAMPLES = 50
MAX_NAME = 40


class Example(NamedTuple):
    """One drawing with its character's name; the image is what the network takes."""

    name: str
    image: np.ndarray


class Rank(NamedTuple):
    """One character's place in a ranking.

    Attributes:
        name: Of the character.
        probability: That the drawing is of this character, given that it is of one of them.
        similarity: The network's probability that the two show the same character.
        image: The character's first example.
    """

    name: str
    probability: float
    similarity: float
    image: np.ndarray


class Recognizer:
    """A network with what the page needs to know about it.

    Args:
        model: Trained network, as made by `siamese_network`, for images of one channel.
        thresholds: Probability in [0, 1] from which on a pair is called the same, by what the
            threshold is for; the first is used where no other is chosen.
        omniglot: Whether the network knows Omniglot's drawings, so that a person's are made like
            them; else images are scaled as `load_folder` does, and no more.

    Raises:
        ValueError: If `model` takes other images, or a threshold is out of range.
    """

    def __init__(
        self, model: keras.Model, thresholds: Mapping[str, float], *, omniglot: bool
    ) -> None:
        """Stores the network; see the class."""
        height, width, channels = twin_encoder(model).input_shape[1:]
        if channels != 1 or height is None or width is None:
            raise ValueError(
                "Argument `model` must take images of one channel and of a fixed size. Received: "
                f"a network for (height, width, channels) = {(height, width, channels)}. Drawings "
                "are grey; train one for grey images."
            )
        self.size = (height, width)
        self.omniglot = omniglot
        self.verifiers = {
            label: Verifier(model, threshold=threshold) for label, threshold in thresholds.items()
        }
        self.model = model

    @property
    def choices(self) -> list[str]:
        """What the thresholds are for."""
        return list(self.verifiers)

    def image(self, grey: np.ndarray) -> np.ndarray:
        """Makes a drawing into what the network takes.

        Args:
            grey: `(height, width)`, uint8, [0, 255], paper bright.

        Returns:
            `(*size, 1)`, uint8, ink 255 and paper 0.

        Raises:
            ValueError: If the paper is blank.
        """
        if self.omniglot:
            return resize_images(like_omniglot(grey)[None], self.size)[0]
        if int(grey.max()) == int(grey.min()):
            raise ValueError("There is nothing on the paper. Draw with dark strokes.")
        return ~resize_images(grey[None, ..., None], self.size)[0]

    def with_example(
        self, examples: Sequence[Example], name: str, grey: np.ndarray
    ) -> list[Example]:
        """Adds an example; a name known already gets one more.

        Args:
            examples: Those of before, which stay as they are.
            name: The character's; if blank, it is numbered.
            grey: As in `image`.

        Returns:
            All examples, the new one last.

        Raises:
            ValueError: If the paper is blank, the name too long, or there are too many examples.
        """
        known = {example.name for example in examples}
        name = " ".join(name.split())
        if not name:
            numbers = range(1, MAX_EXAMPLES + 2)
            name = next(f"character {i}" for i in numbers if f"character {i}" not in known)
        if len(name) > MAX_NAME:
            raise ValueError(f"A name must have at most {MAX_NAME} characters. Shorten it.")
        if len(examples) >= MAX_EXAMPLES:
            raise ValueError(f"There are {MAX_EXAMPLES} examples, which is the most. Forget some.")
        return [*examples, Example(name, self.image(grey))]

    def rank(self, examples: Sequence[Example], grey: np.ndarray) -> list[Rank]:
        """Ranks the characters by how likely a drawing is of them.

        Args:
            examples: Of two characters or more.
            grey: As in `image`.

        Returns:
            One entry a character, the most likely first.

        Raises:
            ValueError: If there are too few characters, or the paper is blank.
        """
        first = {example.name: example.image for example in reversed(examples)}
        if len(first) < 2:
            raise ValueError(
                f"There must be examples of two characters or more, but there are {len(first)}. "
                "Draw one and add it."
            )
        query = self.image(grey)[None]
        classifier = OneShotClassifier(self.model).fit(
            np.stack([example.image for example in examples]),
            [example.name for example in examples],
        )
        probabilities = classifier.predict_proba(query)[0]
        similarities = classifier.similarities(query)[0]
        ranks = [
            Rank(name, float(probabilities[place]), float(similarities[place]), first[name])
            for place, name in enumerate(classifier.classes_.tolist())
        ]
        return sorted(ranks, key=lambda rank: rank.probability, reverse=True)

    def compare(self, left: np.ndarray, right: np.ndarray, choice: str) -> tuple[float, bool]:
        """Says of two drawings how likely they show the same character, and whether they do.

        Args:
            left: As in `image`.
            right: As in `image`.
            choice: What the threshold is for, one of `choices`.

        Returns:
            The probability, and the decision at the threshold.

        Raises:
            ValueError: If a paper is blank, or the choice is unknown.
        """
        verifier = self._verifier(choice)
        pair = [self.image(grey)[None] for grey in (left, right)]
        probability = float(verifier.probabilities(*pair)[0])
        return probability, probability >= verifier.threshold

    def threshold(self, choice: str | None = None) -> float:
        """Returns the threshold for a choice, or the first one."""
        return self._verifier(self.choices[0] if choice is None else choice).threshold

    def _verifier(self, choice: str) -> Verifier:
        if choice not in self.verifiers:
            raise ValueError(f"The threshold must be for one of {self.choices}. Choose one.")
        return self.verifiers[choice]


def load_recognizer(path: str | os.PathLike[str] | None = None) -> Recognizer:
    """Loads a network for the page.

    Args:
        path: A `.keras` file, decided at 0.5, or a file that `Verifier.save` wrote, at its
            threshold; None for the weights that the package ships, at their card's thresholds.

    Returns:
        The recognizer.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it holds neither, or a network for other images.
    """
    if path is None:
        thresholds = {
            f"{float(rate) * 100:g} %": threshold
            for rate, threshold in pretrained_card("omniglot")["thresholds"].items()
        }
        return Recognizer(load_pretrained("omniglot"), thresholds, omniglot=True)
    if not os.path.isfile(path):
        raise FileNotFoundError(f"{os.fspath(path)!r} must be a file with a network. Correct it.")
    if os.fspath(path).endswith(".keras"):
        try:
            model = keras.saving.load_model(path, compile=False)
        # Damage shows wherever the first reader meets it: the archive, JSON, HDF5 or Keras.
        except Exception as error:
            raise ValueError(
                f"{os.fspath(path)!r} must be a network that Keras can load in safe mode, but: "
                f"{error}. Save it again with model.save."
            ) from error
        return Recognizer(model, {"0.5": 0.5}, omniglot=False)
    verifier = Verifier.load(path)
    return Recognizer(verifier.model, {"as saved": verifier.threshold}, omniglot=False)
