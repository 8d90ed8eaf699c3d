"""Where a result comes from: versions, hardware, commit."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from keras_siamese import __version__

PACKAGES = ("tensorflow", "jax", "torch", "keras", "numpy", "scikit-image")


def origin() -> dict[str, Any]:
    """Return hardware, versions and commit, as result files hold them."""
    return {"hardware": hardware(), "versions": versions(), "commit": commit()}


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that matter."""
    installed = {"python": platform.python_version(), "keras_siamese": __version__}
    for name in PACKAGES:
        try:
            installed[name] = version(name)
        except PackageNotFoundError:
            continue
    return installed


def hardware() -> dict[str, object]:
    """Return the processor, the cores that this process may use, and the GPUs of the backend."""
    return {"processor": _processor(), "cores": cores(), "gpus": _gpus()}


def _gpus() -> list[str]:
    import keras

    if keras.backend.backend() == "jax":
        import jax

        return [device.device_kind for device in jax.devices() if device.platform == "gpu"]
    if keras.backend.backend() == "torch":
        import torch

        return [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
    import tensorflow as tf

    return [
        tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name)
        for gpu in tf.config.list_physical_devices("GPU")
    ]


def cores() -> int:
    """Return how many cores this process may use."""
    known = hasattr(os, "sched_getaffinity")
    return len(os.sched_getaffinity(0)) if known else os.cpu_count() or 1


def describe_hardware(hardware: dict[str, Any]) -> str:
    """Return what `hardware` found as words: the GPUs, else the processor, and its cores."""
    cores = hardware["cores"]
    where = ", ".join(hardware["gpus"]) or hardware["processor"]
    return f"{where}, {cores} {'core' if cores == 1 else 'cores'}"


def _processor() -> str:
    """Return the processor's name; Linux tells it only in /proc."""
    try:
        return processor_name(Path("/proc/cpuinfo").read_text())
    except OSError:
        return platform.processor() or platform.machine()


def processor_name(cpuinfo: str) -> str:
    """Read the processor's name in what /proc/cpuinfo says about the first core.

    Family and model follow it where they are known: a virtual machine may say no more than
    the maker's name, of generations that differ by half in their speed.
    """
    pairs = (line.partition(":")[::2] for line in cpuinfo.partition("\n\n")[0].splitlines())
    said = {key.strip(): value.strip() for key, value in pairs}
    name = said.get("model name") or platform.processor() or platform.machine()
    if {"cpu family", "model"} <= set(said):
        name += f" (family {said['cpu family']}, model {said['model']})"
    return name


def commit() -> str | None:
    """Return the commit of the source tree, marked where it holds changes, or None outside git."""
    here = Path(__file__).parent
    try:
        # New results are no change of the code.
        results = (":!/reproduce/results", ":!/studies/results")
        changed = git(here, "status", "--porcelain", "--", ":/", *results).strip()
        return git(here, "rev-parse", "HEAD").decode().strip() + ("+changes" if changed else "")
    except OSError:
        return None


def git(folder: Path, *arguments: str, given: bytes | None = None) -> bytes:
    """Return what a command of git prints.

    Args:
        folder: Where it runs.
        arguments: The command, such as `"rev-parse", "HEAD"`.
        given: What it reads from its standard input.

    Raises:
        OSError: If git is not there, the folder is no repository, or the command fails.
    """
    try:
        return subprocess.run(
            ["git", *arguments], cwd=folder, input=given, capture_output=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise OSError(
            f"{folder} must be a git repository with its history. Received: one that git cannot "
            f"read ({error}). Clone it with git."
        ) from error
