"""`keras-siamese export`: what is handed to the library, and what is refused."""

import pytest

from keras_siamese import serving
from keras_siamese.models.network_files import save_network


@pytest.fixture
def exported(monkeypatch):
    """Takes the place of the exports, which take seconds; lists what they were given."""
    calls = []

    def record(name):
        def export(model, path, **options):
            calls.append((name, model, path, options))
            return path / "1" if name == "export" else path

        monkeypatch.setattr(serving, name, export)

    for name in ("export", "export_onnx", "export_litert"):
        record(name)
    return calls


def test_the_network_is_handed_to_the_export(run, answer, exported, pixel_network, tmp_path):
    assert run("export", "omniglot", tmp_path / "served").stdout == f"wrote {tmp_path}/served/1\n"
    ((name, model, path, options),) = exported
    assert (name, path) == ("export", tmp_path / "served") and model is pixel_network
    assert options["overwrite"] is False and "version" not in options
    said = answer(
        *("export", "omniglot", tmp_path / "served", "--version", 3, "--overwrite"),
        *("--polarity", "light_on_dark", "--paper", "keep"),
    )
    assert said == {"model": "omniglot", "format": "saved_model", "written": f"{tmp_path}/served/1"}
    assert options["preprocessing"].polarity == "auto"
    options = exported[1][3]
    assert (options["version"], options["overwrite"]) == (3, True)
    reading = options["preprocessing"]
    assert (reading.polarity, reading.paper) == ("light_on_dark", "keep")
    assert not {"ink", "polarity", "paper"} & options.keys()
    run("export", "omniglot", tmp_path / "served", "--no-read-files")
    assert exported[2][3]["read_files"] is False


def test_the_bounds_of_a_request_are_handed_on(run, exported, tmp_path):
    run("export", "omniglot", tmp_path / "a", "--max-images", 8, "--max-pixels", 1_000_000)
    options = exported[0][3]
    assert (options["max_images"], options["max_pixels"]) == (8, 1_000_000)
    run("export", "omniglot", tmp_path / "a")
    assert not {"max_images", "max_pixels"} & exported[1][3].keys()


@pytest.mark.parametrize("option", ["--max-images", "--max-pixels"])
@pytest.mark.parametrize("value", ["0", "-1", "many", 2**31])
def test_a_bound_out_of_range_is_refused_by_its_option(run, exported, tmp_path, option, value):
    assert option in run("export", "omniglot", tmp_path / "a", option, value, code=2).stderr
    assert not exported


def test_a_bound_of_files_without_files_is_refused(run, exported, tmp_path):
    arguments = ("export", "omniglot", tmp_path / "a", "--no-read-files", "--max-pixels", 1000)
    assert "--max-pixels must be for a model that reads files" in run(*arguments, code=1).stderr
    assert not exported


def test_the_old_spelling_of_a_format_is_told(run, exported, tmp_path):
    old = run("export", "omniglot", tmp_path / "a", "--format", "savedmodel").stderr
    assert "--format savedmodel is an old name" in old and "Use --format saved_model." in old
    assert "old name" not in run("export", "omniglot", tmp_path / "b").stderr
    assert [name for name, *_ in exported] == ["export", "export"]


def test_a_paper_that_only_python_has_is_for_a_model_that_reads_no_files(run, exported, tmp_path):
    redraw = ("export", "omniglot", tmp_path / "a", "--paper", "redraw")
    run(*redraw, "--no-read-files")
    ((*_, options),) = exported
    assert options["preprocessing"].paper == "redraw" and options["read_files"] is False


def test_the_format_chooses_the_export(run, answer, exported, tmp_path):
    run("export", "omniglot", tmp_path / "served", "--format", "saved_model")
    run("export", "omniglot", tmp_path / "a.onnx", "--format", "onnx", "--signature", "embed")
    said = answer("export", "omniglot", tmp_path / "a.tflite", "--format", "litert")
    assert said["format"] == "litert" and said["written"] == f"{tmp_path}/a.tflite"
    assert [name for name, *_ in exported] == ["export", "export_onnx", "export_litert"]
    assert exported[1][3]["signature"] == "embed"
    assert all(options["preprocessing"].paper == "level" for *_, options in exported)


def test_an_unknown_format_is_refused_by_its_list(run, exported, tmp_path):
    stderr = run("export", "omniglot", tmp_path / "x", "--format", "tar", code=1).stderr
    assert "--format must be one of saved_model, onnx, litert" in stderr
    assert not exported and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("file", "file_format"),
    [
        ("a.onnx", "saved_model"),
        ("a.tflite", "onnx"),
        ("a.onnx", "litert"),
        ("a.keras", "onnx"),
        ("a.zip", "litert"),
        ("A.ONNX", "litert"),
    ],
)
def test_an_ending_of_another_format_is_refused(file, file_format, run, exported, tmp_path):
    stderr = run("export", "omniglot", tmp_path / file, "--format", file_format, code=1).stderr
    assert file in stderr and file_format in stderr
    assert not exported and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("option", "value", "file_format"),
    [
        ("--version", "2", "onnx"),
        ("--polarity", "dark_on_light", "litert"),
        ("--paper", "keep", "onnx"),
        ("--signature", "embed", "saved_model"),
        ("--max-images", "8", "onnx"),
        ("--max-pixels", "1000", "litert"),
    ],
)
def test_an_option_of_another_format_is_refused(
    option, value, file_format, run, exported, tmp_path
):
    arguments = ("export", "omniglot", tmp_path / "x", "--format", file_format, option, value)
    assert f"{option} must be for --format" in run(*arguments, code=1).stderr
    assert not exported


def test_a_missing_model_is_refused(run, tmp_path):
    assert "--model must be" in run("export", tmp_path / "no.keras", tmp_path / "x", code=1).stderr


@pytest.mark.slow
def test_a_file_becomes_a_saved_model_once(run, pixel_network, tmp_path):
    save_network(pixel_network, tmp_path / "own.keras")
    arguments = ("export", tmp_path / "own.keras", tmp_path / "served")
    run(*arguments)
    assert (tmp_path / "served" / "1" / "saved_model.pb").is_file()
    assert "exists" in run(*arguments, code=1).stderr
    run(*arguments, "--overwrite", "--no-read-files")
    assert [path.name for path in (tmp_path / "served").iterdir()] == ["1"]


@pytest.mark.slow
@pytest.mark.parametrize(("file", "file_format"), [("a.onnx", "onnx"), ("a.tflite", "litert")])
def test_a_file_becomes_one_of_another_format_once(file, file_format, run, pixel_network, tmp_path):
    save_network(pixel_network, tmp_path / "own.keras")
    arguments = ("export", tmp_path / "own.keras", tmp_path / file, "--format", file_format)
    run(*arguments)
    content = (tmp_path / file).read_bytes()
    assert len(content) > 200
    assert "overwrite" in run(*arguments, code=1).stderr
    run(*arguments, "--overwrite")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([file, "own.keras"])
