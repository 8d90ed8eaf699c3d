"""The benchmark of the served forms measures each of them, and the table shows it."""

import json

import numpy as np
import pytest

from benchmarks import latency
from keras_siamese import reduced_encoder
from website.tables import benchmark_tables

RUNTIMES = ["Keras", "SavedModel", "ONNX Runtime", "LiteRT"]


def a_round(seconds, probabilities):
    return {
        "load_seconds": 2.0,
        "memory_megabytes": 300.0,
        "seconds": {1: seconds, 64: [1.0]},
        "probabilities": {1: probabilities, 64: [0.5]},
    }


def test_percentiles_are_those_of_all_rounds_together(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_bytes(b"0" * 1500)
    rounds = [a_round([0.001, 0.002], [0.25]), a_round([0.003, 0.004, 0.005], [0.25])]
    figures = latency.summary(rounds, a_round([], [0.5]), tmp_path)
    assert figures["megabytes"] == pytest.approx(0.0015)
    one = figures["batches"]["1"]
    assert one["p50_milliseconds"] == pytest.approx(3.0)
    assert one["p95_milliseconds"] == pytest.approx(4.8)
    assert (one["calls"], one["largest_difference"]) == (5, 0.25)


def test_the_table_has_a_row_for_each_runtime(tmp_path, monkeypatch):
    rounds = [a_round([0.0011, 0.0011], [0.5])]
    figures = latency.summary(rounds, rounds[0], tmp_path) | {"megabytes": 17.4}
    runtimes = dict.fromkeys(RUNTIMES, figures)
    (tmp_path / "latency.json").write_text(
        json.dumps({"networks": {"net": {"runtimes": runtimes}}})
    )
    monkeypatch.setattr(benchmark_tables, "LATENCY", tmp_path / "latency.json")
    cells = benchmark_tables.latency([]).rows
    rest = ["17 MB", "300 MB", "2.0 s", "1.1 / 1.1 ms", "1000.0 / 1000.0 ms"]
    assert cells == [["net", runtime, *rest] for runtime in RUNTIMES]


@pytest.mark.slow
def test_every_form_is_measured_and_answers_alike():
    pytest.importorskip("tf2onnx")
    figures = latency.compare_forms(
        reduced_encoder(filters=(4, 4, 4, 4), units=8), calls=2, rounds=1
    )
    assert list(figures["runtimes"]) == RUNTIMES
    for runtime in figures["runtimes"].values():
        for batch in runtime["batches"].values():
            assert batch["calls"] == 2
            assert 0 < batch["p50_milliseconds"] <= batch["p95_milliseconds"]
            assert batch["largest_difference"] < 1e-5
        assert runtime["megabytes"] > 0.001
        assert 20 < runtime["memory_megabytes"] < 5000
    assert np.isfinite(figures["parameters"])
