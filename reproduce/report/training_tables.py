"""The tables next to the paper's: ablations, settings, and what trainings cost."""

from __future__ import annotations

from statistics import mean

from reproduce.paper.config import Rates
from reproduce.paper.costs import gflop_per_pair, network_key, pairs_at_most
from reproduce.paper.paper_network import build_network
from reproduce.paper.plan import ABLATION_BASES, ABLATIONS, BASES, trainings
from reproduce.provenance import describe_hardware
from reproduce.table import MISSING, Result, Table, pairs_seen


def ablations(results: list[Result]) -> Table:
    """Tabulate the ablations at 35x35: one thing changed at a time, judged by validation."""
    rows = []
    for ablation in ABLATIONS:
        of = [
            result
            for result in results
            if result["role"] == "ablation"
            and result["config"]["name"] == ablation.config(ABLATION_BASES[35]).name
            and result["training"]["finished"]
        ]
        wide = [result["validation_wide"]["value"] for result in of]
        auc = [result["validation_pairs"]["auc"] for result in of]
        rows.append(
            [
                ablation.about,
                ablation.label,
                f"**{mean(wide):.1%}**" if wide else MISSING,
                ", ".join(f"{value:.1%}" for value in wide),
                f"{mean(auc):.4f}" if auc else "",
            ]
        )
    title = "Ablations: the first 60,000 pairs, judged by the validation alphabets"
    headings = ["about", "variant", "one-shot, 4,000 trials", "by seed", "AUC, 10,000 pairs"]
    return Table(title, headings, rows)


def choices(
    results: list[Result], *, size: int, pairs: int, title: str, encoder: str | None = None
) -> Table:
    """Tabulate settings that validation compared, of one size and about so many pairs each.

    They are of the convolutional network, or of another `encoder`.
    """
    encoder = encoder or BASES[size].encoder
    of = [
        result
        for result in results
        if result["role"] == "choice"
        and result["config"]["size"] == size
        and result["config"]["encoder"] == encoder
        # About: a whole number of batches.
        and abs(pairs_seen(result) - pairs) < 0.02 * pairs
    ]
    rows = [
        [
            str(config["batch_size"]),
            config["initializer"],
            rates(config["learning_rates"]),
            rates(config["momenta"]),
            rates(config["l2"]),
            f"{config['decay']:.0%}",
            "half" if config["encoder_options"] else "whole",
            config["precision"].removeprefix("mixed_"),
            f"{result['validation']['value']:.1%}",
            f"**{result['validation_wide']['value']:.1%}**",
            f"{result['validation_pairs']['auc']:.4f}",
        ]
        for result in sorted(of, key=lambda result: result["validation_wide"]["value"])
        for config in (result["config"],)
    ]
    headings = [
        "batch", "initial weights", "rate", "momentum", "L2", "decay an epoch", "network",
        "precision", "one-shot, 320 trials", "one-shot, 4,000 trials", "AUC, 10,000 pairs",
    ]  # fmt: skip
    return Table(title, headings, rows)


def runs(results: list[Result]) -> Table:
    """Tabulate what each training cost."""
    rows = []
    for result in results:
        if result["role"] in ("baseline", "ablation", "choice"):
            continue
        training, config = result["training"], result["config"]
        rows.append(
            [
                f"{config['name']}, seed {result['seed']}",
                f"{training['epochs']} ({'' if training['finished'] else 'not '}finished)",
                str(training["best_epoch"] + 1),
                f"{pairs_seen(result):,}",
                f"{sum(training['history']['seconds']) / 60:.0f} min",
                f"{result['validation']['value']:.2%}",
                describe_hardware(result["hardware"]),
                (result["commit"] or "unknown")[:10],
            ]
        )
    headings = [
        "run", "epochs", "best", "pairs seen", "wall time", "validation", "on", "commit",
    ]  # fmt: skip
    return Table("What each training cost", headings, rows)


def costs(results: list[Result]) -> Table:
    """Tabulate what a pass of each training's pairs costs, computed, next to what was measured."""
    rows = []
    counted: dict[tuple, float] = {}
    for size in BASES:
        for job in trainings(size):
            config = job.config
            if network_key(config) not in counted:
                counted[network_key(config)] = gflop_per_pair(build_network(config))
            work = counted[network_key(config)]
            pairs = config.num_pairs * (1 + config.num_distortions)
            of = [result for result in results if result["config"]["name"] == config.name]
            seconds = sum(sum(result["training"]["history"]["seconds"]) for result in of)
            rows.append(
                [
                    config.name,
                    f"{work:.2f}",
                    f"{pairs:,}",
                    f"{pairs * work / 1e6:,.2f}",
                    f"{pairs_at_most(config):,}",
                    f"{sum(map(pairs_seen, of)) / seconds:,.0f}" if of else MISSING,
                ]
            )
    headings = [
        "training", "GFLOP a pair", "pairs of a pass", "PFLOP a pass", "pairs at most",
        "pairs/s, measured",
    ]  # fmt: skip
    return Table("Cost of each training", headings, rows)


def budgets(results: list[Result]) -> Table:
    """Tabulate every scored training by the pairs that it saw: what more training brings."""
    rows = []
    for result in sorted(results, key=pairs_seen):
        scores = {
            entry["protocol"]: f"**{entry['value']:.2%}**"
            for entry in (result, *result["other_results"])
            if entry["cell"] != "nearest neighbour"
        }
        if "training" in result and "official" in scores:
            wide = result.get("validation_wide")
            rows.append(
                [
                    f"{result['config']['name']}, seed {result['seed']}",
                    f"{pairs_seen(result):,}",
                    f"{wide['value']:.1%}" if wide else "",
                    scores["official"],
                    scores["verification"],
                ]
            )
    headings = [
        "run", "pairs seen", "validation, 4,000 trials", "official runs", "verification",
    ]  # fmt: skip
    return Table("How far the budget carries", headings, rows)


def rates(value: Rates) -> str:
    """Write one rate, or the rate of every layer."""
    if isinstance(value, dict):
        return ", ".join(f"{layer} {rate:g}" for layer, rate in value.items())
    return f"{value:g}"
