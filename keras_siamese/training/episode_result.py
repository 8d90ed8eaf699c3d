"""Result of a training on blocks."""

from __future__ import annotations

from dataclasses import dataclass

from keras_siamese.training.episode_config import EpisodeConfig
from keras_siamese.training.validation import MONITOR


@dataclass(frozen=True)
class EpisodeResult:
    """Result of a training on blocks.

    Args:
        steps: Steps done.
        finished: Whether all were done; False where a callback stopped the run earlier.
        best_epoch: Epoch of the lowest validation error, from 0; None without validation.
        best_error: That error, a fraction of the validation trials; None without validation.
        history: Logged values per epoch, that is per `validate_every` steps.
    """

    steps: int
    finished: bool
    best_epoch: int | None
    best_error: float | None
    history: dict[str, list[float]]


def episode_result(
    epochs: int, config: EpisodeConfig, history: dict[str, list[float]]
) -> EpisodeResult:
    """Sum up a run.

    Args:
        epochs: Epochs done.
        config: How it was trained.
        history: Logged values per epoch.

    Returns:
        The result.
    """
    errors = history.get(MONITOR)
    return EpisodeResult(
        steps=min(epochs * config.validate_every, config.steps),
        finished=epochs >= config.epochs,
        best_epoch=errors.index(min(errors)) if errors else None,
        best_error=min(errors) if errors else None,
        history=history,
    )
