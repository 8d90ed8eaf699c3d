import pytest
from typer.testing import CliRunner

from keras_siamese import cli
from keras_siamese.commands import demo
from keras_siamese.demo import server
from tests.demo.conftest import make_pixel_network

runner = CliRunner()


@pytest.fixture
def network_file(tmp_path):
    make_pixel_network().save(tmp_path / "network.keras")
    return tmp_path / "network.keras"


def test_without_gradio_one_line_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(demo, "find_spec", lambda name: None)
    result = runner.invoke(cli.app, ["demo"])
    assert result.exit_code == 1
    assert result.stderr == (
        "keras-siamese: The page needs Gradio. Install it: pip install 'keras_siamese[demo]'\n"
    )


def test_it_listens_on_this_machine_alone_unless_told_otherwise(monkeypatch, network_file):
    served = []
    monkeypatch.setattr(demo, "find_spec", lambda name: object())
    monkeypatch.setattr(server, "serve", lambda board, **options: served.append(options))
    told = ["--host", "0.0.0.0", "--port", "8000", "--share", "--allow-host", "draw.example"]
    for options in ([], told):
        result = runner.invoke(cli.app, ["demo", "--model", str(network_file), *options])
        assert result.exit_code == 0, result.output
    assert served == [
        {"host": "127.0.0.1", "port": 7860, "share": False, "allow_hosts": ()},
        {"host": "0.0.0.0", "port": 8000, "share": True, "allow_hosts": ("draw.example",)},
    ]


def test_a_missing_model_is_one_line(monkeypatch):
    monkeypatch.setattr(demo, "find_spec", lambda name: object())
    result = runner.invoke(cli.app, ["demo", "--model", "nowhere.keras"])
    assert result.exit_code == 1
    assert "must be a file with a network. Received: 'nowhere.keras'" in result.stderr
