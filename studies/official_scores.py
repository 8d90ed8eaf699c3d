"""Every network that was ever scored on Lake's official runs, from all versions of the results.

python -m studies.official_scores    reads the history of the repository, writes the record

A network is one training: files with the same learning curve count once, whatever their names. The
record counts all trainings on Omniglot whose score was ever committed, also where the file was
deleted, and those of docs/tied-weights.md. It does not count scores that nobody committed or
methods without training. A network that was scored with and without averaging over mirror images
counts once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from reproduce import provenance, script
from reproduce.results import RESULTS, ROOT, parse, write
from studies import RESULTS as STUDY_RESULTS

RECORD = STUDY_RESULTS / "official-scores.json"
# Small networks, tied and not, that show what tying is worth.
TIED = ROOT / "examples/results/tied_weights_omniglot.json"
# Other scores: baselines, and the same network with other symmetries.
OTHER_CELLS = ("nearest neighbour", "modified Hausdorff", "20-way")


@dataclass(frozen=True)
class Score:
    """What a result file tells about one network on the official runs.

    Attributes:
        training: What tells its training from others.
        name: Of the network.
        seed: Of the training.
        kind: "paper", "beyond" or "tied".
        official: Its accuracy on the official runs.
    """

    training: str
    name: str
    seed: int
    kind: str
    official: float


def main() -> None:
    """Write the record, and print what it counts."""
    networks = record()
    write(RECORD, {"what": "networks scored on the official runs", "networks": networks})
    deleted = sum(not network["kept"] for network in networks)
    print(f"{len(networks)} networks; the result files of {deleted} were deleted")


def record() -> list[dict[str, Any]]:
    """Return the networks in the history and among the result files of this checkout.

    Returns:
        As `count` gives them, each with `kept`: whether one of the result files holds it now.

    Raises:
        OSError: If the checkout is no git repository, or only a part of its history is there.
    """
    there = [(path.relative_to(ROOT).as_posix(), parse(path)) for path in result_files()]
    networks = count(chain(committed_results(ROOT), there))
    kept = count(there)
    return [{**network, "kept": curve in kept} for curve, network in networks.items()]


def result_files() -> list[Path]:
    """Return the result files of this checkout that may hold such networks."""
    folders = (RESULTS, STUDY_RESULTS)
    return [TIED, *(path for folder in folders for path in sorted(folder.rglob("*.json")))]


def committed_results(repository: Path) -> Iterator[tuple[str, Any]]:
    """Yield the path and the content of every version of every JSON file up to HEAD.

    Raises:
        OSError: If the folder is no git repository, or only a part of its history is there.
    """
    if provenance.git(repository, "rev-parse", "--is-shallow-repository").strip() != b"false":
        raise OSError(
            f"{repository} must hold its whole history. Received: a part of it. Run `git fetch "
            "--unshallow`."
        )
    listed = provenance.git(repository, "rev-list", "--objects", "HEAD").decode().splitlines()
    named = [line.split(" ", 1) for line in listed if line.endswith(".json")]
    asked = "".join(f"{name}\n" for name, _ in named).encode()
    rest = provenance.git(repository, "cat-file", "--batch", given=asked)
    for _, path in named:
        header, _, rest = rest.partition(b"\n")
        size = int(header.split()[2])
        content, rest = rest[:size], rest[size + 1 :]
        try:
            yield path, json.loads(content)
        except ValueError:
            continue


def count(results: Iterable[tuple[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the networks among results, by name and seed.

    Args:
        results: Pairs of a path and its content, as `committed_results` yields them.

    Returns:
        By its learning curve, of each network: `name`, `seed`, `kind` ("paper", "beyond" or
        "tied"), the accuracies that were ever committed for it, as fractions, and its `files`.
    """
    found: dict[str, dict[str, Any]] = {}
    for path, result in results:
        for score in scores(path, result):
            network = found.setdefault(
                score.training,
                {"name": score.name, "seed": score.seed, "kind": score.kind}
                | {"official": [], "files": []},
            )
            for key, value in (("official", score.official), ("files", path)):
                if value not in network[key]:
                    network[key].append(value)
    order = sorted(found, key=lambda curve: [found[curve][key] for key in ("kind", "name", "seed")])
    return {curve: found[curve] for curve in order}


def scores(path: str, result: Any) -> list[Score]:
    """Return what a JSON file tells about networks on the official runs; most tell nothing."""
    if not isinstance(result, dict):
        return []
    if Path(path).name == TIED.name:
        return list(_tied_scores(result))
    official = _official(result)
    return [] if official is None else [Score(*_identity(result), official)]


def _tied_scores(result: dict[str, Any]) -> Iterator[Score]:
    for way, runs in result["benefit"]["runs"].items():
        for run in runs:
            # No learning curve is kept; another loss at the end is another training.
            training = json.dumps([way, run["seed"], run["loss"]])
            yield Score(training, f"tied weights: {way}", run["seed"], "tied", run["accuracy"])


def _official(result: dict[str, Any]) -> float | None:
    """Return a training's accuracy on the official runs; None for all other files."""
    if not isinstance(result.get("training"), dict):
        return None
    if "history" not in result["training"] or result.get("config", {}).get("data") == "glyphs":
        return None
    entries = result.get("scores") or [result, *result.get("other_results", [])]
    for entry in entries:
        cell = entry.get("cell") or ""
        if entry.get("protocol") == "official" and not cell.startswith(OTHER_CELLS):
            return entry["value"]
    return None


def _identity(result: dict[str, Any]) -> tuple[str, str, int, str]:
    """Return what tells a training from others, its name, its seed and its kind."""
    history = result["training"]["history"]
    curve = json.dumps(history.get("loss") or history, sort_keys=True)
    if "recipe" not in result:
        return curve, result["config"]["name"], result["seed"], "paper"
    recipe = result["recipe"]
    episodes = recipe.get("episodes") or recipe.get("config") or {}
    parts = [recipe["name"], f"{episodes.get('steps', result['training'].get('steps'))} steps"]
    if recipe.get("background", "background") != "background":
        parts.append(recipe["background"])
    return curve, ", ".join(parts), result["seed"], "beyond"


def load(path: Path = RECORD) -> list[dict[str, Any]]:
    """Return the networks of the record."""
    return parse(path)["networks"]


if __name__ == "__main__":
    script.run(main)
