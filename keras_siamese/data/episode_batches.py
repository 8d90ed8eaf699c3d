"""Episodes of characters that are all compared with each other, drawn from a seed (NumPy)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from keras_siamese.argument_checks import check_whole
from keras_siamese.data.camera_ranges import CameraRanges, draw_episode_camera
from keras_siamese.data.dataset import ImageDataset, check_dataset, image_table
from keras_siamese.data.distortions import (
    IDENTITY,
    AffineRanges,
    compose_transforms,
    draw_transforms,
    square_symmetries,
)
from keras_siamese.data.episodes import check_protocol
from keras_siamese.deprecated import with_old_arguments, with_old_attributes


@dataclass(frozen=True, eq=False)
class EpisodeBatch:
    """The episodes of one training step, by image index.

    Attributes:
        indices: `(episodes, n_way, 1 + n_shot)`, int32, images of the data set: each row is one
            character, the query first, then its shots.
        transforms: `(episodes, n_way, 1 + n_shot, 6)`, float32, output-to-input rows as in
            `draw_transforms`: the episode's symmetry and distortion, then the image's own.
        camera: `(episodes, n_way, 1 + n_shot, numbers)`, float32, as in `draw_camera`; None without
            camera-like distortions.
    """

    indices: np.ndarray
    transforms: np.ndarray
    camera: np.ndarray | None = None

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """Those that the training step takes."""
        arrays = (self.indices, self.transforms, self.camera)
        return tuple(array for array in arrays if array is not None)


@with_old_attributes
class EpisodeSampler:
    """Draws episodes from a data set; a step's episodes depend on the seed and the step alone.

    An episode is one alphabet, drawn at random: `n_way` of its characters, each by the same
    `1 + n_shot` drawers. Where an alphabet has fewer characters, others fill the episode up, each
    with other drawers. A character that lacks one of the drawers takes the next who drew it;
    one that has too few drawings takes no part.

    A whole episode is turned or mirrored by one symmetry of the square and put through one affine
    distortion, so that it acts as new characters; then every image gets a separate
    affine distortion (Koch et al. 2015, sec. 3.2).

    Args:
        dataset: Images to draw from.
        n_way: Characters in an episode, at least 2.
        n_shot: Shots of each character, at least 1; one more drawer draws the queries.
        protocol: "within-alphabet", or "across-alphabets" for characters of the whole data set,
            each by other drawers. A data set of one alphabet, such as a folder of classes,
            gives episodes across all its classes either way.
        symmetries: Whether episodes are turned and mirrored.
        distortions: Ranges of each image's own distortion; None for none.
        episode_distortions: Ranges of the distortion that a whole episode shares; None for none.
        camera: Ranges of camera-like distortions, which follow the others; None for none.
        seed: Seed of the draws.

    Raises:
        ValueError: If an argument is out of range, or the data set has fewer than `n_way`
            characters by `1 + n_shot` drawers.

    Example:
        >>> from keras_siamese.data import EpisodeSampler, make_glyphs
        >>> glyphs = make_glyphs(num_alphabets=2, characters_per_alphabet=6, num_drawers=3)
        >>> EpisodeSampler(glyphs, n_way=8, seed=0).draw(step=0, num_episodes=4).indices.shape
        (4, 8, 2)
    """

    @with_old_arguments
    def __init__(
        self,
        dataset: ImageDataset,
        *,
        n_way: int = 20,
        n_shot: int = 1,
        protocol: str = "within-alphabet",
        symmetries: bool = True,
        distortions: AffineRanges | None = None,
        episode_distortions: AffineRanges | None = None,
        camera: CameraRanges | None = None,
        seed: int = 0,
    ) -> None:
        """Lay out the images by alphabet, character and drawer."""
        check_dataset("dataset", dataset)
        for name, value, minimum in (("n_way", n_way, 2), ("n_shot", n_shot, 1), ("seed", seed, 0)):
            check_whole(name, value, least=minimum)
        protocol = check_protocol(protocol)
        self.n_way = n_way
        self.num_drawers = 1 + n_shot
        self.within = protocol == "within-alphabet"
        self.distortions = distortions
        self.episode_distortions = episode_distortions
        self.camera = camera
        self.seed = seed
        self.image_size = dataset.image_size
        self.channels = dataset.images.shape[3]
        self.symmetries = square_symmetries(self.image_size) if symmetries else IDENTITY[None]
        self.tables = self._tables(dataset)

    @with_old_arguments
    def draw(self, step: int, num_episodes: int = 1) -> EpisodeBatch:
        """Draw the episodes of a step.

        Args:
            step: Steps done, from 0.
            num_episodes: How many episodes, at least 1.

        Returns:
            The episodes, the same at every call with the same arguments.

        Raises:
            ValueError: If `num_episodes` is below 1.
        """
        check_whole("num_episodes", num_episodes, least=1)
        check_whole("step", step)
        # By step, so that a resumed run draws what it would have drawn.
        rng = np.random.default_rng([self.seed, step])
        indices = np.stack([self._draw_episode(rng) for _ in range(num_episodes)]).astype(np.int32)
        turned = self.symmetries[rng.integers(len(self.symmetries), size=(num_episodes, 1, 1))]
        own = IDENTITY
        if self.distortions is not None:
            own = draw_transforms(indices.size, self.image_size, rng, self.distortions)
            own = own.reshape(*indices.shape, 6)
        if self.episode_distortions is not None:
            shared = draw_transforms(num_episodes, self.image_size, rng, self.episode_distortions)
            turned = compose_transforms(turned, shared[:, None, None])
        transforms = np.broadcast_to(compose_transforms(turned, own), (*indices.shape, 6))
        if self.camera is None:
            return EpisodeBatch(indices, transforms)
        # Drawn last, so that the rest is the same with and without it.
        camera = draw_episode_camera(
            indices.shape, self.image_size, self.channels, rng, self.camera
        )
        return EpisodeBatch(indices, transforms, camera)

    def _tables(self, dataset: ImageDataset) -> list[np.ndarray]:
        """Return for each alphabet `(characters, drawers)`, those with enough drawings."""
        if len(dataset) == 0:
            raise ValueError(
                f"`dataset` must hold images. Received: an empty {dataset.name!r}. Give one with "
                "images."
            )
        pools = [np.arange(len(dataset))]
        if self.within:
            pools = [np.flatnonzero(dataset.alphabet == i) for i in np.unique(dataset.alphabet)]
        whole = [image_table(dataset, pool) for pool in pools]
        drawings = [(table >= 0).sum(axis=1) for table in whole]
        most = max(counts.max() for counts in drawings)
        if most < self.num_drawers:
            raise ValueError(
                f"`dataset` must have characters by {self.num_drawers} drawers (the query's and "
                f"the shots'). Received: {dataset.name!r}, whose characters have at most {most}. "
                "Add drawers, or lower `n_shot`."
            )
        tables = [
            table[counts >= self.num_drawers]
            for table, counts in zip(whole, drawings, strict=True)
            if (counts >= self.num_drawers).any()
        ]
        usable = sum(len(table) for table in tables)
        if usable < self.n_way:
            raise ValueError(
                f"`n_way` must be at most {usable}, the number of characters by "
                f"{self.num_drawers} drawers in all alphabets of {dataset.name!r} together. "
                f"Received: n_way={self.n_way}. Lower it, or add characters or drawers."
            )
        return tables

    def _draw_episode(self, rng: np.random.Generator) -> np.ndarray:
        """Draw `(n_way, 1 + n_shot)` images, from as few alphabets as it takes."""
        parts: list[np.ndarray] = []
        missing = self.n_way
        for alphabet in rng.permutation(len(self.tables)):
            table = self.tables[alphabet]
            rows = table[rng.permutation(len(table))[:missing]]
            parts.append(self._draw_drawings(rows, rng))
            missing -= len(rows)
            if missing == 0:
                break
        return np.concatenate(parts)

    def _draw_drawings(self, table: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw `(characters, 1 + n_shot)` images from the rows of a table."""
        if self.within:
            shuffled = table[:, rng.permutation(table.shape[1])]
        else:
            shuffled = rng.permuted(table, axis=1)
        # Those who drew the character come first, in the order in which they were drawn.
        first = np.argsort(shuffled < 0, axis=1, kind="stable")[:, : self.num_drawers]
        return np.take_along_axis(shuffled, first, axis=1)
