"""Write the generated parts of README.md, docs/ and NOTES.md: tables, numbers and transcripts.

python -m website                      renews them
python -m website --check              changes nothing, exits with 1 where one differs
python -m website --only table number  leaves the transcripts, which run commands

Tables and numbers come from the JSON results. website/pages.py describes the marks.
"""

from __future__ import annotations

import argparse
import shutil
import sys

from reproduce.results import RESULTS, ROOT, load_results
from website.pages import KINDS, PAGES, PageProblem, Renewer
from website.transcripts import folder_with_drawings, run_command

# A drawing that examples/ makes, and its place among the pages.
DRAWN = ROOT / "examples" / "results" / "tied_weights.svg"
SHOWN = ROOT / "docs" / "figures" / "tied-weights.svg"


def main(arguments: list[str] | None = None) -> int:
    """Renew or check the pages; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing, tell what differs")
    parser.add_argument("--only", nargs="+", choices=KINDS, default=KINDS, help="of these kinds")
    options = parser.parse_args(arguments)
    renewer = Renewer(load_results(RESULTS), run_command, options.only)
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        with folder_with_drawings():
            new = renewer.renewed(path.relative_to(ROOT).as_posix(), text)
        if new != text and not options.check:
            path.write_text(new, encoding="utf-8")
    problems = renewer.problems
    if DRAWN.read_bytes() != SHOWN.read_bytes():
        name = SHOWN.relative_to(ROOT).as_posix()
        problems.append(PageProblem(name, 1, f"it is no copy of {DRAWN.name}", stale=True))
        if not options.check:
            shutil.copyfile(DRAWN, SHOWN)
    for problem in problems:
        print(f"renewed {problem}" if problem.stale and not options.check else problem)
    return int(any(options.check or not problem.stale for problem in problems))


if __name__ == "__main__":
    sys.exit(main())
