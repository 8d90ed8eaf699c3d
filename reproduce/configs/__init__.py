"""One file per preset; each holds a `CONFIG`."""

import importlib

from reproduce.configs.base import RunConfig

PRESETS = ("quick", "cpu", "cpu105", "paper", "reduced", "longer", "dense")


def load_preset(name: str) -> RunConfig:
    """Return the configuration of a preset.

    Raises:
        ValueError: If there is none of that name.
    """
    if name not in PRESETS:
        raise ValueError(f"--preset must be one of {', '.join(PRESETS)}. Received: {name}")
    return importlib.import_module(f"reproduce.configs.{name}").CONFIG
