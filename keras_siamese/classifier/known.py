"""What a fitted classifier knows, in one value that never changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_siamese.deprecated import with_current_names
from keras_siamese.evaluation.support_set import by_class

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, eq=False)
class Known:
    """The network and the support set of all classes; `OneShotClassifier` describes the attributes.

    A classifier holds one such value. A change of the classes makes another value and replaces it
    in one step, and each answer reads it once. So an answer in one thread is of the classes
    before a change in another thread, or of those after it, never of a mixture.

    Attributes:
        model: The network that encoded the support set.
        n_features_in: Numbers in one example.
        classes: `(classes,)`, the labels, sorted.
        counts: `(classes,)`, integer, how many support images each class has.
        support: `(m, features)`, float32, sorted by class.
        order: `(m,)`, integer, place of each in the order in which they were given.
    """

    model: keras.Model
    n_features_in: int
    classes: np.ndarray
    counts: np.ndarray
    support: np.ndarray
    order: np.ndarray

    def __post_init__(self) -> None:
        """Make the arrays read-only: a change in place would be seen by answers half done."""
        for array in (self.classes, self.counts, self.support, self.order):
            array.flags.writeable = False

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take what a pickle holds, of an earlier version, too."""
        vars(self).update(with_current_names("Known", state))

    @classmethod
    def of(
        cls,
        model: keras.Model,
        n_features_in: int,
        support: np.ndarray,
        labels: np.ndarray,
        order: np.ndarray | None = None,
    ) -> Known:
        """Sort support images by class.

        Args:
            model: As in the class.
            n_features_in: As in the class.
            support: `(m, features)`, float32, in any order.
            labels: `(m,)`, the class of each, as `as_labels` gives them.
            order: `(m,)`, place of each in the order in which they were given; None for this one.

        Returns:
            What is known.
        """
        classes, counts, rows = by_class(labels)
        given = np.arange(len(labels)) if order is None else order
        return cls(model, n_features_in, classes, counts, support[rows], given[rows])

    @property
    def labels(self) -> np.ndarray:
        """The class of each support image, `(m,)`."""
        return np.repeat(self.classes, self.counts)

    @property
    def as_given(self) -> np.ndarray:
        """The support images in the order in which they were given."""
        return self.support[np.argsort(self.order)]

    def with_more(self, more: Known) -> Known:
        """Return these support images and others, encoded by the same network.

        Args:
            more: The others, given after these.

        Returns:
            Both.

        Raises:
            ValueError: If the labels of one are strings and those of the other are not.
        """
        if (more.classes.dtype.kind == "U") != (self.classes.dtype.kind == "U"):
            raise ValueError(
                f"`y` must hold labels like those known, {self.classes[:3].tolist()}. Received: "
                f"labels of another type, {more.classes[:3].tolist()}. Make all of them strings."
            )
        return Known.of(
            self.model,
            self.n_features_in,
            np.concatenate([self.support, more.support]),
            np.concatenate([self.labels, more.labels]),
            np.concatenate([self.order, more.order + len(self.order)]),
        )

    def without(self, classes: Sequence[Any]) -> Known:
        """Return the support images of all other classes.

        Args:
            classes: Labels, each of a known class.

        Returns:
            What is left.

        Raises:
            ValueError: If a class is not known, or none would be left.
        """
        known = self.classes.tolist()
        unknown = [label for label in classes if label not in known]
        gone = np.isin(self.classes, list(classes))
        if unknown or gone.all():
            raise ValueError(
                f"`classes` must list some of {known}, not all. Received: {classes!r}. "
                "Name known classes and keep at least one; fit forgets all."
            )
        kept = np.repeat(~gone, self.counts)
        order = np.argsort(np.argsort(self.order[kept]))
        return Known.of(
            self.model, self.n_features_in, self.support[kept], self.labels[kept], order
        )
