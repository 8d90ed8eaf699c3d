"""The tables of docs/beyond.md: networks beyond the paper, what ships, and what was tried."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from keras_siamese.pretrained import pretrained_card
from reproduce.published import TABLE_1
from reproduce.report.paper_tables import measured
from reproduce.results import parse
from reproduce.table import MISSING, Result, Table
from studies import RESULTS
from studies.beyond.ablation_list import CHANGES
from studies.beyond.parts import PARTS, TEST, VALIDATION, part_of_alphabet, parted
from studies.beyond.train_pretrained import card_cell
from studies.literature import MNIST, OFFICIAL_RUNS

FOLDER = RESULTS / "beyond"
ABLATIONS = FOLDER / "ablations"
# Of these, what is compared over all folds: the network itself, and averaged over mirrorings.
ALONE, MIRRORED = "held out", "held out, mirrored"
WITHIN, ACROSS = "within-alphabet", "across-alphabets"
# Accuracies that others print for the same official runs or the same kind of trial.
PUBLISHED = {
    ("beyond", "official"): ", ".join(f"{who} {value:.2%}" for who, value in OFFICIAL_RUNS.items()),
    ("MNIST, 400 trials", "within-alphabet"): "on other trials: "
    + ", ".join(f"{name} {value:.1%}" for name, value in MNIST.items()),
    ("beyond", "verification"): f"Koch et al. {TABLE_1['150k x8']:.2%}",
}
WHAT = {
    ("beyond", "official"): "20-way one-shot, Lake's 400 official trials",
    ("MNIST, 400 trials", "within-alphabet"): "MNIST, 10-way one-shot, 400 trials",
    ("beyond", "verification"): "verification, 10,000 pairs",
}
OPTIMIZERS = {"adamw": "AdamW", "muon": "Muon"}
NAMES = {"beyond": "20-way, 1-shot"}


def load_beyond(folder: Path | None = None) -> list[dict[str, Any]]:
    """Read the results of `train_pretrained` that hold nothing out, by time and seed."""
    read = [parse(path) for path in sorted((folder or FOLDER).glob("*.json"))]
    scored = [
        {**result, "scores": parted(result["scores"])} for result in read if result["fold"] is None
    ]
    return sorted(scored, key=lambda result: (result["seconds"], result["seed"]))


def load_mistakes(folder: Path | None = None) -> dict[str, Any] | None:
    """Read what `failed_trials` found about the network that ships, if it was run."""
    path = (folder or FOLDER) / "mistakes" / "omniglot.json"
    return parse(path) if path.exists() else None


def mistake_scores() -> list[dict[str, Any]]:
    """Return the scores of `load_mistakes`, each with its `part`; none where it was not run."""
    found = load_mistakes()
    return parted(found["scores"]) if found else []


def columns(results: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Gather the seeds of each training, by recipe, steps, and alphabets other than all."""
    gathered: dict[str, list[dict[str, Any]]] = {}
    for result in results:
        recipe = result["recipe"]
        name = f"{recipe['name']}, {recipe['episodes']['steps']:,} steps"
        if recipe["background"] != "background":
            name += f", {recipe['background']}"
        group = gathered.setdefault(name, [])
        group.append(result)
        if _settings(result) != _settings(group[0]):
            raise ValueError(
                f"Results of one name must have the same settings. Received: two of {name!r}. Keep "
                "results of other settings out of the folder."
            )
    return {
        name: sorted(group, key=lambda result: result["seed"]) for name, group in gathered.items()
    }


def processor_minutes(result: dict[str, Any]) -> float:
    """Return the processor time of a training's steps on all its cores, in minutes.

    Times by the clock could not be compared: other work ran on the machines.
    """
    return result["processor_seconds"] / 60


def beyond(results: list[Result]) -> Table:
    """Tabulate every score of one training of each recipe, and what others print for it."""
    of = most_repeated(load_beyond())
    places = dict.fromkeys(
        (entry["cell"], entry["protocol"], entry["part"])
        for group in of.values()
        for result in group
        for entry in result["scores"]
    )
    rows = []
    for cell, protocol, part in places:
        row = [NAMES.get(cell, cell) if protocol == "official" else cell, protocol, part]
        row[0] = "pairs" if cell == "beyond" and protocol != "official" else row[0]
        for group in of.values():
            value, interval = measured(seed_scores(group, cell, protocol, part))
            row.append(f"{value} [{interval}]" if interval else MISSING)
        others = PUBLISHED.get((cell, protocol), "") if part == TEST else ""
        rows.append([*row, others])
    return Table("Beyond the paper", ["what", "protocol", "part", *of, "others"], rows)


def _settings(result: Result) -> Result:
    """Return the recipe of a result without the seed."""
    recipe = result["recipe"]
    return {**recipe, "episodes": {**recipe["episodes"], "seed": None}}


def most_repeated(results: list[Result]) -> dict[str, list[Result]]:
    """Return one training of each recipe on all background alphabets, as `columns`.

    It is the one with most seeds, and of several the longest.
    """
    whole = [result for result in results if result["recipe"]["background"] == "background"]
    chosen: dict[str, tuple[str, list[Result]]] = {}
    for name, group in columns(whole).items():
        recipe = group[0]["recipe"]["name"]
        if recipe not in chosen or _repeated(group) > _repeated(chosen[recipe][1]):
            chosen[recipe] = (name, group)
    return dict(chosen.values())


def _repeated(group: list[Result]) -> tuple[int, int]:
    """Return the seeds of a training, and its steps."""
    return len(group), group[0]["recipe"]["episodes"]["steps"]


def seed_scores(
    group: list[Result], cell: str, protocol: str, part: str = TEST
) -> list[tuple[int, dict[str, Any]]]:
    """Return the scores of one kind on one part of the evaluation set, each with its seed."""
    return [
        (result["seed"], entry)
        for result in group
        for entry in result["scores"]
        if (entry["cell"], entry["protocol"], entry["part"]) == (cell, protocol, part)
    ]


def beyond_runs(results: list[Result]) -> Table:
    """Tabulate what each training took and gave, the mean over its seeds, by time."""
    kinds = (
        ("beyond", "official", TEST),
        ("20-way, 1-shot", WITHIN, TEST),
        ("20-way, 1-shot", WITHIN, VALIDATION),
        ("beyond", "verification", TEST),
        ("MNIST, 10000 trials, redrawn", WITHIN, TEST),
    )
    trainings = [
        (sum(map(processor_minutes, group)) / len(group), name, group)
        for name, group in columns(load_beyond()).items()
    ]
    rows = []
    for minutes, name, group in sorted(trainings, key=lambda training: training[0]):
        scores = [[entry["value"] for _, entry in seed_scores(group, *kind)] for kind in kinds]
        rows.append(
            [
                name,
                f"{group[0]['parameters']:,}",
                OPTIMIZERS[group[0]["recipe"]["episodes"].get("optimizer", "adamw")],
                f"{minutes:.0f}",
                str(len(group)),
                *(f"{sum(each) / len(each):.2%}" if each else MISSING for each in scores),
            ]
        )
    headings = ["training", "weights", "optimizer", "processor minutes", "seeds", "official"]
    headings += ["within, test", "within, validation", "pairs, test", "MNIST, redrawn"]
    return Table("Accuracy over processor minutes", headings, rows)


def shipped(results: list[Result]) -> Table:
    """Tabulate the card of the network for handwriting that ships."""
    card = pretrained_card()
    rows = [
        [card["name"], score["what"], score["protocol"], score["part"], f"{score['value']:.2%}",
         "{:.1%} to {:.1%}".format(*score["interval"]), f"{score['n']:,}"]
        for score in card["scores"]
    ]  # fmt: skip
    rows += [
        [card["name"], f"threshold for a false-accept rate of {float(rate):.1%}", "verification",
         VALIDATION, f"{threshold:.4f}", "", ""]
        for rate, threshold in card["thresholds"].items()
    ]  # fmt: skip
    return Table(
        "Weights that ship",
        ["name", "what", "protocol", "part", "value", "95 % interval", "n"],
        rows,
    )


def shipped_headline(results: list[Result]) -> Table:
    """Tabulate the scores of the network that ships for which others print a number.

    Next to them stands the mean over the seeds of its training, with each seed.
    """
    card = pretrained_card()
    group = training_of(card)
    rows = []
    for score in card["scores"]:
        cell = card_cell(score)
        others = PUBLISHED.get((cell, score["protocol"]))
        if others is not None:
            interval = "{:.1%} to {:.1%}".format(*score["interval"])
            what = WHAT[cell, score["protocol"]]
            seeds, _ = measured(seed_scores(group, cell, score["protocol"]))
            rows.append([what, f"**{score['value']:.2%}**", interval, seeds, others])
    headings = ["what", "the network that ships", "95 % interval", "mean (each seed)", "others"]
    return Table("The network that ships", headings, rows)


def training_of(card: dict[str, Any]) -> list[Result]:
    """Return the seeds of the training that a card's weights come from, that one among them.

    Raises:
        ValueError: If no result file holds it.
    """
    made = card["training"]
    for group in columns(load_beyond()).values():
        if any((one["commit"], one["seed"]) == (made["commit"], made["seed"]) for one in group):
            return group
    raise ValueError(
        f"The training of the weights that ship must have a result file in {FOLDER}. Received: "
        f"none of commit {made['commit']} with seed {made['seed']}. Run `{made['command']}`."
    )


def by_shots(results: list[Result]) -> Table:
    """Tabulate how the network that ships does with more drawings of each character, 20-way."""
    kinds = [(protocol, part) for protocol in (WITHIN, ACROSS) for part in PARTS]
    rows: dict[str, list[str]] = {}
    for entry in mistake_scores():
        low, high = entry["interval"]
        shots = entry["cell"].removeprefix("20-way, ")
        row = rows.setdefault(shots, [shots, *([MISSING] * len(kinds))])
        place = 1 + kinds.index((entry["protocol"], entry["part"]))
        row[place] = f"{entry['value']:.1%} [{low:.1%} to {high:.1%}]"
    headings = [
        "drawings of each", "within, test", "within, validation", "across, test",
        "across, validation",
    ]  # fmt: skip
    return Table("More drawings of each character", headings, list(rows.values()))


def by_alphabet(results: list[Result]) -> Table:
    """Tabulate how the network that ships does in each evaluation alphabet, the hardest first."""
    within = [score for score in mistake_scores() if score["protocol"] == WITHIN]
    # One shot comes first.
    counts = {
        name: count
        for score in within
        if score["cell"] == within[0]["cell"]
        for name, count in score["per_alphabet"].items()
    }
    accuracy = {name: right / n for name, (right, n) in counts.items()}
    rows = [
        [name, part_of_alphabet(name), f"{accuracy[name]:.1%}"]
        for name in sorted(accuracy, key=accuracy.__getitem__)
    ]
    return Table("By alphabet", ["alphabet", "part", "20-way, 1-shot"], rows)


def load_ablations() -> dict[str, dict[int, Result]]:
    """Read the results of `studies.beyond.ablations` by name, in their order, and by fold."""
    read: dict[str, dict[int, Result]] = {name: {} for name in CHANGES}
    for path in sorted(ABLATIONS.glob("*.json")):
        result = parse(path)
        read[result["name"]][result["fold"]] = result
    return read


def accuracy(result: Result, cell: str, protocol: str) -> float | None:
    """Return one score of an ablation, a fraction; None where it has none of the kind."""
    for entry in result["scores"]:
        if (entry["cell"], entry["protocol"]) == (cell, protocol):
            return entry["value"]
    return None


def percent_cell(value: float | None, missing: str = "") -> str:
    """Write a fraction for the tables."""
    return missing if value is None else f"{value:.1%}"


def tried(results: list[Result]) -> Table:
    """Tabulate what each change was expected to do, and what it gave on fold 0."""
    rows: list[list[str]] = []
    for name, folds in load_ablations().items():
        if 0 not in folds:
            continue
        scores: list[Any] = [
            accuracy(folds[0], *kind)
            for kind in ((ALONE, WITHIN), (MIRRORED, WITHIN), (ALONE, ACROSS))
        ]
        minutes = f"{folds[0]['processor_seconds'] / 60:.1f}"
        rows.append(
            [CHANGES[name].what, CHANGES[name].expected, *map(percent_cell, scores), minutes]
        )
    headings = [
        "try", "expected", "within", "averaged over mirrorings", "across", "processor minutes",
    ]  # fmt: skip
    return Table("What was tried", headings, rows)


def tried_folds(results: list[Result]) -> Table:
    """Tabulate ablations run with other alphabets held out, too: averaged over mirrorings."""
    rotated = {name: folds for name, folds in load_ablations().items() if len(folds) > 1}
    numbers = sorted({fold for folds in rotated.values() for fold in folds})
    rows = []
    for name, folds in rotated.items():
        row = [CHANGES[name].what]
        for protocol in (WITHIN, ACROSS):
            values = [
                accuracy(folds[fold], MIRRORED, protocol) if fold in folds else None
                for fold in numbers
            ]
            row += [percent_cell(value, MISSING) for value in values] if protocol == WITHIN else []
            known = [value for value in values if value is not None]
            # A mean of some folds would not be the others' mean.
            whole = len(known) == len(numbers)
            row.append(percent_cell(sum(known) / len(known) if whole else None, MISSING))
        rows.append(row)
    headings = ["try", *(f"fold {number}" for number in numbers), "mean", "across, mean"]
    return Table("Other alphabets held out", headings, rows)
