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
    runs: Annotated[Path, typer.Option(help="Folder for state and logs of runs.")] = HERE / "runs",
    resume: Annotated[bool, typer.Option(help="Go on with an interrupted run.")] = False,
    restart: Annotated[bool, typer.Option(help="Throw an interrupted run away.")] = False,
    seed: Annotated[int | None, typer.Option(help="Seed; else the preset's.")] = None,
    budget: Annotated[
        float | None, typer.Option(help="Minutes of training at most; then --resume goes on.")
    ] = None,
    validate_only: Annotated[
        bool, typer.Option(help="Leave the test alphabets unread: for choosing settings.")
    ] = False,
    tensorboard: Annotated[bool, typer.Option(help="Write TensorBoard logs, too.")] = False,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Another setting, as name=value in JSON.")
    ] = None,
) -> None:
    """Train one run, score it, and write the result."""
    try:
        from reproduce import experiment, results

        if preset not in PRESETS:
            raise ValueError(f"--preset must be one of {', '.join(PRESETS)}. Received: {preset}")
        changes = results.parse_settings(set_ or []) | ({} if seed is None else {"seed": seed})
        config = importlib.import_module(f"reproduce.configs.{preset}").CONFIG.override(**changes)
        name = results.run_name(config, changes, validate_only)
        path = output or HERE / "results" / f"{name}.json"
        results.check_writable(path)
        experiment.check_start(runs / name, resume=resume, restart=restart)
        result = experiment.run(
            config,
            data_dir=data,
            run_dir=runs / name,
            resume=resume,
            score_test=not validate_only,
            callbacks=experiment.callbacks(runs / name, resume, budget, tensorboard),
        )
        results.write(path, result)
        results.show(result)
        if not result["training"]["finished"]:
            print("The run is not finished, so the test was left unread; --resume goes on.")
        print(f"Result: {path}")
    except KeyboardInterrupt:
        print("\nInterrupted. Add --resume to go on from the last whole epoch.", file=sys.stderr)
        raise SystemExit(130) from None
    except (ValueError, OSError) as error:
        print(f"run_paper: {error}", file=sys.stderr)
        raise SystemExit(1) from None


if __name__ == "__main__":
    typer.run(main)
