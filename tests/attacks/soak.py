"""Attacks for as long as asked, each round with another seed; stops at the first that fails.

make soak MINUTES=60
python -m tests.attacks.soak --minutes 5 --json soak.json
python -m tests.attacks.soak --only kills --seed 17 --rounds 1     does again what failed
"""

import argparse
import faulthandler
import json
import logging
import os
import resource
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
# Most that one damaged file may cost beyond what the process had before, in MB.
MOST_MEMORY = 1000
# Longest round, in seconds; on an idle core the longest takes about 30.
MOST_SECONDS = 600


def peak():
    """Return the most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def soak(minutes, seed, only, rounds):
    """Attack, and report once a minute.

    Returns:
        What was done, and whether all went well.
    """
    from reproduce import provenance
    from tests.attacks.rounds import ATTACKS, run

    origin = provenance.origin()
    origin["versions"] |= {"pillow": version("pillow")}
    names = only or list(ATTACKS)
    done, start, told = Counter(), time.monotonic(), time.monotonic()
    spent, base, failure = Counter(), peak(), None
    while failure is None and (
        sum(spent.values()) < rounds if rounds else time.monotonic() - start < 60 * minutes
    ):
        # The attack that had the least time so far, so that all get the same.
        name = min(names, key=lambda each: (done[f"seconds of {each}"], names.index(each)))
        number, begin = seed + spent[name], time.monotonic()
        # Where an attack hangs, all stacks and the end; its seed stands above them.
        print(f"{name} {number}", end="\r", flush=True)
        faulthandler.dump_traceback_later(MOST_SECONDS, exit=True)
        try:
            found = run(name, number)
            assert peak() - base < MOST_MEMORY, f"a peak of {peak() - base} MB more than at first"
        except Exception:
            traceback.print_exc()
            failure = {"attack": name, "seed": number}
            break
        finally:
            faulthandler.cancel_dump_traceback_later()
            spent[name] += 1
            done[f"seconds of {name}"] += time.monotonic() - begin
        for key, count in found.items():
            done[key] = max(done[key], count) if key.startswith("most ") else done[key] + count
        if time.monotonic() - told > 60:
            told = time.monotonic()
            print(f"{(told - start) / 60:.0f} min: {summary(done)}", flush=True)
    return {
        "minutes": round((time.monotonic() - start) / 60, 2),
        "seed": seed,
        "rounds": dict(spent),
        "done": {key: round(count) for key, count in sorted(done.items())},
        "peak memory beyond the start, MB": peak() - base,
        "failure": failure,
        **origin,
    }


def summary(done):
    """Return the counts in a line."""
    return ", ".join(f"{round(n)} {key}" for key, n in sorted(done.items()) if "seconds" not in key)


def main():
    """Reads the command line, attacks, and prints what was done."""
    home = tempfile.TemporaryDirectory()
    os.environ["KERAS_HOME"] = os.path.join(home.name, "keras")
    os.environ["KERAS_SIAMESE_CACHE"] = os.path.join(home.name, "cache")
    from tests.attacks.rounds import ATTACKS

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, help="of the first round; else from the clock")
    parser.add_argument("--only", action="append", choices=tuple(ATTACKS))
    parser.add_argument("--rounds", type=int, help="rounds in all, instead of minutes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was done")
    asked = parser.parse_args()
    seed = int(time.time()) if asked.seed is None else asked.seed
    warnings.simplefilter("ignore")
    # Libraries may log to the stderr of an earlier command line, which is closed.
    logging.raiseExceptions = False
    with home:
        told = soak(asked.minutes, seed, asked.only, asked.rounds)
    if asked.json:
        asked.json.write_text(json.dumps(told, indent=2) + "\n")
    print(f"{told['minutes']} minutes from seed {seed}: {summary(Counter(told['done']))}")
    if told["failure"]:
        name, number = told["failure"].values()
        print(f"FAILED: python -m tests.attacks.soak --only {name} --seed {number} --rounds 1")
        sys.exit(1)


if __name__ == "__main__":
    main()
