"""Search the layer-wise rates by Bayesian optimisation, as the paper did (sec. 3.2).

python reproduce/search.py --minutes 30            resumes the study
python reproduce/search.py --export study.json     writes its trials without running any
python reproduce/search.py --minutes 30 --storage postgresql+psycopg://user@host/name
                                                   workers on several machines share the study
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

# The folder above, so that the script runs from anywhere.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from reproduce import script  # noqa: E402

# Before TensorFlow is imported.
script.prepare_tensorflow()

import typer  # noqa: E402

HERE = Path(__file__).resolve().parent


def main(
    trials: Annotated[int | None, typer.Option(help="Trials of this worker at most.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Begin no trial after so long.")] = None,
    storage: Annotated[
        str | None, typer.Option(help="Optuna storage URL; else an SQLite file in --runs.")
    ] = None,
    study: Annotated[str, typer.Option(help="Name of the study.")] = "reduced-35",
    architecture: Annotated[
        bool, typer.Option(help="Search filter sizes, filter counts and units, too.")
    ] = False,
    preset: Annotated[str, typer.Option(help="What is searched around.")] = "reduced",
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Another setting, as name=value in JSON.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder with Omniglot; else KERAS_SIAMESE_DATA or download.")
    ] = None,
    runs: Annotated[Path, typer.Option(help="Folder for the study.")] = HERE / "runs",
    export: Annotated[
        Path | None, typer.Option(help="Write the trials to this JSON file and stop.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the sampler.")] = 0,
    grace: Annotated[
        int, typer.Option(min=4, help="Seconds without a sign of life until a worker is dead.")
    ] = 120,
) -> None:
    """Run trials; the score is the best one-shot validation accuracy at any epoch."""
    interrupted = "The same command resumes the study."
    with script.errors_told("search", interrupted=interrupted, extra="search"):
        from reproduce import results, study_summary
        from reproduce.paper.presets import load_preset
        from reproduce.study import Search

        config = load_preset(preset).override(**results.parse_settings(set_ or []))
        if export is not None:
            results.check_writable(export)
        runs.mkdir(parents=True, exist_ok=True)
        search = Search(
            config,
            storage=storage or f"sqlite:///{(runs / f'search-{study}.db').resolve()}",
            name=study,
            reading=export is not None,
            architecture=architecture,
            data_dir=data,
            seed=seed,
            grace=grace,
        )
        if export is None:
            search.run(trials=trials, minutes=minutes)
        else:
            results.write(export, study_summary.summarize(search.study))
        print(study_summary.describe(search.study))


if __name__ == "__main__":
    typer.run(main)
