"""Old names and spellings; they work for one more release, and warn.

What has an old name asks this file for it. An argument that goes without a new name, `network` of
`OneShotValidation`, stands with its class. CHANGELOG.md lists the same names.
"""

from __future__ import annotations

import functools
import importlib
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C", bound=type)

# By package: old name, and the package and name that it has now.
NAMES = {
    "keras_siamese": {
        "ConvMuon": "keras_siamese.optimizers.ConvMuon",
        "average_mirrored": "keras_siamese.models.average_mirrored",
        "sample_runs": "keras_siamese.sample_episodes",
        "twin_head": "keras_siamese.models.twin_head",
    },
    "keras_siamese.data": {
        "BlockSampler": "keras_siamese.data.EpisodeSampler",
        "Blocks": "keras_siamese.data.EpisodeBatch",
        "OneShotRuns": "keras_siamese.data.OneShotEpisodes",
        "most_ways": "keras_siamese.data.max_n_way",
        "sample_runs": "keras_siamese.data.sample_episodes",
    },
    "keras_siamese.evaluation": {"score_runs": "keras_siamese.evaluation.score_episodes"},
    "keras_siamese.models": {
        "ConvMuon": "keras_siamese.optimizers.ConvMuon",
        "LayerwiseSGD": "keras_siamese.optimizers.LayerwiseSGD",
    },
}
_OF_EPISODES = {
    "block_distortions": "episode_distortions",
    "blocks": "episodes_per_step",
    "ema": "ema_momentum",
    "keep": "restore_best_weights",
}
# By function or class: old name of an argument, and its new one.
ARGUMENTS = {
    "EpisodeConfig": _OF_EPISODES,
    "EpisodeSampler": {"block_distortions": "episode_distortions"},
    "EpisodeSampler.draw": {"num_blocks": "num_episodes"},
    "OneShotValidation": {"runs": "episodes"},
    "evaluate_one_shot": {"runs": "episodes"},
    "hausdorff_scores": {"runs": "episodes"},
    "nearest_neighbour_scores": {"runs": "episodes"},
    "one_shot_scores": {"runs": "episodes"},
    "sample_episodes": {
        "num_runs": "num_episodes",
        "runs_per_alphabet": "episodes_per_alphabet",
    },
    "score_episodes": {"runs": "episodes"},
    "train": {"validation_runs": "validation_episodes"},
    "train_episodes": {"validation_runs": "validation_episodes"},
}
# By class: old name of an attribute, and its new one.
ATTRIBUTES = {
    "EpisodeConfig": _OF_EPISODES,
    "EpisodeSampler": {"block_distortions": "episode_distortions"},
    "Known": {"references": "support"},
    "OneShotValidation": {"runs": "episodes"},
    "SupportEstimator": {"references_": "support_"},
}
# By old name of an argument or attribute: what its old values are now.
VALUES: dict[str, dict[Any, Any]] = {"keep": {"last": False, "best": True}}
# Each word of `ink`, the old name of `polarity` that said something of `paper`, too.
INKS: dict[str, dict[str, str]] = {
    "dark": {"polarity": "dark_on_light"},
    "bright": {"polarity": "light_on_dark"},
    "auto": {"polarity": "auto"},
    "redraw": {"polarity": "auto", "paper": "redraw"},
}
# Values of any argument `protocol`.
PROTOCOLS = {"across-alphabet": "across-alphabets"}

# Words of `--format` of `keras-siamese export`.
FILE_FORMATS = {"savedmodel": "saved_model"}


def with_old_names(package: str, find: Callable[[str], Any]) -> Callable[[str], Any]:
    """Make a package's `__getattr__` find its old names, too.

    Args:
        package: The package's `__name__`.
        find: Its `__getattr__`.

    Returns:
        A `__getattr__` that warns of an old name and returns what has the new one.
    """
    old_names = NAMES[package]

    def find_any(name: str) -> Any:
        if name not in old_names:
            return find(name)
        warn(f"{package}.{name}", old_names[name])
        home, _, now = old_names[name].rpartition(".")
        return getattr(importlib.import_module(home), now)

    return find_any


def with_old_arguments(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function or an `__init__` take its arguments by their old names, too, with a warning.

    Args:
        function: One that is listed in `ARGUMENTS`.

    Returns:
        The function. It raises a TypeError where an argument comes by both names.
    """
    called = function.__qualname__.removesuffix(".__init__")
    now = ARGUMENTS[called]
    # For a dataclass, `dataclasses.replace` hands on all other fields by their new names.
    of_dataclass = called == "EpisodeConfig"

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        for old in now.keys() & kwargs.keys():
            if now[old] in kwargs and not of_dataclass:
                raise TypeError(
                    f"{called}() got `{now[old]}` and `{old}`, its old name. Leave out `{old}`."
                )
            warn(f"`{old}` of {called}", f"`{now[old]}`")
            kwargs[now[old]] = _present_value(old, kwargs.pop(old))
        return function(*args, **kwargs)

    return call


def with_ink(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function with arguments for how images are read take `ink`, too, with a warning.

    Args:
        function: One with the arguments `polarity` and `paper`.

    Returns:
        The function. It raises a ValueError where `ink` is unknown or comes with a newer name.
    """

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        ink = kwargs.pop("ink", None)
        if ink is not None:
            newer = ("polarity", "paper", "preprocessing")
            words = current_ink(ink, {name: kwargs.get(name) for name in newer})
            told = " and ".join(f'`{name}="{word}"`' for name, word in words.items())
            warn(f"`ink` of {function.__qualname__}", told)
            kwargs.update(words)
        return function(*args, **kwargs)

    return call


def current_ink(ink: Any, newer: Mapping[str, Any]) -> dict[str, str]:
    """Return what a word of `ink` is now; nobody is warned.

    Args:
        ink: The word.
        newer: What was also given by the current names; None is nothing.

    Returns:
        `polarity`, and `paper` where the word says it.

    Raises:
        ValueError: If the word is unknown, or the same was given by a newer name.
    """
    given = [f"{name}={value!r}" for name, value in newer.items() if value is not None]
    if given:
        raise ValueError(
            f"`ink` must not be given with {' or '.join(f'`{name}`' for name in newer)}. Received: "
            f"{' and '.join([f'ink={ink!r}', *given])}. Leave out `ink`, an old name."
        )
    if not isinstance(ink, str) or ink not in INKS:
        raise ValueError(
            f"`ink` must be one of {tuple(INKS)}. Received: {ink!r}. Leave it out, and give "
            "`polarity`."
        )
    return dict(INKS[ink])


def with_old_attributes(cls: C) -> C:
    """Let the attributes of a class be read by their old names, too, with a warning.

    Args:
        cls: A class that is listed in `ATTRIBUTES`.

    Returns:
        The same class.
    """
    for old, now in ATTRIBUTES[cls.__name__].items():
        setattr(cls, old, _old_attribute(old, now))
    if is_dataclass(cls):
        # Its `__init__` is made for it.
        cls.__init__ = with_old_arguments(cls.__init__)  # type: ignore[method-assign]
    return cls


def with_current_names(name: str, state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of an object that an earlier version pickled, by their new names.

    Args:
        name: Its class, listed in `ATTRIBUTES`.
        state: The attributes.

    Returns:
        The same values.
    """
    return {ATTRIBUTES[name].get(key, key): value for key, value in state.items()}


def _old_attribute(old: str, now: str) -> property:
    def read(self: Any) -> Any:
        warn(f"`{old}` of {type(self).__name__}", f"`{now}`")
        value = getattr(self, now)
        old_values = {new: of_old for of_old, new in VALUES.get(old, {}).items()}
        return old_values[value] if old_values else value

    return property(read)


def _present_value(old: str, value: Any) -> Any:
    known = VALUES.get(old, {})
    return known.get(value, value) if isinstance(value, str) else value


def current_protocol(protocol: Any) -> Any:
    """Return a protocol in its present spelling, and warn of the old one.

    Args:
        protocol: What was given.

    Returns:
        The same, or the present spelling.
    """
    if not isinstance(protocol, str) or protocol not in PROTOCOLS:
        return protocol
    warn(f'protocol="{protocol}"', f'"{PROTOCOLS[protocol]}"')
    return PROTOCOLS[protocol]


def current_values(saved: Any) -> Any:
    """Return what a file of an earlier version holds, in the present spelling; nobody is warned.

    Args:
        saved: JSON types, of any depth.

    Returns:
        The same, in which each `protocol` has its present spelling, and each setting of an
        `EpisodeConfig` its present name.
    """
    if isinstance(saved, Mapping):
        of_episodes = ATTRIBUTES["EpisodeConfig"]
        return {
            of_episodes.get(key, key): _current_value(key, value) for key, value in saved.items()
        }
    return [current_values(value) for value in saved] if isinstance(saved, list) else saved


def _current_value(key: Any, value: Any) -> Any:
    if key == "protocol" and isinstance(value, str):
        return PROTOCOLS.get(value, value)
    return current_values(_present_value(key, value))


def is_old(old: str, now: str) -> str:
    """Say that something has another name now.

    Args:
        old: What was used.
        now: What to use instead.

    Returns:
        The sentences.
    """
    return f"{old} is an old name and will go with the next release. Use {now}."


def warn(old: str, now: str) -> None:
    """Warn that something has another name now, at the caller's line outside of this package.

    Args:
        old: What was used.
        now: What to use instead.
    """
    level, frame = 1, sys._getframe()
    while frame.f_back and frame.f_globals.get("__name__", "").split(".")[0] == "keras_siamese":
        level, frame = level + 1, frame.f_back
    warnings.warn(
        is_old(old, now),
        DeprecationWarning,
        stacklevel=level,
    )
