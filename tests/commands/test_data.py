"""`keras-siamese data`: what it prints about data that are there, missing or damaged."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from keras_siamese import cli, data

runner = CliRunner()


def run(*arguments: object):
    return runner.invoke(cli.app, ["data", *map(str, arguments)])


@pytest.fixture
def image_folder(tmp_path) -> Path:
    """Two classes of two images, a quarter of each image ink on white paper."""
    for name in ("cat", "dog"):
        folder = tmp_path / "[pets]" / name
        folder.mkdir(parents=True)
        for number in range(2):
            pixels = np.full((20, 20), 255, np.uint8)
            pixels[:10, :10] = 0
            Image.fromarray(pixels).save(folder / f"{number}.png")
    return tmp_path / "[pets]"


@pytest.fixture
def glyphs(monkeypatch) -> data.ImageDataset:
    """Fewer glyphs than the command's default, which take seconds to draw."""
    few = partial(data.make_glyphs, num_alphabets=2, characters_per_alphabet=5, num_drawers=3)
    monkeypatch.setattr(data, "make_glyphs", few)
    return few()


@pytest.fixture
def requested(monkeypatch) -> list[tuple[str, dict]]:
    """Stands in for Omniglot's loaders, so that nothing is downloaded; lists what was asked for."""
    calls = []
    glyphs = data.make_glyphs(num_alphabets=1, characters_per_alphabet=4, num_drawers=2)
    episodes = data.sample_episodes(glyphs, num_episodes=1, n_way=4, seed=0)

    def load_omniglot(subset, **options):
        calls.append((subset, options))
        if subset.startswith("small"):
            raise FileNotFoundError("not there")
        return glyphs

    def official_runs(**options):
        calls.append(("runs", options))
        return episodes

    monkeypatch.setattr(data, "load_omniglot", load_omniglot)
    monkeypatch.setattr(data, "official_runs", official_runs)
    return calls


def test_describe_glyphs_as_json(glyphs):
    result = run("describe", "glyphs", "--json")
    assert result.exit_code == 0
    (described,) = json.loads(result.stdout)
    assert described["images"] == len(glyphs) == 30
    assert described["image_shape"] == [35, 35, 1]
    assert described["characters"] == len(glyphs.character_names)
    assert described["drawers"] == 3
    assert described["ink"] == pytest.approx(glyphs.images.mean() / 255, abs=1e-4)
    assert list(described["by_alphabet"]) == list(glyphs.alphabet_names)
    assert sum(row["images"] for row in described["by_alphabet"].values()) == len(glyphs)


def test_describe_glyphs_as_a_table(glyphs):
    result = run("describe", "glyphs", "--size", 28)
    assert result.exit_code == 0
    assert "glyphs, images of 28x28x1" in result.stdout
    assert "glyphs01" in result.stdout


def test_describe_folder(image_folder):
    (described,) = json.loads(run("describe", image_folder, "--size", 40, "--json").stdout)
    assert described["image_shape"] == [40, 40, 1]
    assert (described["images"], described["characters"]) == (4, 2)
    # A quarter of the paper; enlarging blurs the edge.
    assert described["ink"] == pytest.approx(0.25, abs=0.01)


def test_light_ink_on_dark_paper_is_judged_as_the_training_does(image_folder):
    for file in image_folder.rglob("*.png"):
        Image.fromarray(255 - np.asarray(Image.open(file))).save(file)
    (described,) = json.loads(run("describe", image_folder, "--json").stdout)
    assert described["ink"] == pytest.approx(0.25, abs=0.01)
    told_polarity = ("--polarity", "dark_on_light")
    (told,) = json.loads(run("describe", image_folder, *told_polarity, "--json").stdout)
    assert told["ink"] == pytest.approx(0.75, abs=0.01)


def test_one_image_per_class_is_told_to_be_enough_to_classify(image_folder):
    flat = image_folder / "cat"
    for arguments, told in (((), True), (("--labels", "names"), False)):
        said = run("check", flat, *arguments).output
        assert ("`classify --support` can use it unchanged" in said) is told


def test_polarity_and_paper_of_a_folder_can_be_told(image_folder):
    told = ("--polarity", "light_on_dark")
    (described,) = json.loads(run("describe", image_folder, *told, "--json").stdout)
    assert described["image_shape"] == [105, 105, 1]
    assert described["ink"] == pytest.approx(0.75, abs=0.01)


def test_names_with_brackets_are_printed_as_they_are(image_folder):
    assert "folder-[pets]" in run("describe", image_folder).stdout


def test_check_folder(image_folder):
    result = run("check", image_folder)
    assert result.exit_code == 0
    assert result.stdout.startswith("ok ")
    assert "4 images, 1 alphabets, 2 characters" in result.stdout


def test_check_says_what_a_folder_lacks_for_classify_and_train(image_folder):
    said = run("check", image_folder).stdout.splitlines()
    assert len(said) == 2 and said[1].startswith("    missing for train: 4 classes")
    assert said[1].endswith("not 2; --validation 0 trains without a score")
    for file in [*(image_folder / "dog").iterdir(), image_folder / "cat" / "1.png"]:
        file.unlink()
    result = run("check", image_folder)
    assert result.exit_code == 0
    assert [line.split(":")[0] for line in result.stdout.splitlines()[1:]] == [
        "    missing for classify",
        "    missing for train",
    ]
    (status,) = json.loads(run("check", image_folder, "--json").stdout)
    assert len(status["missing"]) == 2 and status["missing"][1].endswith("not 0")


def test_check_names_the_file_that_is_no_image(image_folder):
    (image_folder / "cat" / "0.png").write_text("no image")
    result = run("check", image_folder)
    assert result.exit_code == 1
    assert result.stdout.startswith("BAD ")
    assert "0.png" in result.stdout
    assert len(result.stdout.splitlines()) == 1


def test_check_reports_missing_files_without_a_download(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_SIAMESE_CACHE", str(tmp_path))
    monkeypatch.setattr("keras.utils.get_file", lambda *_, **__: pytest.fail("downloaded"))
    for dataset, missing in (("mnist", 2), ("omniglot", 3)):
        result = run("check", dataset, "--json")
        assert result.exit_code == 1
        assert [part["ok"] for part in json.loads(result.stdout)].count(False) == missing


def test_check_excuses_the_small_sets(requested, tmp_path):
    result = run("check", "omniglot", "--data-dir", tmp_path)
    assert result.exit_code == 0
    assert result.stdout.count("absent, and not needed") == 2
    assert all(options["download"] is False for _, options in requested)
    assert all(options["data_dir"] == tmp_path for _, options in requested)


def test_get_downloads_what_the_paper_needs(requested):
    result = run("get", "omniglot")
    assert result.exit_code == 0, result.output
    assert [name for name, _ in requested] == ["background", "evaluation", "runs"]
    assert all(options["download"] is True for _, options in requested)
    assert "omniglot-official-runs: 1 runs, 4 trials" in result.stdout


def test_get_stops_with_one_line_where_a_download_fails(monkeypatch):
    def offline(*_, **__):
        raise OSError("Download failed")

    monkeypatch.setattr(data, "load_omniglot", offline)
    result = run("get", "omniglot")
    assert (result.exit_code, result.stderr) == (1, "keras-siamese: Download failed\n")


def test_progress_stays_out_of_json(monkeypatch):
    glyphs = data.make_glyphs(num_alphabets=1, characters_per_alphabet=2, num_drawers=2)

    def noisy(**options):
        print("1024/2048 downloading")
        return glyphs

    monkeypatch.setattr(data, "make_glyphs", noisy)
    result = run("check", "glyphs", "--json")
    assert json.loads(result.stdout)[0]["ok"]
    assert "downloading" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["describe", "nope"], "DATASET must be"),
        (["get", "glyphs"], "neither needs a download"),
        (["check", "glyphs", "--data-dir", "."], "--data-dir must be for"),
        (["check", "mnist", "--polarity", "light_on_dark"], "--polarity and --paper must be for"),
        (["describe", "glyphs", "--paper", "keep"], "--polarity and --paper must be for"),
        (["check", "examples/signs", "--paper", "papyrus"], "--paper must be one of"),
        (["describe", "glyphs", "--size", "0"], "size"),
        (["describe", "examples/signs", "--size", "0"], "size"),
        (["describe", "omniglot", "--data-dir", "no folder"], "no folder"),
    ],
)
def test_requests_that_do_not_fit_are_refused(arguments, said):
    result = run(*arguments)
    assert result.exit_code == 1
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.data
def test_check_finds_the_real_archives_complete(data_dir):
    result = run("check", "omniglot", "--data-dir", data_dir)
    assert result.exit_code == 0, result.stdout
    assert "omniglot-background: 19280 images, 30 alphabets, 964 characters" in result.stdout
    assert "omniglot-evaluation: 13180 images, 20 alphabets, 659 characters" in result.stdout
    assert "omniglot-official-runs: 20 runs, 400 trials" in result.stdout


@pytest.mark.data
def test_the_environment_names_the_data(data_dir):
    described = json.loads(run("describe", "mnist", "--json").stdout)
    assert [part["images"] for part in described] == [60000, 10000]
    assert described[0]["image_shape"] == [28, 28, 1]
