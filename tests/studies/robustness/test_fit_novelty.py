"""The command that says what a network's training images are like, on made-up characters."""

import shutil

import numpy as np

from keras_siamese import Recognizer, pretrained
from keras_siamese.data import ImageDataset
from studies.robustness import fit_novelty as command


def omniglot_of(glyphs):
    """Characters by twenty drawers, as Omniglot has them."""
    repeated = np.tile(np.arange(len(glyphs)), 7)
    drawer = np.arange(len(repeated)) % 20 + 1
    return ImageDataset(
        glyphs.images[repeated], glyphs.alphabet[repeated], glyphs.character[repeated],
        drawer.astype(np.int32), glyphs.alphabet_names, glyphs.character_names, "glyphs",
    )  # fmt: skip


def test_it_is_written_beside_the_weights(glyphs, tmp_path, monkeypatch, capsys):
    for name in ("omniglot.npz", "omniglot.json"):
        shutil.copy(pretrained.WEIGHTS / name, tmp_path)
    before = pretrained.pretrained_card("omniglot")
    monkeypatch.setattr(pretrained, "WEIGHTS", tmp_path)
    monkeypatch.setattr(command, "load_omniglot", lambda *_, **__: omniglot_of(glyphs))
    monkeypatch.setattr(command, "NUM_FITTED", 12)
    monkeypatch.setattr(command, "NUM_OTHERS", 10)
    # Without what shipped, as where the weights were just trained.
    monkeypatch.setattr(pretrained, "open_novelty", lambda name: None)
    command.main(["omniglot"])
    monkeypatch.undo()
    monkeypatch.setattr(pretrained, "WEIGHTS", tmp_path)
    card = pretrained.pretrained_card("omniglot")
    assert {**before, "novelty": card["novelty"]} == card
    assert card["novelty"]["data"].startswith("12 drawings")
    assert capsys.readouterr().out == f"omniglot: {card['novelty']['data']}\n"
    recognizer = Recognizer.from_preset("omniglot")
    assert len(recognizer.novelty.variances) == 3
