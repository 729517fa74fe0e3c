"""`oven jobs`: looking at and steering the jobs of the running daemon."""

from typing import Annotated

import typer

from oven.cli.ask import ask
from oven.cli.show import AsJson, Id, described, show, told
from oven.cli.terminal import complain, write, write_json

jobs = typer.Typer(
    no_args_is_help=True, help="Look at and steer the running daemon's jobs.", rich_markup_mode=None
)
jobs.command()(show)


@jobs.command("list")
def list_jobs(
    *,
    state: Annotated[str | None, typer.Option(metavar="STATE", help="Only jobs in this state.")] = None,
    callback: Annotated[
        str | None, typer.Option(metavar="STATE", help="Only jobs with a callback in this state.")
    ] = None,
    owner: Annotated[str | None, typer.Option(metavar="USER", help="Only jobs of this user.")] = None,
    output: Annotated[
        str | None, typer.Option(metavar="KEY", help="Only jobs that write this, such as tapes/NAME.mp4.")
    ] = None,
    cursor: Annotated[str | None, typer.Option(metavar="CURSOR", help="Go on from an earlier list.")] = None,
    limit: Annotated[int, typer.Option(metavar="N", help="So many at most, 1 to 200.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List jobs, newest first."""
    filters = {
        "state": state,
        "callback": callback,
        "owner": owner,
        "output": output,
        "cursor": cursor,
        "limit": str(limit),
    }
    query = {name: value for name, value in filters.items() if value is not None}
    answer = ask("GET", "jobs", as_json=as_json, query=query)
    if as_json:
        write_json(answer)
        return
    for job in answer["jobs"]:
        callback = (job["callback"] or {}).get("state", "")
        row = f"{job['id']}  {job['state']:<9}  {job['kind']:<6}  {job['createdAt']}  {callback:<9}"
        write(f"{row}  {job['output'] or '':<20}  {told(job['error'])}".rstrip() + "\n")
    if answer["nextCursor"]:
        complain(f"there are more: --cursor {answer['nextCursor']}\n")


@jobs.command()
def cancel(job_id: Id, *, as_json: AsJson = False) -> None:
    """End a job now, queued or running."""
    _print_job("DELETE", job_id, as_json=as_json)


@jobs.command()
def retry(job_id: Id, *, as_json: AsJson = False) -> None:
    """Run a job that has ended once more."""
    _print_job("POST", job_id, "retry", as_json=as_json)


@jobs.command()
def replay(job_id: Id, *, as_json: AsJson = False) -> None:
    """Send a job's callback again."""
    answer = ask("POST", "jobs", job_id, "callback", "replay", as_json=as_json)
    if as_json:
        write_json(answer)
    else:
        write("the callback is sent again, now\n")


def _print_job(method: str, *names: str, as_json: bool) -> None:
    job = ask(method, "jobs", *names, as_json=as_json)
    if as_json:
        write_json(job)
    else:
        write(described(job))
