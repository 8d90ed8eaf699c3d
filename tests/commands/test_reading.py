"""How images are read: `--polarity`, `--paper`, their old name, and the files of `--save-read`."""

import numpy as np
import pytest
import typer
from PIL import Image

from keras_siamese import cli
from keras_siamese.commands import reading
from keras_siamese.data import Preprocessing, make_glyphs
from keras_siamese.data.images.image_files import COLORS
from keras_siamese.data.images.image_formats import DEFAULT_MAX_PIXELS, allowed_pixels
from keras_siamese.data.images.paper_levels import POLARITIES
from keras_siamese.data.images.preprocessing import PAPERS
from keras_siamese.deprecated import INKS
from keras_siamese.evaluation.class_scores import SHOTS
from keras_siamese.evaluation.protocol_scores import METRICS
from keras_siamese.recipes.methods import METHODS
from tests.commands.drawings import SIDE, save, strokes


def seen(path):
    with Image.open(path) as image:
        assert (image.format, image.mode) == ("PNG", "L")
        return np.asarray(image)


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def drawing():
    return strokes(1, 4, level=150)


def test_verify_writes_both_images_as_the_network_sees_them(run, tmp_path, drawing):
    left, right = save(tmp_path / "x" / "a.png", drawing), save(tmp_path / "b.png", 255 - drawing)
    run("verify", left, right, "--save-read", tmp_path / "seen")
    assert names(tmp_path / "seen") == ["b.png", "x/a.png"]
    for name in names(tmp_path / "seen"):
        np.testing.assert_array_equal(seen(tmp_path / "seen" / name), 255 - drawing)


def test_classify_writes_the_known_images_too(run, classes, tmp_path, drawing):
    query = save(tmp_path / "query.png", drawing)
    folder = tmp_path / "seen"
    run("classify", "--support", classes, query, "--save-read", folder)
    assert len(names(folder)) == 25
    assert "things/row0/0.png" in names(folder) and "query.png" in names(folder)


def test_embed_writes_what_it_could_read(run, tmp_path, drawing):
    save(tmp_path / "in" / "a.png", drawing)
    (tmp_path / "in" / "b.png").write_text("no image")
    folder = tmp_path / "seen"
    run("embed", tmp_path / "in", tmp_path / "o.npz", "--skip-unreadable", "--save-read", folder)
    assert names(folder) == ["a.png"]


def test_it_follows_the_polarity_of_the_command_line(run, tmp_path, drawing):
    file = save(tmp_path / "a.png", drawing)
    run("verify", file, file, "--polarity", "light_on_dark", "--save-read", tmp_path / "seen")
    assert names(tmp_path / "seen") == ["a.png"]
    assert np.median(seen(tmp_path / "seen" / "a.png")) == 255


def commands(group=None, name=""):
    """Every command of the command line, by its words."""
    group = group or typer.main.get_command(cli.app)
    for word, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{name}{word} ")
        else:
            yield name + word, {option.name: option for option in command.params}


def test_every_command_that_takes_a_polarity_takes_a_paper_and_hides_ink():
    found = {name: options for name, options in commands() if "polarity" in options}
    reads = {"classify", "verify", "embed", "evaluate", "train", "export"}
    # Younger than the name.
    younger = {"index"}
    assert set(found) == reads | {"data check", "data describe"} | younger
    for name, options in found.items():
        assert not options["polarity"].hidden and not options["paper"].hidden
        assert "ink" not in options if name in younger else options["ink"].hidden
    assert not [name for name, options in commands() if "ink" in options and name not in found]


CHOICES = {
    "polarity": POLARITIES,
    "paper": PAPERS,
    "metric": METRICS,
    "shots": SHOTS,
    "color": COLORS,
    "method": METHODS,
}


def test_the_help_lists_what_an_option_takes():
    seen = set()
    for name, options in commands():
        for option in options.keys() & CHOICES.keys():
            assert options[option].metavar == "|".join(CHOICES[option]), f"{name} --{option}"
            seen.add(option)
    assert seen == set(CHOICES)


@pytest.mark.parametrize("ink", INKS)
def test_ink_still_works_and_is_told_to_be_old(ink, run, tmp_path, drawing):
    file = save(tmp_path / "a.png", drawing)
    now = [word for name, value in INKS[ink].items() for word in (f"--{name}", value)]
    old = run("verify", file, file, "--ink", ink, "--save-read", tmp_path / "old")
    (line,) = [line for line in old.stderr.splitlines() if "old name" in line]
    assert "--ink is an old name" in line and f"Use {' '.join(now)}." in line
    new = run("verify", file, file, *now, "--save-read", tmp_path / "new")
    assert "old name" not in new.stderr and old.stdout == new.stdout
    np.testing.assert_array_equal(
        seen(tmp_path / "old" / "a.png"), seen(tmp_path / "new" / "a.png")
    )


def test_a_paper_is_told_on_the_command_line(run, tmp_path, drawing):
    # The paper's level is 200.
    file = save(tmp_path / "a.png", np.where(drawing == 255, 200, 0).astype(np.uint8))
    for paper, ground in (("level", 0), ("keep", 55)):
        run("verify", file, file, "--paper", paper, "--save-read", tmp_path / paper)
        assert seen(tmp_path / paper / "a.png").min() == ground


def test_a_data_set_is_written_by_class(tmp_path):
    glyphs = make_glyphs(num_alphabets=2, characters_per_alphabet=2, num_drawers=3)
    reading.save_dataset(tmp_path, glyphs)
    assert len(names(tmp_path)) == len(glyphs)
    for image, label, drawer in zip(glyphs.images, glyphs.labels, glyphs.drawer, strict=True):
        np.testing.assert_array_equal(seen(tmp_path / label / f"{drawer}.png"), image[..., 0])


def test_a_label_leads_out_of_no_folder(tmp_path):
    from keras_siamese import load_arrays

    images = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 1), dtype=np.uint8)
    dataset = load_arrays(images, ["../../out", "../../out", "/etc/x", "/etc/x"])
    reading.save_dataset(tmp_path / "seen", dataset)
    assert len(names(tmp_path / "seen")) == 4
    assert names(tmp_path) == [f"seen/{name}" for name in names(tmp_path / "seen")]


def test_files_of_one_name_each_have_their_own(tmp_path, drawing):
    files = [tmp_path / name for name in ("a.png", "a.png.png", "a.bmp", "a.bmp.png")]
    for file in files:
        save(file, drawing)
    reading.save_files(tmp_path / "seen", [*files, files[0]], Preprocessing(SIDE))
    assert len(names(tmp_path / "seen")) == 4


def test_a_colour_image_stays_one(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    file = save(tmp_path / "a.png", pixels)
    reading.save_files(tmp_path / "seen", [file], Preprocessing(8, "rgb"))
    with Image.open(tmp_path / "seen" / "a.png") as image:
        np.testing.assert_array_equal(np.asarray(image), pixels)


@pytest.mark.parametrize("command", ["verify", "classify", "embed", "train"])
def test_a_file_in_the_place_of_the_folder_is_refused(command, run, classes, tmp_path, drawing):
    file = save(tmp_path / "a.png", drawing)
    arguments = {
        "verify": (file, file),
        "classify": (file, "--support", classes),
        "embed": (classes, tmp_path / "o.npz"),
        "train": (classes, tmp_path / "o.keras"),
    }[command]
    assert "--save-read" in run(command, *arguments, "--save-read", file, code=1).stderr
    assert not list(tmp_path.glob("o.*"))


def test_a_command_bounds_its_images_and_leaves_no_trace(run, tmp_path, drawing):
    left, right = save(tmp_path / "a.png", drawing), save(tmp_path / "b.png", drawing)
    run("verify", left, right, "--max-pixels", drawing.size)
    stderr = run("verify", left, right, "--max-pixels", drawing.size - 1, code=1).stderr
    assert f"at most {drawing.size - 1} pixels" in stderr
    assert f"--max-pixels {drawing.size}" in stderr
    for wrong in (0, 64_000_001, "many"):
        run("verify", left, right, "--max-pixels", wrong, code=2)
    assert allowed_pixels() == DEFAULT_MAX_PIXELS


@pytest.mark.parametrize(
    "command",
    ["classify", "verify", "embed", "train", "evaluate", "data check", "data describe", "demo"],
)
def test_every_command_that_reads_images_can_raise_the_bound(command, run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert "--max-pixels" in run(*command.split(), "--help").stdout
