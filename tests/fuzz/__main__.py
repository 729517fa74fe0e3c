"""`python -m tests.fuzz [--count N] [--seed N]`: break input at random, at length, and count the answers."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.mutations import TARGETS, run


def main() -> None:
    """Run each target, print its answers; exit with 1 where any was not ours."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    bad = 0
    for name, target in TARGETS.items():
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            answers, escaped = run(target, given.count, given.seed, Path(folder))
        bad += len(escaped)
        print(f"{name}: {given.count} with seed {given.seed} in {time.monotonic() - began:.0f} s")
        for answer, count in answers.most_common():
            print(f"  {count:>7} {answer}")
        for line in escaped[:20]:
            print(f"  ESCAPED {line}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
