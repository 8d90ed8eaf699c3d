"""The generated parts of the pages come from the results, and differences are reported."""

import json
import shutil
import subprocess

import pytest

from keras_siamese import pretrained_names
from keras_siamese.evaluation import wilson_interval
from reproduce.paper.presets import PRESETS
from reproduce.report import search_tables
from reproduce.results import load_results
from studies.metric_learning import metric_tables
from website import __main__ as report
from website import page_numbers as numbers
from website import pages
from website.pages import Renewer

NAMES = [path.relative_to(pages.ROOT).as_posix() for path in pages.PAGES]


@pytest.fixture
def committed_results(monkeypatch, tmp_path):
    """Show the report the results that git knows, not those of runs made since."""
    listed = subprocess.run(
        ["git", "ls-files", "reproduce/results", "studies/results"],
        cwd=report.ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in listed.stdout.split():
        path = report.ROOT / name
        if path.suffix == ".json":
            copy = tmp_path.joinpath(*path.relative_to(report.ROOT).parts[2:])
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(path.read_text())
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    for module in (metric_tables, search_tables):
        monkeypatch.setattr(module, "FOLDER", tmp_path / module.FOLDER.name)


@pytest.fixture
def one_number(monkeypatch):
    """A result with a single number, 0.9825."""
    monkeypatch.setattr(pages, "NUMBERS", {"ours": lambda results: {"official": 0.9825}})


def problems(text, page="docs/x.md", **settings):
    renewer = Renewer([], **settings)
    renewer.renewed(page, text)
    return [str(problem) for problem in renewer.problems]


def test_no_table_and_no_number_of_a_page_is_stale(committed_results, capsys):
    code = report.main(["--check", "--only", "table", "number"])
    assert code == 0, capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.keras3
@pytest.mark.skipif(not pretrained_names(), reason="no weights ship with this commit")
def test_the_commands_print_what_the_pages_say(capsys):
    assert report.main(["--check", "--only", "transcript"]) == 0, capsys.readouterr().out


def test_a_table_holds_the_figures_of_its_file(tmp_path):
    entry = {
        "table": 1,
        "cell": "30k x8",
        "metric": "verification accuracy",
        "value": 0.875,
        "interval": [0.86, 0.89],
        "n": 10000,
        "protocol": "verification",
        "size": 35,
    }
    config = vars(PRESETS["long"].override(name="any name", num_pairs=30_000))
    result = {"role": "table", **entry, "seed": 7, "config": config, "other_results": []}
    (tmp_path / "one.json").write_text(json.dumps(result))
    renewer = Renewer(load_results(tmp_path))
    page = renewer.renewed(
        "docs/x.md", "before\n\n<!-- table: headline -->\nold\n<!-- end -->\nafter\n"
    )
    assert [str(problem) for problem in renewer.problems] == [
        "docs/x.md:3: the table headline is not what the results say"
    ]
    assert "old" not in page
    assert page.startswith("before\n")
    assert page.endswith("<!-- end -->\nafter\n")
    row = next(line for line in page.splitlines() if "30k x8" in line and "150k" not in line)
    cells = [cell.strip() for cell in row.split("|")[1:-1]]
    low, high = wilson_interval(8750, 10000)
    assert cells == [
        "verification, 30k x8", "91.90%", "**87.50%**", f"{low:.1%} to {high:.1%}",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<!-- table: nonsense -->\n<!-- end -->", "Received: 'nonsense'. Correct the mark"),
        ("Now 5 %<!-- number: nonsense.x -->.", "Received: 'nonsense.x'. Correct the mark"),
        ("Now 5 %<!-- number: ours.x -->.", "'ours.x' must name a number"),
        ("Now **5 %**<!-- number: ours.official -->.", "A number must stand right before the mark"),
        ("Now loop<!-- number: ours.official -->.", "must be a number. Received: 'loop'"),
        ("Now 5 %<!-- nombre: ours.official -->.", "is no mark"),
        ("<!-- table headline -->\n<!-- end -->", "is no mark"),
        ("Text.\n<!-- end -->", "is no mark"),
        ("<!-- transcript: x -->\n```\n$ x\n```\n<!-- end -->", "must say 'within 0.01'"),
        ("```console\n$ keras-siamese one\n```", "no transcript mark stands before"),
    ],
)
def test_a_mark_that_cannot_be_made_is_told(text, told, one_number):
    problem, *_ = [line for line in problems(text) if told in line]
    assert problem.startswith("docs/x.md:")


def test_comments_in_code_are_no_marks():
    assert problems("```html\n<!-- end -->\n```\nand `<!-- table: x -->`") == []


def test_a_changed_number_is_told_with_page_sentence_expected_and_found(one_number):
    text = "One.\n\nOf all scripts it reaches\n98.2 %<!-- number: ours.official --> now.\n"
    assert problems(text) == []
    (problem,) = problems(text.replace("98.2 ", "98.4 "))
    assert problem == (
        "docs/x.md:4: 'Of all scripts it reaches 98.4 % now.' says 98.4 %; ours.official is 98.2 %"
    )
    renewer = Renewer([])
    assert renewer.renewed("docs/x.md", text.replace("98.2 ", "98.4 ")) == text


def test_a_changed_result_is_told(monkeypatch):
    text = "It reaches 98.25 %<!-- number: ours.official --> now.\n"
    monkeypatch.setattr(pages, "NUMBERS", {"ours": lambda results: {"official": 0.97}})
    (problem,) = problems(text)
    assert "says 98.25 %; ours.official is 97.00 %" in problem


def test_a_number_that_agrees_is_counted_once_per_run(monkeypatch):
    made = []
    monkeypatch.setattr(pages, "NUMBERS", {"ours": lambda results: made.append(1) or {"a": 1}})
    assert problems("1<!-- number: ours.a --> and one<!-- number: ours.a -->") == []
    assert made == [1]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("They are 74 % right.", "74 %"),
        ("They are 74.5 right.", "74.5"),
        ("They are 3 points behind.", "3"),
        ("They are 74 % right<!-- typed: a guess -->.", "74 %"),
        ("They are 74 %<!-- typed: a guess --> right.", None),
        ("4.3, 5.2 and\n4.0 %<!-- typed: Lake --> of it", None),
        ("<!-- typed: lost -->\n\n74 % of 12.5\n\n<!-- end -->", None),
        ("With Python 3.10 to 3.13, a 95 % interval and `0.5`", None),
        ("Keras 3.15.1 and later, NumPy 2.4, at <http://127.0.0.1:7860/>", None),
        ("It is 3.15 times as fast.", "3.15"),
        ("It has 74 trials.", None),
    ],
)
@pytest.mark.parametrize(
    "page", ["README.md", "docs/speed.md", "reproduce/NOTES.md", "studies/NOTES.md"]
)
def test_a_typed_number_is_told_on_every_page(line, told, page):
    found = problems(line, page=page)
    assert [problem.rpartition(": ")[2].split(" has no")[0] for problem in found] == (
        [told] if told else []
    )


def test_larger_counts_are_told_where_a_script_gives_all_numbers():
    found = problems("They are 0.32 apart, 74 % right, of 360 trials.", "docs/tied-weights.md")
    assert [problem.rpartition(": ")[2].split(" has no")[0] for problem in found] == [
        "0.32",
        "74 %",
        "360",
    ]


@pytest.mark.parametrize(("printed", "stale"), [("0.26", False), ("0.27", True), ("1", True)])
def test_a_transcript_that_prints_something_else_is_told(printed, stale):
    text = "<!-- transcript: within 0.01 -->\n```console\n$ one\n0.25\n```\n<!-- end -->\n"
    renewer = Renewer([], run=lambda command: f"{printed}\n")
    new = renewer.renewed("docs/x.md", text)
    assert [str(problem) for problem in renewer.problems] == (
        [f"docs/x.md:1: commands print something else: '{printed}' instead of '0.25'"]
        if stale
        else []
    )
    # What is near enough stays, so that a renewal on another machine changes nothing.
    assert new == (text.replace("0.25", printed) if stale else text)


def test_a_failing_command_is_told_and_leaves_the_page():
    text = "<!-- transcript: within 0.01 -->\n```console\n$ one\n0.25\n```\n<!-- end -->\n"

    def run(command):
        raise ValueError(f"{command!r} gave code 1")

    renewer = Renewer([], run=run)
    assert renewer.renewed("docs/x.md", text) == text
    assert "'one' gave code 1" in str(renewer.problems[0])


@pytest.fixture
def pages_elsewhere(monkeypatch, tmp_path):
    """A copy of a page and of the drawing, for a command that may write."""
    for path in (pages.ROOT / "README.md", report.DRAWN, report.SHOWN):
        copy = tmp_path / path.relative_to(pages.ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    for name in ("DRAWN", "SHOWN"):
        monkeypatch.setattr(report, name, tmp_path / getattr(report, name).relative_to(report.ROOT))
    monkeypatch.setattr(report, "ROOT", tmp_path)
    monkeypatch.setattr(report, "PAGES", (tmp_path / "README.md",))
    return tmp_path


def test_the_command_tells_with_check_and_mends_without(pages_elsewhere, capsys):
    page, kinds = pages_elsewhere / "README.md", ["--only", "table", "number"]
    right = page.read_text()
    assert "98.25 %<!--" in right
    page.write_text(right.replace("98.25 %<!--", "98.75 %<!--"))
    report.SHOWN.write_text("old")
    assert report.main(["--check", *kinds]) == 1
    told = capsys.readouterr().out
    assert "README.md:" in told and "98.75 %" in told and "98.25 %" in told
    assert "it is no copy of tied_weights.svg" in told
    assert page.read_text() != right
    assert report.main(kinds) == 0
    assert page.read_text() == right
    assert report.SHOWN.read_bytes() == report.DRAWN.read_bytes()
    assert report.main(["--check", *kinds]) == 0


def test_every_page_is_covered():
    assert {"README.md", "docs/reproduction.md", "reproduce/NOTES.md", "studies/NOTES.md"} <= set(
        NAMES
    )
    assert set(pages.CHECKED) == set(NAMES)


@pytest.mark.parametrize("name", sorted(numbers.NUMBERS))
def test_every_group_of_numbers_is_used(name):
    assert any(f"number: {name}." in path.read_text("utf-8") for path in pages.PAGES)
