"""`keras-siamese evaluate`: scores on a folder, on glyphs and on Omniglot."""

import csv
import io
from functools import partial

import pytest

from keras_siamese import data
from tests.commands.drawings import save, strokes


def test_classes_that_lie_apart_are_told_apart(answer, classes):
    said = answer("evaluate", classes)
    one_shot, verification = said["one_shot"], said["verification"]
    assert (one_shot["accuracy"], one_shot["n_way"], one_shot["n_shot"]) == (1.0, 6, 1)
    assert one_shot["protocol"] == "across-alphabets"
    assert one_shot["n"] == 67 * 6
    assert 0.98 < one_shot["interval"][0] < 1.0
    assert verification["area_under_curve"] == 1.0
    assert (verification["false_accept_rate"], verification["threshold"]) == (0.0, 0.9)
    # All pairs of 24 images.
    assert verification["num_same"] + verification["num_different"] == 24 * 23 / 2


def test_scores_are_printed_with_their_interval(run, classes):
    lines = run("evaluate", classes, "--n-way", 3, "--threshold", 0).stdout.splitlines()
    assert lines[0] == "omniglot on folder-things"
    assert "across-alphabets, 3-way 1-shot, 402 trials: 100.0 % (" in lines[1]
    assert lines[2] == "verification, 276 pairs: area under the ROC curve 100.0 %"
    assert lines[3].startswith("threshold 0.0000: 100.0 % (")


def test_csv_has_a_row_for_each_score(run, answer, classes):
    rows = {
        row["what"]: row
        for row in csv.DictReader(io.StringIO(run("evaluate", classes, "--csv").stdout))
    }
    said = answer("evaluate", classes)
    accuracy = rows["one-shot accuracy"]
    assert float(accuracy["value"]) == said["one_shot"]["accuracy"]
    assert [float(accuracy[end]) for end in ("low", "high")] == said["one_shot"]["interval"]
    assert float(rows["threshold"]["value"]) == said["verification"]["threshold"]
    assert float(rows["false-reject rate"]["value"]) == said["verification"]["false_reject_rate"]


def test_glyphs_are_others_than_those_of_the_training(answer, monkeypatch):
    seeds = []

    def few(**options):
        seeds.append(options["seed"])
        return make(**options)

    make = partial(data.make_glyphs, num_alphabets=2, characters_per_alphabet=5, num_drawers=3)
    monkeypatch.setattr(data, "make_glyphs", few)
    said = answer("evaluate", "glyphs")
    assert seeds == [1]
    assert said["one_shot"]["n_way"] == 5
    assert said["one_shot"]["protocol"] == "within-alphabet"


def test_omniglot_gives_the_official_runs(answer, monkeypatch, tmp_path):
    glyphs = data.make_glyphs(num_alphabets=1, characters_per_alphabet=4, num_drawers=3, size=8)
    episodes = data.sample_episodes(glyphs, num_episodes=1, n_way=4, seed=0)
    asked = []

    def give(result):
        def load(*arguments, **options):
            asked.append((arguments, options))
            return result

        return load

    monkeypatch.setattr(data, "load_omniglot", give(glyphs))
    monkeypatch.setattr(data, "official_runs", give(episodes))
    assert answer("evaluate", "omniglot", "--data-dir", tmp_path)["one_shot"]["n"] == 4
    options = {"size": (8, 8), "data_dir": tmp_path}
    assert asked == [(("evaluation",), options), ((), options)]
    # Trials of another kind are drawn.
    assert answer("evaluate", "omniglot", "--n-way", 2)["one_shot"]["n"] == 400


def test_one_image_a_class_is_no_data_to_score_on(run, tmp_path):
    for row in range(3):
        save(tmp_path / "one" / str(row) / "a.png", strokes(row))
    stderr = run("evaluate", tmp_path / "one", code=1).stderr
    assert "at least 2 classes with 2 images" in stderr and len(stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing"], "DATA must be omniglot, glyphs or a folder"),
        (["glyphs", "--polarity", "dark_on_light"], "must be for a folder of images"),
        (["glyphs", "--paper", "level"], "must be for a folder of images"),
        (["glyphs", "--data-dir", "."], "--data-dir must be for omniglot"),
    ],
)
def test_requests_that_do_not_fit_are_refused(run, arguments, said):
    stderr = run("evaluate", *arguments, code=1).stderr
    assert said in stderr and len(stderr.splitlines()) == 1


def test_too_many_classes_in_a_trial_are_refused(run, classes):
    stderr = run("evaluate", classes, "--n-way", 7, code=1).stderr
    assert "--n-way must be at most 6" in stderr and "`n_way`" not in stderr


@pytest.mark.data
def test_the_official_runs_are_scored(answer, data_dir):
    said = answer("evaluate", "omniglot")["one_shot"]
    assert (said["n"], said["protocol"], said["n_way"]) == (400, "official", 20)
    # Pixels of 8x8 do better than chance, which is 5 %, and far from well.
    assert 0.1 < said["accuracy"] < 0.6


@pytest.fixture
def pairs_file(tmp_path):
    """Two equal drawings and a third, as pairs."""
    for name, rows in (("a", (1,)), ("b", (1,)), ("c", (5, 6))):
        save(tmp_path / f"{name}.png", strokes(*rows))
    table = tmp_path / "pairs.csv"
    table.write_text("left,right,same\na.png,b.png,1\na.png,c.png,0\ngone.png,c.png,0\n")
    return table


def test_own_pairs_are_scored(run, answer, pairs_file):
    result = run("evaluate", "--pairs", pairs_file, code=1)
    assert "line 4 has an image that cannot be read" in result.stderr
    options = ("evaluate", "--pairs", pairs_file, "--skip-unreadable", "--threshold", 0.5)
    said = answer(*options)
    assert (said["n"], said["precision"], said["recall"], said["f1"]) == (2, 1, 1, 1)
    assert said["confusion_matrix"] == [[1, 0], [0, 1]]
    lines = run(*options).stdout.splitlines()
    assert lines[1] == "PairScores of 2 pairs at threshold 0.5000"
    rows = dict(csv.reader(io.StringIO(run(*options, "--csv").stdout)))
    assert (rows["what"], rows["threshold"], rows["true_accepts"]) == ("value", "0.5", "1")


def test_own_pairs_exclude_a_data_set_and_its_options(run, pairs_file):
    assert "neither" in run("evaluate", code=1).stderr
    assert "both" in run("evaluate", "glyphs", "--pairs", pairs_file, code=1).stderr
    for option in (("--n-way", 3), ("--labels", "names")):
        assert option[0] in run("evaluate", "--pairs", pairs_file, *option, code=1).stderr


@pytest.mark.parametrize("option", [("--n-way", 1), ("--n-shot", 0)])
def test_a_wrong_number_is_refused_before_anything_is_loaded(run, monkeypatch, option):
    monkeypatch.setattr("keras_siamese.commands.networks.load", lambda *_: pytest.fail("loaded"))
    assert option[0] in run("evaluate", "glyphs", *option, code=2).stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing"],
        ["glyphs", "--data-dir", "."],
        ["glyphs", "--labels", "names"],
        ["omniglot", "--skip-unreadable"],
        ["glyphs", "--far", "7"],
        ["glyphs", "--n-way", "21"],
        ["omniglot", "--n-way", "48"],
    ],
)
def test_what_does_not_fit_is_refused_before_the_network_is_loaded(run, monkeypatch, arguments):
    monkeypatch.setattr("keras_siamese.recognizer.Recognizer.from_preset", pytest.fail)
    named = arguments[1] if len(arguments) > 1 else "DATA"
    assert named in run("evaluate", *arguments, code=1).stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--n-way", 7), "--n-way must be at most 6, the number of classes with 2 images or more"),
        (("--n-way", 2, "--n-shot", 4), "must have at least 2 classes with 5 images or more"),
        (("--labels", "names", "--n-way", 5), "images in"),
        (("--labels", "names", "--label-pattern", "(a"), "--label-pattern must be a regular expre"),
        (("--labels", "names", "--label-pattern", "a"), "--label-pattern must have one group"),
        (("--label-pattern", "(a)"), "--label-pattern is for labels='names'"),
        (("--labels", "no.csv"), "--labels must be 'folders', 'names' or a CSV file"),
    ],
)
def test_what_a_folder_cannot_give_is_refused_before_the_network_is_loaded(
    run, monkeypatch, classes, options, said
):
    monkeypatch.setattr("keras_siamese.recognizer.Recognizer.from_preset", pytest.fail)
    stderr = run("evaluate", classes, *options, code=1).stderr
    assert said in stderr and len(stderr.splitlines()) == 1
