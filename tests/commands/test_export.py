"""`keras-siamese export`: what is handed to the library, and what is refused."""

import pytest

from keras_siamese import serving
from keras_siamese.models.files import save_network


@pytest.fixture
def exported(monkeypatch):
    """Takes the place of the export, which takes seconds; lists what it was given."""
    calls = []

    def export(model, path, **options):
        calls.append((model, path, options))
        return path / str(options["version"])

    monkeypatch.setattr(serving, "export", export)
    return calls


def test_the_network_is_handed_to_the_export(run, answer, exported, pixel_network, tmp_path):
    assert run("export", "omniglot", tmp_path / "served").stdout == f"wrote {tmp_path}/served/1\n"
    ((model, path, options),) = exported
    assert model is pixel_network and path == tmp_path / "served"
    assert options == {"version": 1, "overwrite": False, "ink": "dark"}
    said = answer(
        "export", "omniglot", tmp_path / "served", "--version", 3, "--overwrite", "--ink", "bright"
    )
    assert said["written"] == f"{tmp_path}/served/3"
    assert exported[1][2] == {"version": 3, "overwrite": True, "ink": "bright"}


def test_an_unknown_format_is_refused_by_its_list(run, exported, tmp_path):
    stderr = run("export", "omniglot", tmp_path / "x", "--format", "tar", code=1).stderr
    assert "--format must be one of savedmodel" in stderr
    assert not exported and not list(tmp_path.iterdir())


def test_a_missing_model_is_refused(run, tmp_path):
    assert "--model must be" in run("export", tmp_path / "no.keras", tmp_path / "x", code=1).stderr


@pytest.mark.slow
def test_a_file_becomes_a_saved_model_once(run, pixel_network, tmp_path):
    save_network(pixel_network, tmp_path / "own.keras")
    arguments = ("export", tmp_path / "own.keras", tmp_path / "served")
    run(*arguments)
    assert (tmp_path / "served" / "1" / "saved_model.pb").is_file()
    assert "exists" in run(*arguments, code=1).stderr
    run(*arguments, "--overwrite")
    assert [path.name for path in (tmp_path / "served").iterdir()] == ["1"]
