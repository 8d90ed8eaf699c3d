"""Size, memory and latency of a network in each form in which it can be served.

python -m benchmarks.latency                writes benchmarks/latency.json (minutes, on idle cores)
python -m benchmarks.latency --rounds 1 --calls 5 --networks "reduced, 35x35" --output FILE

Every measurement has a separate process, which imports the runtime and loads the file; the
runtimes take turns, so that all meet the same load. All get the same pairs and the same cores.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.processes import in_new_process, peak_megabytes

RESULTS = Path(__file__).parent / "latency.json"
BATCHES = (1, 64)
Answer = Callable[[np.ndarray, np.ndarray], np.ndarray]


def _keras(path: str, cores: int) -> Answer:
    import keras

    import keras_siamese  # noqa: F401

    model = keras.saving.load_model(path)
    return lambda left, right: model.predict_on_batch([left, right])[:, 0]


def _saved_model(path: str, cores: int) -> Answer:
    import tensorflow as tf

    served = tf.saved_model.load(path)

    def answer(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        verify = served.signatures["serving_default"]
        found = verify(left=tf.constant(left), right=tf.constant(right))
        return found["probability"].numpy()

    return answer


def _onnx(path: str, cores: int) -> Answer:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = cores
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda left, right: session.run(None, {"left": left, "right": right})[0]


def _litert(path: str, cores: int) -> Answer:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=path, num_threads=cores)
    runner = interpreter.get_signature_runner("serving_default")
    return lambda left, right: runner(left=left, right=right)["probability"]


RUNTIMES: dict[str, Callable[[str, int], Answer]] = {
    "Keras": _keras,
    "SavedModel": _saved_model,
    "ONNX Runtime": _onnx,
    "LiteRT": _litert,
}


def networks() -> dict[str, Callable[[], Any]]:
    """Return the encoders that are measured, by name."""
    from keras_siamese import conv_encoder, koch_encoder, reduced_encoder

    return {
        "reduced, 35x35": reduced_encoder,
        "conv, 35x35": conv_encoder,
        "koch, 105x105": koch_encoder,
    }


def write_all(encoder: Any, folder: Path) -> dict[str, Path]:
    """Write a new network in every form; return the paths by runtime."""
    from keras_siamese import export, export_litert, export_onnx, siamese_network

    model = siamese_network(encoder)
    model.save(folder / "siamese.keras")
    return {
        "Keras": folder / "siamese.keras",
        "SavedModel": export(model, folder / "siamese"),
        "ONNX Runtime": export_onnx(model, folder / "siamese.onnx"),
        "LiteRT": export_litert(model, folder / "siamese.tflite"),
    }


def measure_answers(runtime: str, path: str, shape: tuple[int, ...], calls: int) -> dict[str, Any]:
    """Load a file and time its answers; to be called in a separate process.

    Args:
        runtime: A key of `RUNTIMES`.
        path: The file or folder.
        shape: Height, width and channels of an image.
        calls: Timed calls for each batch size, after three that are not.

    Returns:
        `load_seconds`, with the imports; `memory_megabytes`, the most that the process held;
        `seconds` and `probabilities` by batch size.
    """
    start = time.perf_counter()
    answer = RUNTIMES[runtime](path, _cores())
    load_seconds = time.perf_counter() - start
    images = np.random.default_rng(0).random((2, max(BATCHES), *shape), np.float32)
    seconds: dict[int, list[float]] = {}
    probabilities: dict[int, list[float]] = {}
    for batch in BATCHES:
        left, right = images[:, :batch]
        seconds[batch] = []
        for turn in range(3 + calls):
            start = time.perf_counter()
            found = answer(left, right)
            if turn >= 3:
                seconds[batch].append(time.perf_counter() - start)
        probabilities[batch] = np.asarray(found).tolist()
    return {
        "load_seconds": load_seconds,
        "memory_megabytes": peak_megabytes(),
        "seconds": seconds,
        "probabilities": probabilities,
    }


def summary(measured: list[dict[str, Any]], keras: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return the numbers of one runtime from its rounds.

    Args:
        measured: What `measure_answers` returned, one for each round.
        keras: What it returned for Keras.
        path: The file or folder, for its size.
    """
    batches = {}
    for batch in BATCHES:
        taken = 1000 * np.concatenate([one["seconds"][batch] for one in measured])
        p50, p95 = np.percentile(taken, [50, 95])
        difference = np.subtract(measured[0]["probabilities"][batch], keras["probabilities"][batch])
        batches[str(batch)] = {
            "p50_milliseconds": float(p50),
            "p95_milliseconds": float(p95),
            "calls": len(taken),
            "largest_difference": float(np.abs(difference).max()),
        }
    return {
        "megabytes": _size(path) / 1e6,
        "load_seconds": float(np.median([one["load_seconds"] for one in measured])),
        "memory_megabytes": float(np.median([one["memory_megabytes"] for one in measured])),
        "batches": batches,
    }


def compare_forms(encoder: Any, calls: int, rounds: int) -> dict[str, Any]:
    """Measure one network in every form."""
    shape = tuple(encoder.input_shape[1:])
    with tempfile.TemporaryDirectory() as folder:
        paths = write_all(encoder, Path(folder))
        measured: dict[str, list[dict[str, Any]]] = {runtime: [] for runtime in paths}
        for _ in range(rounds):
            for runtime, path in paths.items():
                found = in_new_process(measure_answers, runtime, str(path), shape, calls)
                measured[runtime].append(found)
        keras = measured["Keras"][0]
        runtimes = {name: summary(measured[name], keras, path) for name, path in paths.items()}
    return {"parameters": encoder.count_params(), "runtimes": runtimes}


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmark, print it, write it."""
    from importlib.metadata import version

    from reproduce import provenance

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--networks", nargs="+", choices=networks(), default=list(networks()))
    parser.add_argument("--calls", type=int, default=20, help="of each batch size and round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    encoders = networks()
    results = {
        "networks": {
            name: compare_forms(encoders[name](), options.calls, options.rounds)
            for name in options.networks
        },
        "hardware": provenance.hardware(),
        "versions": provenance.versions()
        | {name: version(name) for name in ("onnxruntime", "ai-edge-litert")},
        "commit": provenance.commit(),
    }
    print(json.dumps(results, indent=1))
    options.output.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
