"""Recipes of the networks that go beyond the paper: encoder, episodes and training."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from keras_siamese.data import AffineRanges
from keras_siamese.training import EpisodeConfig


@dataclass(frozen=True)
class Recipe:
    """How a network is built and trained on episodes of Omniglot's background alphabets."""

    # Name of the result.
    name: str
    # Height and width of the images in pixels.
    size: int
    # Arguments of `conv_encoder`.
    encoder: dict[str, Any]
    # How it is trained; the seed is the run's.
    episodes: EpisodeConfig = field(default_factory=EpisodeConfig)
    # Whether it is scored and shipped as the mean over four mirrorings (`average_mirrored`).
    mirrored: bool = False
    # "background" (30 alphabets), or a set of five: "small1" or "small2".
    background: str = "background"

    def override(self, **changes: Any) -> Recipe:
        """Return a copy with other values; those of `EpisodeConfig` go by their names, too.

        Raises:
            ValueError: If there is no such setting, or its value is of another kind.
        """
        own = {item.name for item in fields(self)} - {"episodes", "name"}
        training = {item.name for item in fields(EpisodeConfig)} - {
            "distortions",
            "episode_distortions",
            "camera",
            "seed",
        }
        unknown = sorted(set(changes) - own - training)
        if unknown:
            raise ValueError(
                f"A setting must be one of {', '.join(sorted(own | training))}. Received: "
                f"{', '.join(unknown)}. Choose from that list."
            )
        every = (*fields(self), *fields(EpisodeConfig))
        optional = {item.name for item in every if "None" in str(item.type)}
        for name, value in changes.items():
            now = getattr(self if name in own else self.episodes, name)
            kinds = (int, float) if isinstance(now, float) else type(now)
            fits = name in optional if value is None else now is None or isinstance(value, kinds)
            if not fits:
                raise ValueError(
                    f"`{name}` must be like {now!r}. Received: {value!r}. Give a value of that "
                    "kind."
                )
        episodes = {name: value for name, value in changes.items() if name in training}
        rest = {name: value for name, value in changes.items() if name in own}
        return replace(self, episodes=replace(self.episodes, **episodes), **rest)

    def described(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return asdict(self)


# Four drawers of 20 characters per step, every two compared, and Muon for the convolutions: what
# the ablations by held-out background alphabets (ablation_list.py) showed to pay.
_EPISODES = EpisodeConfig(
    n_shot=3, compare="drawers", episodes_per_step=1, ema_momentum=0.998, optimizer="muon"
)
# And episodes stretched, sheared and turned as a whole, which make more characters.
_STRETCHED = replace(
    _EPISODES, episode_distortions=AffineRanges(15.0, 0.4, (0.7, 1.3), 0.0, probability=0.7)
)
RECIPES = {
    recipe.name: recipe
    for recipe in (
        # No fully-connected layer: the last convolution's features are the embedding.
        Recipe(
            "small",
            size=35,
            encoder={"filters": [32, 64, 128, 256], "num_pools": 4, "units": None},
            episodes=replace(_STRETCHED, steps=5000),
            mirrored=True,
        ),
        Recipe(
            "large",
            size=53,
            encoder={"filters": [32, 64, 128, 256, 256], "num_pools": 4, "units": 1024},
            episodes=replace(_EPISODES, steps=7000),
            mirrored=True,
        ),
        Recipe(
            "features",
            size=53,
            encoder={"filters": [32, 64, 128, 256, 256], "num_pools": 4, "units": None},
            episodes=replace(_STRETCHED, steps=14000),
            mirrored=True,
        ),
    )
}
