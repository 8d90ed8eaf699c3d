"""Calibrating the network for signs once more."""

from keras_siamese.pretrained import pretrained_card
from studies.signs import run


def test_what_is_learned_on_the_embeddings_stays(monkeypatch):
    written = []
    monkeypatch.setattr(run, "DOMAINS", ())
    monkeypatch.setattr(run, "package", lambda name: name)
    monkeypatch.setattr(run, "fit_probabilities", lambda model, images: {"any": 0.5})
    monkeypatch.setattr(run, "development_entries", lambda model, images: [])
    monkeypatch.setattr(run, "card", lambda **found: found)
    monkeypatch.setattr(run, "write_pretrained", lambda model, found: written.append(found))
    monkeypatch.setattr(run.provenance, "commit", lambda: "0123abc")
    shipped = pretrained_card("signs")
    found = run.calibrate(write=True)
    assert written == [found]
    assert found["novelty"] == shipped["novelty"]
    assert found["training"] == {**shipped["training"], "calibrated_at": "0123abc"}
    assert found["thresholds"] == {"any": 0.5}
