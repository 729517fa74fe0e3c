"""`oven show`: one job, all that happened to it, and what its tools said."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from oven.cli.ask import ask
from oven.cli.terminal import write, write_json
from oven.cli.waterfall import waterfall
from oven.domain.text import printable

MEMBERS = (
    "id",
    "kind",
    "owner",
    "bucket",
    "output",
    "state",
    "run",
    "attempt",
    "phase",
    "position",
    "speed",
    "etaS",
    "createdAt",
    "startedAt",
    "finishedAt",
)
# Of a log so many lines are shown; --json has all that is kept.
LOG_LINES = 15

Id = Annotated[str, typer.Argument(metavar="ID", help="The job's id.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]


def show(job_id: Id, *, as_json: AsJson = False) -> None:
    """Show one job, all that happened to it, and the end of what ffmpeg said."""
    job = ask("GET", "jobs", job_id, as_json=as_json)
    timeline = ask("GET", "jobs", job_id, "timeline", as_json=as_json)
    if as_json:
        write_json({**job, "timeline": timeline})
        return
    write(described(job))
    write("\ntimeline\n" + "".join(f"{at:<24} {what}\n" for at, what in sorted(_events(timeline), key=_at)))
    if bars := [waterfall(attempt) for attempt in timeline["attempts"] if attempt["steps"]]:
        write(f"\nsteps of the last attempt\n{bars[-1]}")
    if logs := [attempt["log"] for attempt in timeline["attempts"] if attempt["log"]]:
        lines = [printable(line) for line in logs[-1].splitlines()]
        write("\nlog of the last attempt\n" + "".join(f"{line}\n" for line in lines[-LOG_LINES:]))


def described(job: dict[str, Any]) -> str:
    """Say where a job stands, a line each."""
    rows = {member: job[member] for member in MEMBERS if job[member] is not None}
    rows["progress"] = f"{job['progress']:.0%}"
    if job["error"]:
        rows["error"] = told(job["error"])
    for name in ("videoUrl", "thumbnailUrl"):
        if (job["result"] or {}).get(name):
            rows[name] = job["result"][name]
    if job["callback"]:
        tries = job["callback"]["tries"]
        rows["callback"] = f"{job['callback']['state']}, tried {tries} time{'s' * (tries != 1)}"
        if job["callback"]["nextTryAt"]:
            rows["callback"] += f", next at {job['callback']['nextTryAt']}"
    return "".join(f"{name:<12} {value}\n" for name, value in rows.items())


def told(error: dict[str, Any] | None) -> str:
    return printable(f"{error['message']} [{error['code']}]") if error else ""


def _at(event: tuple[str, str]) -> str:
    return event[0]


def _events(timeline: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Give (instant, what happened), in no order."""
    yield timeline["acceptedAt"], "accepted"
    for attempt in timeline["attempts"]:
        name = f"run {attempt['run']}, attempt {attempt['attempt']}"
        yield attempt["startedAt"], f"{name} began"
        for step in attempt["steps"]:
            took = "not ended" if step["seconds"] is None else f"{step['seconds']:.3f} s"
            yield step["startedAt"], f"  {step['phase']}: {step['name']}, {took} {step['outcome'] or ''}"
        if attempt["endedAt"]:
            error = f": {told(attempt['error'])}" if attempt["error"] else ""
            yield attempt["endedAt"], f"{name} ended, {attempt['endedAs']}{error}"
    for callback in timeline["callbacks"]:
        for tried in callback["deliveries"]:
            answer = tried["status"] or printable(tried["error"] or "no answer")
            yield tried["at"], f"callback of run {callback['run']}: {answer} after {tried['seconds']:.3f} s"
