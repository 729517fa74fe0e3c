"""Bakes: the commands that one would type, Oven's encode and the whole of `oven bake`, in turn."""

import argparse
import csv
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import anyio

from benchmarks import bake_ways
from benchmarks.bake_table import RAW_HEADS, Case, Found, raw_rows, table
from benchmarks.bake_truth import look
from benchmarks.children import Cost, measured
from benchmarks.tapes import KINDS, SECONDS, Recording, record
from oven.adapters.ffmpeg import program_version

ROUNDS = 3
RAW = Path("docs/benchmarks/bake.csv")
LARGE = (Case("drawing", 6, bake_ways.listed, False), Case("plasma", 6, bake_ways.listed, False))
SMALL = ("drawing", "plasma", "prompt", "phone", "noise", "sync")
USUAL = tuple(Case(name, 3, bake_ways.constant, True) for name in SMALL)


async def measure(*words: str) -> None:
    """Make films of tapes in every way, several rounds, and print one table."""
    given = _given(words)
    print(await _surroundings())
    rows: list[list[str]] = []
    with tempfile.TemporaryDirectory() as place:
        folder = given.keep or Path(place)
        for case in given.cases:
            name = f"{case.tape}-{case.scale}"
            shutil.rmtree(folder / name, ignore_errors=True)
            (folder / name).mkdir(parents=True)
            tape = record(folder / name, case.tape, seconds=given.seconds, sound=case.sound)
            found = await _measured(case, tape, folder / name, given)
            print("\n".join(table(case, tape, found)), flush=True)
            rows += [row for one in found for row in raw_rows(case, one)]
            if not given.keep:
                shutil.rmtree(folder / name)
    if given.raw is not None:
        given.raw.parent.mkdir(parents=True, exist_ok=True)
        with given.raw.open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([RAW_HEADS, *rows])


async def _measured(case: Case, tape: Recording, folder: Path, given: argparse.Namespace) -> list[Found]:
    ways = [
        case.reference(tape, folder / "reference", case.scale),
        await bake_ways.encode(tape, folder / "encode", case.scale),
        bake_ways.whole(tape, folder / "whole", case.scale),
    ]
    costs: dict[str, list[Cost]] = {way.name: [] for way in ways}
    for _ in range(given.rounds):
        for way in ways:
            costs[way.name].append(measured(way.words, way.folder)[0])
    return [
        Found(
            way,
            costs[way.name],
            (way.folder / way.file).stat().st_size,
            look(tape, way, case.scale, referee=given.referee),
        )
        for way in ways
    ]


async def _surroundings() -> str:
    """Say on what was measured, and when."""
    processor = re.search(r"model name\s*: (.*)", await anyio.Path("/proc/cpuinfo").read_text())
    commit = await anyio.run_process(["git", "describe", "--always", "--dirty"], check=False)
    said = {
        "processor": processor[1] if processor else platform.machine(),
        "cores": os.cpu_count(),
        "load": f"{os.getloadavg()[0]:.1f}",
        "system": platform.freedesktop_os_release()["PRETTY_NAME"],
        "ffmpeg": await program_version("ffmpeg"),
        "Python": platform.python_version(),
        "Oven": commit.stdout.decode().strip(),
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
    }
    return ", ".join(f"{name} {value}" for name, value in said.items())


def _given(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks bake", description=__doc__)
    parser.add_argument("tapes", nargs="*", choices=[[], *KINDS], metavar="TAPE", help=", ".join(KINDS))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each tape")
    parser.add_argument("--only", choices=["large", "usual"], help="one half of the table")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep tapes and films there")
    parser.add_argument("--raw", type=Path, metavar="FILE.csv", help=f"write raw rows; ours are {RAW}")
    parser.add_argument("--referee", metavar="FFMPEG", help="one that was built with libvmaf")
    given = parser.parse_args(words)
    cases = {"large": LARGE, "usual": USUAL, None: (*LARGE, *USUAL)}[given.only]
    known = {case.tape for case in cases}
    wanted = given.tapes or known
    given.cases = [case for case in cases if case.tape in wanted]
    # Tapes that are not of the usual table are held against the large command.
    given.cases += [Case(name, 6, bake_ways.listed, sound=False) for name in wanted if name not in known]
    return given
