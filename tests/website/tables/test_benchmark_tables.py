"""The tables of what was measured, from made-up measurements."""

import json

import pytest

from website.tables import benchmark_tables


@pytest.fixture
def losses(tmp_path, monkeypatch):
    def write(content):
        monkeypatch.setattr(benchmark_tables, "LOSSES", tmp_path / "losses.json")
        benchmark_tables.LOSSES.write_text(json.dumps(content))

    return write


def test_losses_stand_beside_those_of_the_other_library(losses):
    times = {"circle": 1.016, "n-pairs": 1.3}
    losses(
        {
            "tensorflow on cpu": {"times_encoder": times},
            "torch on cpu": {
                "times_encoder": {**times, "circle (theirs)": 2.5, "n-pairs (theirs)": 2}
            },
            "torch on gpu": {"times_encoder": {"circle": 9.0}},
        }
    )
    table = benchmark_tables.loss_times([])
    assert table.headings == ["loss", "TensorFlow", "PyTorch", "pytorch-metric-learning"]
    assert table.rows == [["circle", "1.02", "1.02", "2.50"], ["n-pairs", "1.30", "1.30", "2.00"]]


def test_a_loss_that_ran_out_of_memory_says_so(losses):
    losses({"jax on cpu": {"megabytes_at_4096": {"circle": 1234.5, "n-pairs": None}}})
    assert benchmark_tables.loss_memory([]).rows == [
        ["circle", "1,234"],
        ["n-pairs", "over 12 GB"],
    ]


def test_engines_have_their_time_size_and_recall(tmp_path, monkeypatch):
    monkeypatch.setattr(benchmark_tables, "INDEX", tmp_path / "index.json")
    measured = {
        "build_seconds": 1500.0,
        "megabytes_on_disk": 1024.4,
        "peak_megabytes": 2000.0,
        "recall_at_10": 0.987,
        "milliseconds_per_query": 3.04,
    }
    content = {"faiss-hnsw": measured, "numpy": {**measured, "build_seconds": 0.52}}
    benchmark_tables.INDEX.write_text(json.dumps(content))
    # The quickest to build comes first.
    first, second = benchmark_tables.index([]).rows
    assert second == ["`faiss-hnsw`", "25 min", "1,024 MB", "2,000 MB", "98.7%", "3.0 ms"]
    assert first[1] == "0.5 s"
