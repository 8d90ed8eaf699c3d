"""What docs/serving.md shows of saved_model_cli is what that prints of the network there."""

import re
import sys
from pathlib import Path

import pytest

from keras_siamese import export, koch_encoder, siamese_network
from tests import forked

PAGE = Path(__file__).resolve().parents[2] / "docs" / "serving.md"
COMMAND = Path(sys.executable).with_name("saved_model_cli")


@pytest.mark.slow
def test_the_page_shows_the_real_output(tmp_path):
    command, shown = re.search(
        r"```text\n\$ saved_model_cli (.*)\n((?:.*\n)*?)```", PAGE.read_text("utf-8")
    ).groups()
    encoder = koch_encoder((20, 20, 1), filters=(16, 32), kernel_sizes=(5, 4), units=128)
    export(siamese_network(encoder), tmp_path / "served" / "siamese")
    done = forked.run([COMMAND, *command.split()], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert content(done.stdout) == content(shown)
    assert "inputs['left'] tensor_info:" in content(shown)


def content(output):
    """Lines but those with the names of the graph's own tensors, which TensorFlow numbers."""
    lines = (line.strip() for line in output.splitlines())
    return [line for line in lines if line and not line.startswith("name:")]
