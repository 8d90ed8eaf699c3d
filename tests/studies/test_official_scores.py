"""The count of networks that were scored on the official runs, from a made-up history and ours."""

import json

import pytest

from reproduce import provenance
from reproduce.results import ROOT, parse
from studies import official_scores
from tests.git_commands import git


def paper(loss, *, official=0.75, name="table-35-30k", seed=0, data="omniglot", **changes):
    """Return a result of the paper's tables."""
    return {
        "protocol": "verification", "cell": "30k", "value": 0.9, "seed": seed,
        "other_results": [
            {"protocol": "official", "cell": "nearest neighbour", "value": 0.2},
            {"protocol": "official", "cell": "reduced", "value": official},
        ],
        "config": {"name": name, "data": data},
        "training": {"history": {"loss": loss, "seconds": [1.0]}},
        **changes,
    }  # fmt: skip


def beyond(loss, *, official=0.98, steps=10, **recipe):
    """Return a result of the networks beyond the paper."""
    return {
        "recipe": {"name": "small", "episodes": {"steps": steps}, **recipe},
        "seed": 0,
        "scores": [
            {"protocol": "official", "cell": "20-way, not mirrored", "value": 0.5},
            {"protocol": "official", "cell": "beyond", "value": official},
        ],
        "training": {"history": {"loss": loss}},
    }


def names(results):
    found = official_scores.count((str(place), result) for place, result in enumerate(results))
    return [(one["name"], one["seed"], one["official"]) for one in found.values()]


def test_a_network_counts_once_in_all_its_versions_and_copies():
    renamed = paper([1.0, 0.5], name="batch128", role="table")
    assert names([paper([1.0, 0.5]), renamed]) == [("table-35-30k", 0, [0.75])]


def test_a_network_scored_again_keeps_both_scores():
    assert names([paper([1.0]), paper([1.0], official=0.8)]) == [("table-35-30k", 0, [0.75, 0.8])]


def test_another_training_of_the_same_name_and_seed_is_another_network():
    assert len(names([paper([1.0]), paper([2.0])])) == 2


def test_the_score_beyond_the_paper_is_the_one_that_ships_and_its_name_tells_the_training():
    found = names([beyond([1.0]), beyond([2.0], steps=20, background="small1")])
    assert found == [("small, 10 steps", 0, [0.98]), ("small, 20 steps, small1", 0, [0.98])]


def test_the_networks_that_explain_tying_count_one_by_one():
    run = {"seed": 0, "loss": 0.5, "accuracy": 0.6}
    first, second = (
        {"benefit": {"runs": {"tied": [{**run, "loss": loss}, {**run, "seed": 1}]}}}
        for loss in (0.5, 0.7)
    )
    path = f"anywhere/{official_scores.TIED.name}"
    found = official_scores.count([(path, first), (path, second), (path, first)]).values()
    assert [(one["name"], one["seed"], one["kind"]) for one in found] == [
        ("tied weights: tied", 0, "tied"),
        ("tied weights: tied", 0, "tied"),
        ("tied weights: tied", 1, "tied"),
    ]


@pytest.mark.parametrize(
    "other",
    [
        [],
        {"networks": []},
        paper([1.0], data="glyphs"),
        {**paper([1.0]), "other_results": [], "protocol": "validation"},
        {**paper([1.0]), "training": None},
        {**paper([1.0]), "other_results": paper([1.0])["other_results"][:1]},
    ],
    ids=["a list", "a record", "glyphs", "validation", "no training", "nearest neighbour"],
)
def test_other_files_are_no_networks(other):
    assert names([other]) == []


@pytest.fixture
def repository(tmp_path):
    """A repository in which a result was committed, moved with changes, and deleted."""

    def commit(name, result):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(result if isinstance(result, str) else json.dumps(result))
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-qm", name)

    git(tmp_path, "init", "-q")
    commit("old/one.json", paper([1.0]))
    (tmp_path / "old" / "one.json").unlink()
    commit("new/one.json", paper([1.0], role="table"))
    commit("gone.json", beyond([3.0]))
    commit("broken.json", "{")
    git(tmp_path, "rm", "-q", "gone.json")
    git(tmp_path, "commit", "-qm", "gone")
    return tmp_path


def test_the_history_is_read_with_what_was_deleted(repository):
    found = official_scores.count(official_scores.committed_results(repository))
    assert [(one["kind"], one["name"], sorted(one["files"])) for one in found.values()] == [
        ("beyond", "small, 10 steps", ["gone.json"]),
        ("paper", "table-35-30k", ["new/one.json", "old/one.json"]),
    ]


def test_a_folder_without_history_is_refused(tmp_path):
    with pytest.raises(OSError, match="must be a git repository with its history"):
        list(official_scores.committed_results(tmp_path / "nowhere"))


def test_every_result_file_is_in_the_record():
    files = official_scores.result_files()
    assert {path.parts[-3] for path in files} >= {"reproduce", "studies"}
    now = official_scores.count((path.name, parse(path)) for path in files)
    kept = {(one["name"], one["seed"]): one for one in official_scores.load() if one["kept"]}
    for one in now.values():
        assert set(one["official"]) <= set(kept[one["name"], one["seed"]]["official"])
    assert len(kept) == len(now)


def test_the_record_is_what_history_and_files_give():
    try:
        shallow = provenance.git(ROOT, "rev-parse", "--is-shallow-repository").strip() != b"false"
    except OSError:
        pytest.skip("this is no git repository")
    if shallow:
        pytest.skip("the whole history is not there")
    found, recorded = (
        sorted((network["name"], network["seed"], network["kept"]) for network in networks)
        for networks in (official_scores.record(), official_scores.load())
    )
    assert found == recorded
