"""What goes beyond the paper: studies, each with its tables and figures."""

from pathlib import Path

# Result files of the studies.
RESULTS = Path(__file__).resolve().parent / "results"
