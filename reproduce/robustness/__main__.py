"""Score the robustness suite: looks of Omniglot's drawings, and signs of other kinds.

python -m reproduce.robustness                  the development part, to choose on
python -m reproduce.robustness --part test      the test part, scored once for a release
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from keras_siamese.pretrained import pretrained_names
from reproduce import results
from reproduce.robustness.looks import LOOKS
from reproduce.robustness.rows import SUBSETS, TRIALS
from reproduce.robustness.suite import ROWS, score_suite

OUTPUT = Path(__file__).resolve().parents[1] / "results" / "robustness"


def in_words(row: dict[str, Any]) -> str:
    """Return the scores of a row as a line of text."""
    words = []
    for entry in row["scores"]:
        words.append(f"{entry['method']} {100 * entry['value']:.1f}")
        if "false_accepts" in entry:
            accepted, refused = entry["false_accepts"]["value"], entry["refused"]["value"]
            words[-1] += f" (false accepts {accepted:.1%}, refused {refused:.1%}, "
            silent, warned = entry["unwarned_false_accepts"]["value"], entry["warned"]["value"]
            words[-1] += f"false accepts without a warning {silent:.1%}, warned of {warned:.1%}, "
            words[-1] += f"unlike the training images {entry['unlike']['value']:.1%})"
    return f"{row['name']:24} {', '.join(words)}"


def main(arguments: list[str] | None = None) -> None:
    """Score the rows, print each, and write the result."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--part", choices=tuple(SUBSETS), default="development")
    parser.add_argument(
        "--networks",
        nargs="+",
        choices=pretrained_names(),
        default=list(pretrained_names()),
        help="shipped networks to score; all by default",
    )
    parser.add_argument(
        "--rows",
        nargs="+",
        choices=ROWS,
        default=list(ROWS),
        metavar="ROW",
        help=f"looks and domains; all by default: {'; '.join(ROWS)}",
    )
    parser.add_argument("--looks-only", action="store_true", help="leave the domains out")
    parser.add_argument("--trials", type=int, default=TRIALS, help="trials of each row")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, help="rows at once; one for each core by default")
    parser.add_argument("--data", type=Path, help="folder with Omniglot")
    parser.add_argument("--out", type=Path, default=OUTPUT, help="folder of the result file")
    options = parser.parse_args(arguments)
    rows = [row for row in options.rows if row in LOOKS] if options.looks_only else options.rows
    path = options.out / f"{options.part}.json"
    results.check_writable(path)
    result = score_suite(
        options.part,
        options.networks,
        rows=rows,
        trials=options.trials,
        seed=options.seed,
        processes=options.processes,
        data_dir=options.data,
        on_row=lambda row: print(in_words(row), flush=True),
    )
    results.write(path, result)
    print(f"{len(rows)} rows in {result['seconds']:.0f} s: {path}")


if __name__ == "__main__":
    main()
