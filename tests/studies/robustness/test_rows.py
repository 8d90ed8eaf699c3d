"""Trials of looks and domains: who is compared with whom."""

from dataclasses import replace

import numpy as np
import pytest

from studies.robustness import rows
from studies.robustness.looks import CLEAN, render


@pytest.fixture
def omniglot(glyphs, monkeypatch):
    """Glyphs instead of Omniglot; their first alphabet has official runs."""
    monkeypatch.setattr(rows, "load_omniglot", lambda subset, *, data_dir: glyphs)
    monkeypatch.setattr(rows, "LAKE_ALPHABETS", glyphs.alphabet_names[:1])
    return glyphs


def test_trials_of_a_look_are_of_one_alphabet_and_two_drawers(omniglot):
    row = rows.look_row(CLEAN, "development", trials=60, seed=5)
    trials = row.trials
    assert trials.support.shape == (3, 20, 1) and trials.num_trials == 60
    assert len(row.pictures) == len(np.unique([*trials.support.ravel(), *trials.queries.ravel()]))
    # Pictures are numbered in the order of the data set, which `sample_episodes` draws from.
    drawn = rows.sample_episodes(omniglot, num_episodes=3, n_way=20, n_query=20, seed=5)
    used = np.unique([*drawn.support.ravel(), *drawn.queries.ravel()])
    assert np.array_equal(used[trials.support], drawn.support)
    assert np.array_equal(used[trials.queries], drawn.queries)
    for place in (0, 7):
        index = int(used[place])
        drawing = omniglot.images[index, ..., 0] > 0
        expected = render(drawing, CLEAN, 5 * len(omniglot) + index)
        assert np.array_equal(row.pictures[place], expected)


def test_the_test_part_is_of_alphabets_that_nothing_was_chosen_on(omniglot):
    test = rows.look_row(CLEAN, "test", trials=100)
    assert set(test.trials.groups) == set(omniglot.alphabet_names[:1])
    other = rows.look_row(CLEAN, "development", trials=100)
    assert len(set(other.trials.groups)) > 1


def test_every_look_gets_the_same_trials(omniglot):
    first = rows.look_row(CLEAN, "development", trials=20)
    second = rows.look_row("scan", "development", trials=20)
    for name in ("support", "queries", "answers"):
        assert np.array_equal(getattr(first.trials, name), getattr(second.trials, name))


def test_a_few_trials_are_one_run_with_few_queries(omniglot):
    trials = rows.look_row(CLEAN, "test", trials=3).trials
    assert trials.support.shape == (1, 20, 1) and trials.queries.shape == (1, 3)


def test_trials_of_a_domain_are_of_one_group_and_two_variants(domain):
    row = rows.domain_row(domain, trials=60, seed=2)
    trials = row.trials
    # What the pictures show is read from the pictures themselves.
    place = {picture.tobytes(): at for at, picture in enumerate(domain.pictures)}
    of = [place[picture.tobytes()] for picture in row.pictures]
    assert trials.support.shape == (3, 20, 1)
    for run, query in np.ndindex(trials.queries.shape):
        asked = of[trials.queries[run, query]]
        answer = of[trials.support[run, trials.answers[run, query], 0]]
        assert domain.names[asked] == domain.names[answer]
        assert domain.variants[asked] != domain.variants[answer]
    for run, group in enumerate(trials.groups):
        members = [of[index] for index in trials.support[run, :, 0]]
        assert {domain.groups[index] for index in members} == {group} != {"few"}
        assert len({domain.names[index] for index in members}) == 20
    assert row.data["sources"] == ["some-fonts 1.0 (MIT)"] and not row.in_color


def test_a_domain_with_too_few_classes_is_told(domain):
    with pytest.raises(ValueError, match="group of 20 classes or more.* Received: 'fonts', test"):
        rows.domain_row(replace(domain, groups=domain.names))


def test_rows_are_found_by_name(omniglot, domain, monkeypatch):
    monkeypatch.setattr(rows, "load_domain", lambda name, part: domain)
    assert rows.make_row("scan", "test", trials=3).kind == "look"
    assert rows.make_row("fonts", "test", trials=3).kind == "domain"
