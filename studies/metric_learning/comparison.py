"""The comparison on one problem: a rate for each way, then its seeds, each written at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reproduce import provenance, results
from studies import RESULTS

FOLDER = RESULTS / "metric-learning"
CHOICE, SCORE = "choice", "score"
CHOSEN_BY = "one_shot"


@dataclass(frozen=True)
class Budget:
    """What every way gets.

    Attributes:
        steps: Steps of each training, by problem.
        rates: Rates to choose from.
        seeds: Seeds of the trainings that are scored; the first one's serves the choice, too.
        encoder: Arguments of `conv_encoder`.
    """

    steps: dict[str, int] = field(
        default_factory=lambda: {"omniglot": 800, "fonts": 250, "flags": 250}
    )
    rates: tuple[float, ...] = (1e-3, 4e-3)
    seeds: tuple[int, ...] = (0, 1, 2)
    encoder: dict[str, Any] = field(
        default_factory=lambda: {"filters": [16, 32, 32, 64], "units": 64}
    )


def compare_ways(
    name: str,
    *,
    ways: tuple[str, ...],
    budget: Budget,
    data: Path | None,
    folder: Path,
    tell: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Train all ways on a problem, or what its result file lacks, and return the result.

    Args:
        name: One of `PROBLEMS`.
        ways: Names of `WAYS`.
        budget: What each gets.
        data: Folder with Omniglot.
        folder: Of the result file, which is written after each training.
        tell: Takes a line about each training.

    Returns:
        The result: settings, origin, and `runs`, each with its way, part ("choice" or "score"),
        rate, seed, scores and processor seconds.

    Raises:
        ValueError: If the file is of other settings or of another commit.
        OSError: If it cannot be written, or data is missing.
    """
    path = folder / f"{name}.json"
    results.check_result_writable(path)
    result = _begun(path, name, budget)
    done = {(run["way"], run["part"], run["rate"], run["seed"]): run for run in result["runs"]}
    wanted = [way for way in ways if _lacks(way, done, budget)]
    if wanted:
        from studies.metric_learning.problems import PROBLEMS

        problem = PROBLEMS[name](data)
        parts = {CHOICE: problem.choice(), SCORE: (problem.training, problem.tested)}
        result["images"] = {part: [len(one) for one in pair] for part, pair in parts.items()}
    for way in wanted:
        for part, rate, seed in _trainings(way, done, budget):
            key = way, part, rate, seed
            if key in done:
                continue
            trained, scored = parts[part]
            found = _run(way, trained, scored, budget.steps[name], rate, seed, budget.encoder)
            done[key] = dict(zip(("way", "part", "rate", "seed"), key, strict=True)) | found
            result["runs"].append(done[key])
            results.write(path, result)
            tell(f"{name} {way} {part} {rate:g} seed {seed}: {found}")
    return result


def chosen_rate(way: str, runs: list[dict[str, Any]]) -> float:
    """Return the rate by which a way was best on held-out training classes."""
    tried = [run for run in runs if run["way"] == way and run["part"] == CHOICE]
    return max(tried, key=lambda run: run[CHOSEN_BY])["rate"]


def _begun(path: Path, name: str, budget: Budget) -> dict[str, Any]:
    """Return the result so far, of the same settings and commit."""
    settings = {
        "steps": budget.steps[name], "rates": list(budget.rates), "seeds": list(budget.seeds),
        "encoder": budget.encoder,
    }  # fmt: skip
    command = f"python -m studies.metric_learning {name}"
    new = {"problem": name, "settings": settings, "command": command, **provenance.origin()}
    if not path.exists():
        return {**new, "runs": []}
    result = results.parse(path)
    for key in ("settings", "commit"):
        if result[key] != new[key]:
            raise ValueError(
                f"{path} must be of the same {key} to be resumed: {new[key]}. Received: "
                f"{result[key]}. Take it away to begin anew, or check out its commit."
            )
    return result


def _trainings(way: str, done: dict[tuple, Any], budget: Budget) -> Iterator[tuple]:
    """Yield part, rate and seed of a way's trainings; the rate of the last ones is chosen then."""
    for rate in budget.rates:
        yield CHOICE, rate, budget.seeds[0]
    rate = chosen_rate(way, list(done.values()))
    for seed in budget.seeds:
        yield SCORE, rate, seed


def _lacks(way: str, done: dict[tuple, Any], budget: Budget) -> bool:
    """Return whether a way has trainings to come."""
    return sum(key[0] == way for key in done) < len(budget.rates) + len(budget.seeds)


def _run(
    way: str, trained: Any, scored: Any, steps: int, rate: float, seed: int, encoder: dict[str, Any]
) -> dict[str, Any]:
    """Train and score once."""
    import keras

    from keras_siamese.training import DivergedError
    from studies.metric_learning import way_scores, way_training
    from studies.metric_learning.ways import WAYS

    # Graphs of the trainings before would fill the memory.
    keras.backend.clear_session()
    began = time.process_time()
    try:
        model = way_training.train_way(
            WAYS[way], trained, encoder=encoder, steps=steps, rate=rate, seed=seed
        )
        found = way_scores.score_network(model, scored)
    except DivergedError:
        found = {**way_scores.DIVERGED, "diverged": True}
    return {**found, "processor_seconds": round(time.process_time() - began, 1)}
