"""One-shot classification with a trained siamese network (Koch et al. 2015, sec. 4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from keras_siamese.argument_checks import Check, optional
from keras_siamese.classifier.known import Known
from keras_siamese.classifier.support_estimator import SupportEstimator
from keras_siamese.data.images.preprocessing import Preprocessing
from keras_siamese.evaluation.class_scores import check_shots, class_logits
from keras_siamese.evaluation.input_checks import as_labels
from keras_siamese.evaluation.nearest_rows import nearest
from keras_siamese.evaluation.operating_point import check_threshold, is_threshold
from keras_siamese.evaluation.probabilities import expit, softmax
from keras_siamese.models.twins import twin_head

if TYPE_CHECKING:
    import keras


class OneShotClassifier(SupportEstimator):
    """Names the class whose support images are most like an image (Koch et al. 2015, sec. 4.3).

    `fit` takes one image or more of each class and encodes each once; it trains nothing, so the
    classes may be new to the network. Train or load the network first; if it is trained on, fit
    again. Works with scikit-learn's tools, and does not need it. Threads may share a classifier,
    also while one of them changes its classes: each answer is of the classes at one moment.

    Args:
        model: Trained network, as made by `siamese_network`.
        shots: With several support images per class, "mean" averages their logits and "best" takes
            the largest.
        threshold: Probability in [0, 1] below which `predict` rejects an image as of no known
            class; None never rejects.
        unknown_label: What `predict` gives for a rejected image; None means "unknown" where labels
            are strings, and -1 where they are numbers.
        batch_size: Images per encoder call.
        preprocessing: How pictures are read for the network, kept in the file that `save` writes;
            None leaves it unsaid. The images given to the methods were read already.

    Attributes:
        classes_: `(classes,)`, the labels, sorted.
        n_features_in_: Numbers in one example: height times width times channels.
        support_: `(support images, features)`, float32, the encoded support images, sorted by
            class.
        counts_: `(classes,)`, how many support images each class has.
        order_: `(support images,)`, place of each of `support_` in the order in which they were
            given.
        model_: The network that encoded them.

    Example:
        >>> import numpy as np
        >>> from keras_siamese import OneShotClassifier, reduced_encoder, siamese_network
        >>> model = siamese_network(reduced_encoder(filters=(4, 4, 4, 4), units=8))
        >>> images = np.random.default_rng(0).random((3, 35, 35, 1))
        >>> classifier = OneShotClassifier(model).fit(images, ["bolt", "nut", "washer"])
        >>> classifier.predict_proba(images).shape
        (3, 3)
    """

    _CHECKS: ClassVar[dict[str, Check]] = {
        **SupportEstimator._CHECKS,
        "shots": lambda name, value: check_shots(value),
        "threshold": optional(check_threshold),
        "unknown_label": optional(lambda name, value: _check_label(value)),
    }

    def __init__(
        self,
        model: keras.Model,
        *,
        shots: str = "mean",
        threshold: float | None = None,
        unknown_label: Any = None,
        batch_size: int = 256,
        preprocessing: Preprocessing | None = None,
    ) -> None:
        """Store the arguments, checked when used."""
        super().__init__(model, batch_size=batch_size, preprocessing=preprocessing)
        self.shots = shots
        self.threshold = threshold
        self.unknown_label = unknown_label

    def predict(self, X: Any) -> np.ndarray:
        """Name the class of each image; among equals the first of `classes_`.

        Args:
            X: As in `fit`.

        Returns:
            `(n,)`, labels; `unknown_label` for those below the threshold.

        Raises:
            ValueError: If the classifier is not fitted, or the images do not fit it.

        Example:
            >>> from keras_siamese import OneShotClassifier, load_pretrained, make_glyphs
            >>> images = make_glyphs(num_alphabets=1, num_drawers=2, size=53).images[:6]
            >>> classifier = OneShotClassifier(load_pretrained("omniglot"))
            >>> classifier.fit(images[0::2], ["a", "b", "c"]).predict(images[1::2]).tolist()
            ['a', 'b', 'c']
        """
        known = self._fitted()
        rule = self._rule(known.classes)
        logits = self._logits(known, rule, X)
        best = known.classes[logits.argmax(axis=1)]
        if rule.threshold is None:
            return best
        return np.where(expit(logits.max(axis=1)) < rule.threshold, rule.unknown, best)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class, given that the image is of one of them.

        If the network's answers were independent, exactly one class being right would have odds in
        proportion to `p / (1 - p)`: the softmax of the logits. `similarities` gives the `p`.

        Args:
            X: As in `fit`.

        Returns:
            `(n, classes)`, float64, [0, 1], each row summing to 1, in the order of `classes_`.

        Raises:
            ValueError: As `predict`.
        """
        return softmax(self._class_logits(X), axis=1)

    def similarities(self, X: Any) -> np.ndarray:
        """Return the probability that an image and a class are the same, for each class alone.

        With one support image per class it is the network's probability for the pair. `threshold`
        acts on it.

        Args:
            X: As in `fit`.

        Returns:
            `(n, classes)`, float64, [0, 1], in the order of `classes_`.

        Raises:
            ValueError: As `predict`.
        """
        return expit(self._class_logits(X))

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the logit of each class, on which `predict` decides.

        Args:
            X: As in `fit`.

        Returns:
            `(n, classes)`, float64, in the order of `classes_`; higher is more similar. With two
            classes `(n,)`, as scikit-learn has it: the second class's minus the first one's.

        Raises:
            ValueError: As `predict`.
        """
        logits = self._class_logits(X, one_order=True)
        return logits[:, 1] - logits[:, 0] if logits.shape[1] == 2 else logits

    def transform(self, X: Any) -> np.ndarray:
        """Return the embeddings of images, for other estimators to work with.

        Args:
            X: As in `fit`.

        Returns:
            `(n, features)`, float32.

        Raises:
            ValueError: As `predict`.
        """
        return self._transform(self._fitted(), X)

    def fit_transform(self, X: Any, y: Any) -> np.ndarray:
        """Take support images as `fit` does, and return their embeddings.

        Args:
            X: As in `fit`.
            y: As in `fit`.

        Returns:
            `(n, features)`, float32, in the order of `X`.

        Raises:
            ValueError: As `fit`.
        """
        return self._fit(X, y).as_given

    def kneighbors(
        self, X: Any = None, n_neighbors: int = 5, return_distance: bool = True
    ) -> tuple[np.ndarray, np.ndarray] | np.ndarray:
        """Find the support images that are most like each image.

        Args:
            X: As in `fit`. None takes the support images themselves, none of them its own
                neighbour.
            n_neighbors: How many, from 1 to the number of support images.
            return_distance: Whether the distances are returned, too.

        Returns:
            Distances `(n, n_neighbors)`, float64, rising: minus the logit that image and support
            image are the same, so that 0 is a probability of one half. And indices
            `(n, n_neighbors)`, int64: places among the images that `fit` and `partial_fit` were
            given, in that order, without those that `remove_classes` took out. Where a file
            of an earlier version was loaded, they are the rows of `support_`.

        Raises:
            ValueError: As `predict`, or if `n_neighbors` is out of range.
        """
        known = self._fitted()
        support = known.as_given
        queries = support if X is None else self._transform(known, X)
        head = twin_head(known.model)
        found = nearest(head, queries, support, n_neighbors, leave_out_itself=X is None)
        return found if return_distance else found[1]

    def score(self, X: Any, y: Any) -> float:
        """Return the fraction of images named correctly; a rejection is wrong unless `y` says so.

        Args:
            X: As in `fit`.
            y: `(n,)`, the true labels.

        Returns:
            Accuracy in [0, 1].

        Raises:
            ValueError: As `predict`, or if the labels do not fit the images.
        """
        predicted = self.predict(X)
        return float(np.mean(predicted == as_labels(y, len(predicted), "y")))

    def _transform(self, known: Known, X: Any) -> np.ndarray:
        return self._encode(known.model, self._examples(known, X))

    def _class_logits(self, X: Any, one_order: bool = False) -> np.ndarray:
        known = self._fitted()
        return self._logits(known, self._rule(known.classes), X, one_order)

    def _logits(self, known: Known, rule: _Rule, X: Any, one_order: bool = False) -> np.ndarray:
        """Return `(n, classes)`, float64."""
        logits = class_logits(
            twin_head(known.model),
            self._transform(known, X),
            known.support,
            known.counts,
            shots=rule.shots,
            one_order=one_order,
        )
        return logits.astype(np.float64)

    def _check_settings(self, classes: np.ndarray) -> None:
        """Check the parameters against the classes that are about to be known."""
        self._rule(classes)

    def _rule(self, classes: np.ndarray) -> _Rule:
        """Return the parameters, each read once and checked against the known classes."""
        shots, threshold, label = check_shots(self.shots), self.threshold, self.unknown_label
        if label is None:
            label = "unknown" if classes.dtype.kind == "U" else -1
        if threshold is None:
            return _Rule(shots, None, label)
        if not is_threshold(threshold):
            raise ValueError(
                "`threshold` must be None or a probability in [0, 1]. Received: "
                f"threshold={threshold!r}. Give None, or what `Verifier` finds for a false-accept "
                "rate."
            )
        _check_label(label)
        strings = [isinstance(value, str) for value in (label, classes.tolist()[0])]
        if label in classes.tolist() or strings[0] != strings[1]:
            raise ValueError(
                "`unknown_label` must be of the labels' type and none of the classes. "
                f"Received: {label!r} for the classes {classes[:3].tolist()}. Give another."
            )
        return _Rule(shots, threshold, label)


def _check_label(label: Any) -> Any:
    if not isinstance(label, str | int | float | np.generic):
        raise ValueError(
            f"`unknown_label` must be a string or a number. Received: {label!r}. Give a label."
        )
    return label


class _Rule(NamedTuple):
    """How a classifier decides, as its parameters were at one moment."""

    shots: str
    threshold: float | None
    unknown: Any
