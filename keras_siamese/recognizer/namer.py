"""What an image shows: the known classes, and the images that are known of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_siamese.argument_checks import check_keywords, check_whole
from keras_siamese.data.folders.folder_layout import FOLDER_OPTIONS
from keras_siamese.data.images.preprocessing import OnUnreadable
from keras_siamese.data.pictures import Pictures, is_picture, read_labelled, read_pictures
from keras_siamese.evaluation.class_scores import class_logits
from keras_siamese.evaluation.nearest_rows import nearest
from keras_siamese.evaluation.probabilities import expit, softmax
from keras_siamese.evaluation.support_set import SupportSet, encode_support
from keras_siamese.recognizer.comparer import Comparer
from keras_siamese.recognizer.records import UNKNOWN, Match, Neighbour, Ranking
from keras_siamese.recognizer.state import State
from keras_siamese.recognizer.unusual import judge

if TYPE_CHECKING:
    from typing_extensions import Self


class Namer(Comparer):
    """What a recognizer answers about known classes; see `Recognizer`."""

    @property
    def shots(self) -> str:
        """How several images of a class count: "mean" or "best"."""
        return self._state.shots

    @shots.setter
    def shots(self, value: str) -> None:
        self._change(lambda state: replace(state, shots=value))

    @property
    def classes(self) -> list[Any]:
        """Names of the known classes, sorted; empty before `fit`."""
        support = self._state.support
        return [] if support is None else support.names

    @property
    def sources(self) -> list[str]:
        """Files of the known images; those that were given as arrays or PIL images have none."""
        support = self._state.support
        return [] if support is None else [str(source) for source in support.sources if source]

    def fit(
        self,
        support: Any,
        labels: Any = None,
        *,
        on_unreadable: OnUnreadable | None = None,
        **folder_options: Any,
    ) -> Self:
        """Take one image or more of each class that `predict` is to choose from.

        It trains nothing: the classes may be new to the network. Earlier ones are forgotten.

        Args:
            support: A folder with one subfolder per class, or with one image per class, named by
                it; a mapping from name to an image or several; `(images, labels)`; or images, with
                `labels` as well.
            labels: `(m,)`, strings or whole numbers, the class of each image, where `support` is
                images alone; an array `(m, height, width)` is then m grey images.
                Where it is a folder, as for `load_folder`: "names", or a CSV file.
            on_unreadable: Called with the error of each image that cannot be read, which is then
                left out. None raises one error, which lists all of them.
            **folder_options: `label_pattern`, `split` and `on_skipped` of `load_folder`, where
                `support` is a folder.

        Returns:
            The recognizer itself.

        Raises:
            ValueError: If images cannot be read, or images and labels do not fit each other.
            TypeError: If there is no argument of a name.
            OSError: If a file cannot be read.

        Example:
            >>> from keras_siamese import Recognizer, make_glyphs
            >>> images = make_glyphs(num_alphabets=1, num_drawers=1).images
            >>> recognizer = Recognizer.from_preset("omniglot")
            >>> recognizer.fit({"bolt": images[0], "nut": images[1]}).classes
            ['bolt', 'nut']
        """
        own = ("support", "labels", "on_unreadable")
        check_keywords("fit", folder_options, FOLDER_OPTIONS, own)
        pictures, names = read_labelled(
            support,
            labels,
            self.preprocessing,
            argument="support",
            on_unreadable=on_unreadable,
            **folder_options,
        )
        embeddings = encode_support(self.encode, pictures.images)[pictures.rows]
        support_set = SupportSet.of(embeddings, names, pictures.sources)
        self._change(lambda state: replace(state, support=support_set))
        return self

    def predict(self, images: Any, *, on_unreadable: OnUnreadable | None = None) -> Any:
        """Name the class of an image, or of each of a batch.

        Args:
            images: One image or a batch.
            on_unreadable: Called with the error of each image that cannot be read, whose answer is
                then None. None raises the first error.

        Returns:
            The name, "unknown" where no class reaches the threshold; for a batch a list of names.

        Raises:
            ValueError: If the recognizer is not fitted, or an image cannot be read.
            OSError: If a file cannot be read.

        Example:
            >>> from keras_siamese import Recognizer, make_glyphs
            >>> images = make_glyphs(num_alphabets=1, num_drawers=2).images[:6]
            >>> recognizer = Recognizer.from_preset("omniglot")
            >>> recognizer.fit(images[0::2], ["a", "b", "c"]).predict(images[1::2])
            ['a', 'b', 'c']
        """
        # One state for the whole answer: another thread may replace it meanwhile.
        state = self._state
        if state.threshold is not None and UNKNOWN in _known(state).names:
            raise ValueError(
                f"A class must not be named {UNKNOWN!r}, which is the answer for an image of no "
                f"known class. Received: {UNKNOWN!r}. Rename it, or set `threshold` to None."
            )
        ranked = self._rank(state, images, 1, on_unreadable)
        if is_picture(images):
            return _name(ranked, state.threshold)
        return [_name(row, state.threshold) for row in ranked]

    def rank(
        self, images: Any, top: int | None = None, *, on_unreadable: OnUnreadable | None = None
    ) -> Any:
        """Rank the known classes by how likely an image is of each.

        Args:
            images: One image or a batch.
            top: How many classes to give; None for all.
            on_unreadable: As for `predict`.

        Returns:
            A list of `Match` records (`name`, `probability`, `similarity`), the best first, which
            also has the image's `novelty` and `warnings` (`Ranking`); for a batch a list of such
            lists.

        Raises:
            ValueError: As `predict`, or if `top` is below 1.
            OSError: If a file cannot be read.
        """
        return self._rank(self._state, images, top, on_unreadable)

    def _rank(
        self, state: State, images: Any, top: int | None, on_unreadable: OnUnreadable | None
    ) -> Any:
        """Rank the known classes of one moment; see `rank`."""
        support = _known(state)
        _check_count("top", top)
        pictures = read_pictures(images, self.preprocessing, on_unreadable=on_unreadable)
        embeddings = self.encode(pictures.images)
        logits = self._logits(embeddings, support, state.shots)
        probabilities, similarities = softmax(logits, axis=1), expit(logits)
        names, judged = support.names, judge(pictures, embeddings, state.novelty)

        def ranking(row: int) -> Ranking:
            matches = [
                Match(
                    names[place], float(probabilities[row, place]), float(similarities[row, place])
                )
                for place in np.argsort(-logits[row], kind="stable")[:top]
            ]
            return Ranking(matches, *judged[row])

        return _answers(pictures, ranking)

    def neighbours(self, images: Any, k: int = 5) -> Any:
        """Find the known images that are most similar to an image.

        Args:
            images: One image or a batch.
            k: How many known images to give; all where there are fewer.

        Returns:
            A list of `Neighbour` records (`name`, `similarity`, `source`), the most similar first;
            for a batch a list of such lists.

        Raises:
            ValueError: As `predict`, or if `k` is below 1.
            OSError: If a file cannot be read.
        """
        support = _known(self._state)
        _check_count("k", k)
        pictures = read_pictures(images, self.preprocessing)
        labels, count = support.labels, min(k, len(support.embeddings))
        queries = self.encode(pictures.images)
        distances, places = nearest(self._network.head, queries, support.embeddings, count)
        similarities = expit(-distances)

        def neighbours(row: int) -> list[Neighbour]:
            return [
                Neighbour(labels[place], float(similarity), str(support.sources[place]))
                for place, similarity in zip(places[row], similarities[row], strict=True)
            ]

        return _answers(pictures, neighbours)

    def _logits(self, embeddings: np.ndarray, support: SupportSet, shots: str) -> np.ndarray:
        """Return `(n, classes)`, float64."""
        if not len(embeddings):
            return np.zeros((0, len(support.counts)))
        logits = class_logits(
            self._network.head, embeddings, support.embeddings, support.counts, shots=shots
        )
        return logits.astype(np.float64)


def _known(state: State) -> SupportSet:
    """Return the known classes, or refuse where there are none."""
    if state.support is None:
        raise ValueError(
            "The recognizer must be fitted first. Received: no known classes yet. Call fit with "
            "one image or more of each class."
        )
    return state.support


def _name(ranked: list[Match] | None, threshold: float | None) -> Any:
    """Return the class of a ranking, where it is similar enough."""
    if ranked is None:
        return None
    known = threshold is None or ranked[0].similarity >= threshold
    return ranked[0].name if known else UNKNOWN


def _answers(pictures: Pictures, answer: Any) -> Any:
    """Return the answer for one picture, or a list of them; None for those not read."""
    answers = [None if row < 0 else answer(row) for row in pictures.rows.tolist()]
    return answers[0] if pictures.single else answers


def _check_count(argument: str, value: Any) -> None:
    if value is not None:
        check_whole(argument, value, least=1)
