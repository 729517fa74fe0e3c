"""`oven jobs`: looking at and steering the jobs of the running daemon, over HTTP."""

from typing import Annotated, Any

import aiohttp
import anyio
import orjson
import typer

from oven.cli.terminal import fail, write, write_json
from oven.domain.errors import BadInputError, Code, FaultError, OvenError
from oven.settings import Settings, read_settings

TIMEOUT = aiohttp.ClientTimeout(total=30)
REFUSED = 400
MEMBERS = ("id", "kind", "state", "run", "attempt", "phase", "createdAt", "startedAt", "finishedAt")

jobs = typer.Typer(
    no_args_is_help=True, help="Look at and steer the running daemon's jobs.", rich_markup_mode=None
)

Id = Annotated[str, typer.Argument(metavar="ID", help="The job's id.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]


@jobs.command("list")
def list_jobs(
    *,
    state: Annotated[str | None, typer.Option(metavar="STATE", help="Only jobs in this state.")] = None,
    limit: Annotated[int, typer.Option(metavar="N", help="So many at most, 1 to 200.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List jobs, newest first."""
    query = {"limit": str(limit), **({"state": state} if state else {})}
    answer = _ask("GET", "", as_json=as_json, query=query)
    if as_json:
        write_json(answer)
        return
    for job in answer["jobs"]:
        write(f"{job['id']}  {job['state']:<9}  {job['kind']:<6}  {job['createdAt']}  {_error(job)}\n")


@jobs.command()
def show(job_id: Id, *, as_json: AsJson = False) -> None:
    """Show one job."""
    _print_job(_ask("GET", f"/{job_id}", as_json=as_json), as_json=as_json)


@jobs.command()
def cancel(job_id: Id, *, as_json: AsJson = False) -> None:
    """End a job now, queued or running."""
    _print_job(_ask("DELETE", f"/{job_id}", as_json=as_json), as_json=as_json)


@jobs.command()
def retry(job_id: Id, *, as_json: AsJson = False) -> None:
    """Run a job that has ended once more."""
    _print_job(_ask("POST", f"/{job_id}/retry", as_json=as_json), as_json=as_json)


@jobs.command()
def replay(job_id: Id, *, as_json: AsJson = False) -> None:
    """Send a job's callback again."""
    answer = _ask("POST", f"/{job_id}/callback/replay", as_json=as_json)
    if as_json:
        write_json(answer)
    else:
        write(f"{answer['replayed']} callback to send again\n")


def _print_job(job: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        write_json(job)
        return
    for member in MEMBERS:
        if job[member] is not None:
            write(f"{member:<11} {job[member]}\n")
    write(f"{'progress':<11} {job['progress']:.0%}\n")
    if job["error"]:
        write(f"{'error':<11} {_error(job)}\n")
    for name in ("videoUrl", "thumbnailUrl"):
        if (job["result"] or {}).get(name):
            write(f"{name:<11} {job['result'][name]}\n")


def _error(job: dict[str, Any]) -> str:
    error = job["error"]
    return f"{error['message']} [{error['code']}]" if error else ""


def _ask(method: str, path: str, *, as_json: bool, query: dict[str, str] | None = None) -> Any:
    """Ask the daemon that these settings describe → its JSON.

    Raises:
        typer.Exit: it refused, or is not there; said why.

    """
    try:
        return anyio.run(_send, read_settings(), method, path, query or {})
    except OvenError as error:
        raise fail(error, as_json=as_json) from error


async def _send(settings: Settings, method: str, path: str, query: dict[str, str]) -> Any:
    base = f"http://{settings.host}:{settings.port}"
    token = settings.admin_token.get_secret_value()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT) as session,
            session.request(method, f"{base}/v1/jobs{path}", params=query, headers=headers) as answer,
        ):
            said = orjson.loads(await answer.read())
    except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError) as error:
        raise FaultError(
            Code.NOT_FOUND,
            f"no Oven answers at {base}",
            hint="Start it with oven serve, or set HOST and PORT to where it listens.",
            detail=repr(error),
        ) from error
    if answer.status >= REFUSED:
        raise BadInputError(Code(said["code"]), said["error"], hint=said.get("hint", ""))
    return said
