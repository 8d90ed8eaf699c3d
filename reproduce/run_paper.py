"""Reproduce Koch et al. 2015: train, score, and show the result beside the paper's.

python reproduce/run_paper.py --preset quick    glyphs, embedded, minutes
python reproduce/run_paper.py --preset cpu      real Omniglot at 35x35, the reduced net
python reproduce/run_paper.py --preset paper    real Omniglot at 105x105, the paper's net
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Annotated

# TensorFlow reports its start-up on stderr, where it hides what a run has to say.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# The folder above, so that the script runs from anywhere.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import typer  # noqa: E402

HERE = Path(__file__).resolve().parent
PRESETS = ("quick", "cpu", "paper")


def main(
    preset: Annotated[str, typer.Option(help=f"One of {', '.join(PRESETS)}.")] = "quick",
    data: Annotated[
        Path | None, typer.Option(help="Folder with Omniglot; else KERAS_SIAMESE_DATA or download.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Result file; else reproduce/results/NAME.json.")
    ] = None,
    runs: Annotated[Path, typer.Option(help="Folder for the state of runs.")] = HERE / "runs",
    resume: Annotated[bool, typer.Option(help="Go on with an interrupted run.")] = False,
    seed: Annotated[int, typer.Option(help="Seed of everything.")] = 0,
    budget: Annotated[
        float | None, typer.Option(help="Minutes of training at most; resumable.")
    ] = None,
    validate_only: Annotated[
        bool, typer.Option(help="Leave the test alphabets unread: for choosing settings.")
    ] = False,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Another setting, as name=value in JSON.")
    ] = None,
) -> None:
    """Train one run, score it, and write the result."""
    from reproduce import experiment, results

    try:
        if preset not in PRESETS:
            raise ValueError(f"--preset must be one of {', '.join(PRESETS)}. Received: {preset}")
        config = importlib.import_module(f"reproduce.configs.{preset}").CONFIG
        config = config.override(seed=seed, **results.parse_settings(set_ or []))
        name = f"{config.name}-seed{config.seed}"
        path = output or HERE / "results" / f"{name}.json"
        results.check_writable(path)
        result = experiment.run(
            config,
            data_dir=data,
            run_dir=runs / name,
            resume=resume,
            score_test=not validate_only,
            callbacks=experiment.time_budget(budget),
        )
        results.write(path, result)
        results.show(result)
        print(f"Result: {path}")
    except KeyboardInterrupt:
        print("\nInterrupted. Add --resume to go on from the last whole epoch.", file=sys.stderr)
        raise SystemExit(130) from None
    except (ValueError, OSError) as error:
        print(f"run_paper: {error}", file=sys.stderr)
        raise SystemExit(1) from None


if __name__ == "__main__":
    typer.run(main)
