"""`python -m tests.chaos [--cancels N] [--kills N] [--seed N]`: cancel exports, and kill who makes them."""

import argparse
import tempfile
import time
from pathlib import Path

import anyio

from tests.chaos.cancels import cancel_at_moments
from tests.chaos.kills import kill_at_moments
from tests.chaos.scene import scene


def main() -> None:
    """Do both, and print what was seen; fail at the first thing that is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--cancels", type=int, default=100)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        anyio.run(chaos, Path(folder), given.cancels, given.kills, given.seed)


async def chaos(folder: Path, cancels: int, kills: int, seed: int) -> None:
    """Let it happen in a local store."""
    for name, count in (("cancels", cancels), ("kills", kills)):
        (folder / name).mkdir()
        began = time.monotonic()
        async with scene(folder / name) as place:
            if name == "cancels":
                cancelled = await cancel_at_moments(place, count=count, seed=seed)
                print(f"{cancelled.steps.total()} cancelled, {cancelled.too_late} too late; ", end="")
                print(f"the last of one was gone after {cancelled.slowest_s:.2f} s")
                tally = cancelled.steps
            else:
                killed = await kill_at_moments(place, count=count, seed=seed)
                print(f"{killed.steps.total()} killed, {killed.completed} completed once; ", end="")
                print(f"{killed.reused} steps were not done again")
                tally = killed.steps
        print(", ".join(f"{count} {name}" for name, count in tally.most_common()))
        print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
