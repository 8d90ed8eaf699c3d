"""Whose optimizer and distortions train a run."""

import json
from pathlib import Path

import pytest

from keras_siamese import LayerwiseSGD
from keras_siamese.training import warp_images
from reproduce.paper.optimizer_choice import OWN_TOOLS, choose_tools
from reproduce.paper.paper_network import build_network
from reproduce.paper.presets import QUICK as CONFIG
from tests import forked
from tests.reproduce.tiny import SHORT

ROOT = Path(__file__).parents[3]


def run(tmp_path, *arguments):
    """Run the command in a separate process."""
    command = [str(ROOT / "reproduce" / "run_paper.py"), *arguments]
    command += ["--runs", str(tmp_path / "runs"), "--results", str(tmp_path / "results")]
    return forked.run(command, cwd=tmp_path)


def test_our_own_are_the_default():
    assert choose_tools("own", "own") is OWN_TOOLS
    assert OWN_TOOLS.make_optimizer is LayerwiseSGD
    assert OWN_TOOLS.warp is warp_images
    assert OWN_TOOLS.description == {}


@pytest.mark.parametrize(("choices", "name"), [(("x", "own"), "optimizer"), (("own", "x"), "dist")])
def test_an_unknown_choice_is_an_error(choices, name):
    with pytest.raises(ValueError, match=f"--{name}.* must be one of .*'addons'.. Received: x"):
        choose_tools(*choices)


@pytest.mark.slow
@pytest.mark.keras3
@pytest.mark.parametrize("option", ["--optimizer", "--distortions"])
def test_elsewhere_the_command_answers_in_one_line(tmp_path, option):
    done = run(tmp_path, "--preset", "quick", option, "addons")
    assert done.returncode == 1
    assert "run_paper: keras_siamese.addons needs tensorflow-addons 0.23" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.rglob("*.json"))


@pytest.mark.addons
@pytest.mark.parametrize(
    "chosen", [{}, {"optimizer": "addons", "distortions": "addons"}], ids=["own", "addons"]
)
def test_the_quick_preset_trains_and_says_with_what(tmp_path, chosen):
    options = [part for name, choice in chosen.items() for part in (f"--{name}", choice)]
    options += [part for setting in SHORT for part in ("--set", setting)]
    done = run(tmp_path, "--preset", "quick", *options)
    assert done.returncode == 0, done.stderr
    (path,) = (tmp_path / "results").glob("*.json")
    result = json.loads(path.read_text())
    assert {name: result[name] for name in ("optimizer", "distortions") if name in result} == chosen
    assert result["table"] == 2
    assert result["training"]["finished"]


@pytest.mark.addons
def test_the_printed_rule_has_no_other_optimizer():
    with pytest.raises(ValueError, match="`l2_form`"):
        printed = CONFIG.override(l2_form="printed")
        build_network(printed, make_optimizer=choose_tools("addons", "own").make_optimizer)
