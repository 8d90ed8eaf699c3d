"""Score the robustness suite: looks of Omniglot's drawings, and signs of other kinds.

python -m studies.robustness                  the development part, to choose on
python -m studies.robustness --part test      the test part, scored once for a release

Each row is written as soon as it is scored. Rows that the result file holds already are left, so a
run that was stopped is resumed by the same command, and other rows are added to a file.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from keras_siamese.pretrained import pretrained_names
from reproduce import provenance, results
from reproduce.script import errors_told
from studies import RESULTS
from studies.robustness.looks import LOOKS
from studies.robustness.result import begun, with_row
from studies.robustness.rows import SUBSETS, TRIALS
from studies.robustness.suite import ROWS, score_rows, settings

OUTPUT = RESULTS / "robustness"


def row_line(row: dict[str, Any]) -> str:
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
    """Score the rows that the result lacks, print each, and write the result."""
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
    parser.add_argument(
        "--again", action="store_true", help="score rows anew that the result file holds already"
    )
    parser.add_argument("--looks-only", action="store_true", help="leave the domains out")
    parser.add_argument("--trials", type=int, default=TRIALS, help="trials of each row")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, help="rows at once; one for each core by default")
    parser.add_argument("--data", type=Path, help="folder with Omniglot")
    parser.add_argument("--out", type=Path, default=OUTPUT, help="folder of the result file")
    options = parser.parse_args(arguments)
    with errors_told("studies.robustness", interrupted="The same command resumes it."):
        run(options)


def run(options: argparse.Namespace) -> None:
    """Score and write what the command's options say.

    Raises:
        ValueError: If the result file was scored with other settings.
        OSError: If it cannot be written, or data is missing.
    """
    path = options.out / f"{options.part}.json"
    results.check_result_writable(path)
    chosen = {"trials": options.trials, "seed": options.seed}
    result = begun(path, settings(options.part, options.networks, **chosen))
    held = () if options.again else [row["name"] for row in result["rows"]]
    asked = [row for row in options.rows if row in LOOKS or not options.looks_only]
    rows = [row for row in asked if row not in held]
    if len(rows) < len(asked):
        print(f"{len(asked) - len(rows)} rows stand in {path}; --again scores them anew")
    if not rows:
        return
    origin, start = provenance.origin(), time.perf_counter()
    scored = score_rows(
        rows,
        options.part,
        options.networks,
        **chosen,
        processes=options.processes,
        data_dir=options.data,
    )
    for row in scored:
        now = time.perf_counter()
        result = with_row(result, row, origin, now - start)
        start = now
        results.write(path, result)
        print(row_line(row), flush=True)
    print(f"{len(rows)} rows scored: {path}")


if __name__ == "__main__":
    main()
