"""The command with options, names and files of all kinds: an exit code and words, no traceback."""

import logging
import os
from collections import Counter
from contextlib import contextmanager
from functools import cache
from unittest import mock

import typer
from PIL import Image
from typer.testing import CliRunner

from keras_siamese import cli
from keras_siamese.data.datasets.archives import DATA_VARIABLE
from keras_siamese.data.images.image_formats import DEFAULT_MAX_PIXELS, set_max_pixels
from tests.attacks import bundles
from tests.attacks.damage import damaged, damaged_zip
from tests.recognizer.drawings import drawing
from tests.recognizer.saved_files import written

# Those that end and fetch nothing.
COMMANDS = (
    ("classify",), ("verify",), ("embed",), ("evaluate",), ("export",), ("pretrained",),
    ("data", "check"), ("data", "describe"), ("train",),
)  # fmt: skip
# What a person would type, in the folder of `material`; half of all lines change one of these.
SOUND = (
    ("classify", "bad.png", "classes/row1", "--support", "classes"),
    ("classify", "classes", "--support", "classes", "--json"),
    ("verify", "classes/row0/0.png", "classes/row0/1.png"),
    ("verify", "classes/row0/0.png", "classes/row1/1.png", "--json"),
    ("embed", "classes", "out.npz"),
    ("embed", "classes", "out.csv", "--overwrite"),
    ("evaluate", "classes", "--n-way", "2"),
    ("evaluate", "--pairs", "pairs.csv", "--csv"),
    ("evaluate", "--pairs", "bad.csv"),
    ("export", "good.zip", "served"),
    ("data", "check", "classes"),
    ("data", "describe", "classes"),
    ("train", "classes", "trained.zip", "--validation", "0"),
)  # fmt: skip
TEXTS = (
    "", " ", "-", "--", "-1", "0", "1", "2", "7", "0.5", "nan", "inf", "1e400", "x", "é\u202e", "*",
    "a\nb", "classes/../up.zip", "glyphs", "dark", "redraw", "mean", "names", "^(", "^([a-z]+)",
    "all", "9" * 30, "x" * 300, "[1]", "None",
)  # fmt: skip


@cache
def options():
    """Options and number of arguments of each command."""
    root, found = typer.main.get_command(cli.app), {}
    for names in COMMANDS:
        command = root
        for name in names:
            command = command.commands[name]
        flags = [(param.opts[-1], getattr(param, "is_flag", False)) for param in command.params
                 if param.param_type_name == "option"]  # fmt: skip
        count = sum(param.param_type_name == "argument" for param in command.params)
        found[names] = (flags, count)
    return found


@contextmanager
def inside(folder):
    """Work in a folder, with no data at hand and none fetched."""
    here = os.getcwd()
    os.chdir(folder)
    try:
        # In this process, libraries may log to the stderr of an earlier line, which is closed.
        with (
            mock.patch.object(logging, "raiseExceptions", False),
            mock.patch.dict(os.environ, {DATA_VARIABLE: str(folder / "nodata")}),
        ):
            yield
    finally:
        os.chdir(here)
        # A line that ends while it is parsed never resets its --max-pixels.
        set_max_pixels(DEFAULT_MAX_PIXELS)


def material(rng, folder):
    """Write images, a table, model files, whole and damaged, links and a pipe; return all names."""
    for row in range(3):
        for number in range(3):
            path = folder / "classes" / f"row{row}" / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(drawing(row, level=20 * number)).save(path)
    whole = (folder / "classes" / "row0" / "0.png").read_bytes()
    (folder / "bad.png").write_bytes(damaged(whole, rng))
    (folder / "empty").mkdir()
    (folder / "dead.png").symlink_to(folder / "nowhere.png")
    os.mkfifo(folder / "pipe.png")
    table = "left,right,same\nclasses/row0/0.png,classes/row0/1.png,1\n"
    table += "classes/row0/0.png,classes/row1/1.png,0\n"
    (folder / "pairs.csv").write_text(table)
    (folder / "bad.csv").write_bytes(damaged(table.encode(), rng))
    kinds = bundles.originals()
    written(folder / "good.zip", kinds["Recognizer"])
    written(folder / "good.keras", kinds["network"])
    damaged_zip(folder / "bad.zip", kinds[str(rng.choice(["Recognizer", "Verifier"]))], rng)
    names = [str(path.relative_to(folder)) for path in folder.rglob("*")]
    return sorted(names), ["good.zip", "good.zip", "good.zip", "good.keras", "bad.zip"]


def line(rng, names, models):
    """Return a command line."""
    if rng.random() < 0.5:
        words = list(SOUND[int(rng.integers(len(SOUND)))])
        command = tuple(words[: 2 if words[0] == "data" else 1])
        flags, _ = options()[command]
        if rng.random() < 0.5:
            words[int(rng.integers(len(command), len(words)))] = str(rng.choice([*names, *TEXTS]))
    else:
        command = COMMANDS[int(rng.integers(len(COMMANDS)))]
        flags, count = options()[command]
        words = list(command)
        for _ in range(max(0, count + int(rng.integers(-1, 2)))):
            words.append(str(rng.choice(names if rng.random() < 0.8 else TEXTS)))
    if any(flag == "--model" for flag, _ in flags):
        words += ["--model", str(rng.choice(models))]
    if "train" in command:
        words += ["--steps", "2", "--width", "1", "--size", "8"]
    for _ in range(int(rng.integers(0, 3))):
        flag, alone = flags[int(rng.integers(len(flags)))]
        if flag in ("--help", "--download") or (flag == "--steps" and "train" in command):
            continue
        value = str(rng.choice(names if rng.random() < 0.3 else TEXTS))
        words += [flag] if alone else [flag, value]
    return ["nodata" if word == "omniglot" else word for word in words]


def attack(rng, folder, count=12):
    """Run command lines in a folder of files, in this process.

    Returns:
        How many were run, by exit code.
    """
    done = Counter()
    (folder / "nodata").mkdir()
    names, models = material(rng, folder)
    with inside(folder):
        for _ in range(count):
            words = line(rng, names, models)
            result = CliRunner().invoke(cli.app, words)
            told = f"keras-siamese {words}: exit {result.exit_code}\n{result.output[-1500:]}"
            if not isinstance(result.exception, SystemExit | None):
                raise AssertionError(told) from result.exception
            assert result.exit_code in (0, 1, 2), told
            assert "Traceback" not in result.output, told
            assert "nan" not in result.stdout.lower().split(), told
            if result.exit_code == 1:
                # `data check` tells its findings as a result.
                told_in = result.stderr or (result.stdout if "check" in words else "")
                assert told_in, told
                last = told_in.splitlines()[-1]
                assert not result.stderr or last.startswith("keras-siamese: ") and len(last) > 20, (
                    told
                )
            done["commands"] += 1
            done[f"commands that ended with {result.exit_code}"] += 1
    return done
