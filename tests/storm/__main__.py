"""`python -m tests.storm [--count N] [--seed N]`: the long storm over the doors."""

import argparse
import sys
import tempfile
from functools import partial
from pathlib import Path

import anyio

from tests.storm.storm import storm


def main() -> None:
    """Send the requests, print what schemathesis says; exit with 1 where an answer was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.storm")
    parser.add_argument("--count", type=int, default=1_000, help="requests a route")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        weather = anyio.run(partial(storm, Path(folder), count=given.count, seed=given.seed))
    print(weather.said)
    print(f"{weather.requests} requests with seed {given.seed}; {len(weather.crashes)} crashes")
    sys.exit(0 if weather.is_fair and not weather.crashes else 1)


if __name__ == "__main__":
    main()
