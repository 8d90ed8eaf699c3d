"""Why the weights of a siamese network are tied: six claims, each measured.

python -m examples.tied_weights                  under a minute on two cores, needs no data
python -m examples.tied_weights --data FOLDER    adds claim 6 on Omniglot, some minutes more

Writes tied_weights.json and tied_weights.svg (the latter with matplotlib) to the folder --out; the
page docs/tied-weights.md takes its numbers from there (see website/pages.py).
"""

from __future__ import annotations

import argparse
import functools
import importlib.util
import json
import os
import time
from pathlib import Path
from typing import Any

import tensorflow as tf

from examples.tied.additive import gradient_is_additive, one_weight_by_hand
from examples.tied.benefit import tied_against_untied
from examples.tied.construction import koch_counts, tied_by_construction
from examples.tied.copies import copies_trained, first_step
from examples.tied.material import glyph_material
from examples.tied.report import benefit_lines, lines
from examples.tied.reuse import reuse_is_tying
from examples.tied.tied_figure import draw_panels
from examples.tied.tied_omniglot import narrow_encoder, omniglot_material
from examples.tied.update_rule import penalty_forms, step_by_hand
from reproduce import provenance

RESULTS = Path(__file__).parent / "results"
NAME = "tied_weights"
# At the glyphs' rate of 0.1 a longer run of tied twins can diverge, their step being the larger.
OMNIGLOT_RATE = 0.03


def measure_claims() -> dict[str, Any]:
    """Return the numbers of the six claims on glyphs."""
    reuse = reuse_is_tying()  # first, for its memory
    material = glyph_material()
    return {
        "construction": tied_by_construction(material),
        "koch": koch_counts(),
        "one_weight": one_weight_by_hand(),
        "additive": gradient_is_additive(material),
        "first_step": first_step(material),
        "copies": copies_trained(material),
        "reuse": reuse,
        "hand": step_by_hand(),
        "forms": penalty_forms(material),
        "benefit": tied_against_untied(),
    }


def measure_omniglot(data_dir: Path, *, steps: int) -> dict[str, Any]:
    """Return the numbers of claim 6 on Omniglot."""
    return tied_against_untied(
        functools.partial(omniglot_material, data_dir=data_dir),
        narrow_encoder,
        steps=steps,
        rate=OMNIGLOT_RATE,
        report=lambda line: print(f"   {line}", flush=True),
    )


def origin_and_cost(start: float) -> dict[str, Any]:
    """Return the numbers' origin, and what they cost since `start`, of `time.perf_counter`."""
    return {
        "seconds": round(time.perf_counter() - start, 1),
        "processor_seconds": round(time.process_time(), 1),
        **provenance.origin(),
    }


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, and write the numbers and the figure."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])  # type: ignore[union-attr]
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for what is written")
    parser.add_argument(
        "--data",
        type=Path,
        default=os.environ.get("KERAS_SIAMESE_DATA"),
        help="folder with Omniglot, for the second part of claim 6 (else KERAS_SIAMESE_DATA)",
    )
    parser.add_argument(
        "--omniglot-steps", type=int, default=1000, help="steps of each Omniglot run"
    )
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    # Every claim compiles a separate step, which TensorFlow takes for a mistake.
    tf.get_logger().setLevel("ERROR")

    start = time.perf_counter()
    numbers = measure_claims()
    print("\n".join(lines(numbers)))
    _write(options.out / f"{NAME}.json", {**numbers, "origin": origin_and_cost(start)})
    if importlib.util.find_spec("matplotlib"):
        draw_panels(numbers, options.out / f"{NAME}.svg")
    else:
        print("No figure: it needs matplotlib (pip install 'keras_siamese[report]').")
    print(f"{time.perf_counter() - start:.0f} s; written to {options.out}")
    if options.data:
        start = time.perf_counter()
        benefit = measure_omniglot(Path(options.data), steps=options.omniglot_steps)
        print("\n".join(benefit_lines("6. What tying buys, on Omniglot", benefit)))
        path = options.out / f"{NAME}_omniglot.json"
        _write(path, {"benefit": benefit, "origin": origin_and_cost(start)})


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
