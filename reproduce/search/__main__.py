"""Search the layer-wise rates by Bayesian optimisation, as the paper did (sec. 3.2).

python -m reproduce.search --minutes 30            starts or resumes the study
python -m reproduce.search --export study.json     writes its trials without running any

Several workers share a study: start the command again in another terminal, or on another machine
that sees the folder --runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reproduce import results, script


def main(
    trials: Annotated[int | None, typer.Option(help="Trials of this worker at most.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Begin no trial after so long.")] = None,
    study: Annotated[str, typer.Option(help="Name of the study.")] = "reduced-35",
    architecture: Annotated[
        bool, typer.Option(help="Search filter sizes, filter counts and units, too.")
    ] = False,
    preset: Annotated[str, typer.Option(help="What is searched around.")] = "reduced",
    set_: script.Settings = None,
    data: script.DataFolder = None,
    runs: Annotated[Path, typer.Option(help="Folder for the study.")] = results.RUNS,
    export: Annotated[
        Path | None, typer.Option(help="Write the trials to this JSON file and stop.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the sampler.")] = 0,
) -> None:
    """Run trials; the score is the best one-shot validation accuracy at any epoch."""
    interrupted = "The same command resumes the study."
    with script.errors_told("search", interrupted=interrupted, extra="search"):
        from reproduce.paper.presets import load_preset
        from reproduce.search.study import Search, describe_study, summarize

        config = load_preset(preset).override(**results.parse_settings(set_ or []))
        if export is not None:
            results.check_result_writable(export)
        search = Search(
            config,
            runs,
            name=study,
            reading=export is not None,
            architecture=architecture,
            data_dir=data,
            seed=seed,
        )
        if export is None:
            search.run(trials=trials, minutes=minutes)
        else:
            results.write(export, summarize(search.study))
        print(describe_study(search.study))


if __name__ == "__main__":
    script.run(main)
