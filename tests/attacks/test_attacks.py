"""Each attack, for seconds, from fixed seeds; `make soak` takes others."""

import os
from importlib.util import find_spec

import pytest

from tests.attacks import damage, rounds

pytestmark = [
    pytest.mark.keras3,
    pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the attacks need a Unix system"),
    # A damaged image may hold anything, and a `.keras` file need not say how images are read.
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", ["images", "bundles", "archives", "calls", "command"])
def test_damage_is_refused_in_words_or_answered_rightly(name, seed):
    assert sum(rounds.run(name, seed).values()) > 5


def test_a_served_network_answers_or_refuses_and_keeps_its_memory():
    done = rounds.run("served", 0, count=300)
    assert done["requests"] == 300 and 10 < done["requests refused"] < 290


@pytest.mark.slow
@pytest.mark.skipif(not find_spec("gradio"), reason="needs Gradio")
def test_browsers_at_once_are_answered_and_leave_nothing():
    assert rounds.run("clients", 0, count=4, visits=3)["requests of clients"] == 12


@pytest.mark.slow
def test_a_training_that_is_killed_ends_with_the_weights_of_one_left_alone():
    assert rounds.run("kills", 0, kills=6)["kills"] >= 4


def test_a_file_written_outside_is_seen(monkeypatch):
    monkeypatch.setitem(
        rounds.ATTACKS, "calls", lambda rng, folder: (folder.parent / "out").touch()
    )
    with pytest.raises(AssertionError, match="outside"):
        rounds.run("calls", 0)


def test_an_error_that_does_not_name_the_file_is_seen(tmp_path):
    damage.refused_by(ValueError("'a.zip' is damaged"), tmp_path / "a.zip")
    for error in (ValueError("damaged"), OSError(22, "a.zip"), KeyError("a.zip")):
        if not isinstance(error, OSError):
            with pytest.raises(AssertionError):
                damage.refused_by(error, tmp_path / "a.zip")
