"""Calibrating the network for signs once more."""

from keras_siamese.pretrained import pretrained_card
from studies.signs import sign_run


def test_what_is_learned_on_the_embeddings_stays(monkeypatch):
    written = []
    monkeypatch.setattr(sign_run, "DOMAINS", ())
    monkeypatch.setattr(sign_run, "package", lambda name: name)
    monkeypatch.setattr(sign_run, "fit_probabilities", lambda model, images: {"any": 0.5})
    monkeypatch.setattr(sign_run, "development_entries", lambda model, images: [])
    monkeypatch.setattr(sign_run, "sign_card", lambda **found: found)
    monkeypatch.setattr(sign_run, "write_pretrained", lambda model, found: written.append(found))
    monkeypatch.setattr(sign_run.provenance, "commit", lambda: "0123abc")
    shipped = pretrained_card("signs")
    found = sign_run.calibrate_shipped(write=True)
    assert written == [found]
    assert found["novelty"] == shipped["novelty"]
    assert found["training"] == {**shipped["training"], "calibrated_at": "0123abc"}
    assert found["thresholds"] == {"any": 0.5}
