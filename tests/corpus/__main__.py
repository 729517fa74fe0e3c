"""`python -m tests.corpus`: send every bad input to a daemon, and say what came of it."""

import sys
import tempfile
from pathlib import Path

import anyio

from tests.corpus.attack import Report, attack

MEGABYTE = 1 << 20


def main() -> None:
    """Attack, print the report; exit with 1 where anything was wrong."""
    with tempfile.TemporaryDirectory() as folder:
        report = anyio.run(attack, Path(folder))
    show(report)
    sys.exit(1 if report.wrong else 0)


def show(report: Report) -> None:
    for code, count in sorted(report.codes.items()):
        print(f"{count:>6} {code}")
    total = report.codes.total()
    print(f"{total} bad inputs in {report.seconds:.0f} s; {len(report.wrong)} complaints")
    for name, (seconds, case) in {"request": report.slowest_request, "job": report.slowest_job}.items():
        print(f"slowest {name}: {1000 * seconds:.0f} ms, {case}")
    cost = report.cost
    print(f"daemon: {report.at_rest / MEGABYTE:.0f} MB before, {cost.daemon / MEGABYTE:.0f} MB at its peak")
    print(f"largest child {cost.child / MEGABYTE:.0f} MB, all together {cost.together / MEGABYTE:.0f} MB")
    print(f"work folder: {cost.work / MEGABYTE:.0f} MB at its peak")
    for complaint in report.wrong:
        print(f"  WRONG {complaint}")


if __name__ == "__main__":
    main()
