"""What each figure shows, and from which file, seed and commit it comes."""

from __future__ import annotations

from typing import Any

from reproduce.report.plots.curves import shown_curves
from reproduce.report.plots.scores import table1_cells
from reproduce.report.plots.sources import Sources

PROTOCOLS = {"official": "the official runs", "within-alphabet": "the runs within one alphabet"}


def trial(sources: Sources) -> str:
    """Say which trial is shown."""
    shown = _main(sources)["trial"]
    return (
        f"Trial {shown['trial']} of run {shown['run']} of {PROTOCOLS[shown['protocol']]} "
        f"({_plain(shown['alphabet'])}), fixed in advance: the query, and its "
        f"{len(shown['support'])} candidates ranked by the network's probability that they show "
        "the same character. The images are those that the network sees."
    )


def distortions(sources: Sources) -> str:
    """Say what is distorted."""
    return (
        "A training character (framed, the first of the data) and 24 random affine distortions of "
        f"it, seed {_main(sources)['distortions']['seed']}."
    )


def samples(sources: Sources) -> str:
    """Say which data set is shown."""
    shown = _main(sources)["samples"]
    return (
        f"Characters of eight alphabets of {shown['dataset']}, each by one drawer; alphabets, "
        f"characters and drawers drawn at random, seed {shown['seed']}."
    )


def filters(sources: Sources) -> str:
    """Say which filters are shown."""
    return (
        "The first 32 filters of the first convolution; red weights answer to ink, blue ones to "
        "its absence, on one scale."
    )


def embedding_map(sources: Sources) -> str:
    """Say which alphabet is mapped, and how."""
    shown = _main(sources)["map"]
    return (
        f"{_plain(shown['alphabet'])}, an alphabet of the test: all "
        f"{len(shown['points'])} drawings by {len(set(shown['drawers']))} drawers, placed by t-SNE "
        f"of their embeddings (L1 distance, perplexity {shown['perplexity']:g}, seed "
        f"{shown['seed']}). Lines join the drawings of one character; only distances between "
        "neighbours mean something."
    )


def roc(sources: Sources) -> str:
    """Say whose trade-off is shown."""
    return (
        f"Verification of {sources.data[0]['roc']['pairs']:,} test pairs, by the lowest seed of "
        "every training: the share of same pairs "
        "found over the share of different pairs mistaken for the same, at every threshold. The "
        "dot is the threshold that was best on the validation pairs."
    )


def learning_curves(sources: Sources) -> str:
    """Say what is drawn over pairs seen."""
    return (
        "Validation one-shot accuracy, training pair accuracy and training loss after every epoch, "
        "one line per run; the dot is the epoch whose weights were kept."
    )


def per_alphabet(sources: Sources) -> str:
    """Say which run is shown by alphabet."""
    return (
        "One-shot accuracy on the official runs by alphabet, with 95 % Wilson intervals, of the "
        "run with the highest validation accuracy; hollow: nearest neighbour on raw pixels."
    )


def table1(sources: Sources) -> str:
    """Say what stands next to what."""
    return (
        "Verification accuracy in the six cells of table 1: the paper's figure, and ours, one dot "
        "with its 95 % interval a seed; the number is the seeds' mean."
    )


def origin_of_data(sources: Sources) -> str:
    """Name the file of the main run's figure data, its seed and the commit of its result."""
    return _origins([_main(sources)], sources)


def origin_of_curves(sources: Sources) -> str:
    """Name every figure-data file whose curve is drawn."""
    return _origins(shown_curves(sources), sources)


def origin_of_results(sources: Sources) -> str:
    """Name every result file."""
    return _origins(sources.results, sources)


def origin_of_table1(sources: Sources) -> str:
    """Name every result file that fills a cell of table 1."""
    used = [result for result in sources.results if any(table1_cells([result]).values())]
    return _origins(used, sources)


def origin_of_result(sources: Sources) -> str:
    """Name the main run's result file."""
    return _origins([result for result in [sources.main_result()] if result], sources)


def _main(sources: Sources) -> dict[str, Any]:
    data = sources.main_data()
    if data is None:
        raise ValueError("A figure of a network's data has no caption without figure data.")
    return data


def _origins(files: list[dict[str, Any]], sources: Sources) -> str:
    """Name files with their seeds, those of one commit together."""
    named: dict[str, list[str]] = {}
    for file in files:
        result = file if "training" in file else sources.result_of(file)
        commit, _, changed = ((result or {}).get("commit") or "unknown").partition("+")
        label = commit[:10] + (f" with {changed}" if changed else "")
        named.setdefault(label, []).append(f"{file['file']} (seed {file['seed']})")
    return "; ".join(f"{', '.join(names)}, commit {commit}" for commit, names in named.items())


def _plain(name: str) -> str:
    return name.replace("_", " ")
