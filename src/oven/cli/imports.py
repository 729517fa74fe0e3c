"""`oven import`: what is at a URL becomes an asset of the running daemon's."""

import math
from typing import Annotated, Any

import typer

from oven.cli.ask import asking
from oven.cli.interrupt import heeding_ctrl_c
from oven.cli.show import AsJson
from oven.cli.terminal import EXIT_FAILED, complain, fail, progress_bar, write, write_json
from oven.client import Asset, AssetType, Job, Oven
from oven.domain.errors import BadInputError, Code
from oven.domain.text import printable

# As a shell would say it: 128, and the number of SIGINT.
EXIT_INTERRUPTED = 130
# Between these an asset does not change by itself.
FINAL = {"READY", "FAILED"}


def import_url(
    url: Annotated[str, typer.Argument(metavar="URL", help="Where it is.")],
    *,
    kind: Annotated[AssetType, typer.Option("--type", help="What is there.")] = "video",
    name: Annotated[str | None, typer.Option(metavar="NAME", help="What it is to be called.")] = None,
    user: Annotated[str | None, typer.Option(metavar="USER", help="Whose it will be.")] = None,
    folder: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="The folder that it is put in.")
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option(metavar="TAG", help="What it is tagged with; may be given again.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until it is there.")] = True,
    as_json: AsJson = False,
) -> None:
    """Import a video, a sound or a picture from a URL."""
    job_id = ""
    try:
        with heeding_ctrl_c(), asking(as_json=as_json) as oven:
            asset = oven.import_from_url(
                url, type=kind, name=name, user_id=user, folder_id=folder, tags=tag or ()
            )
            job_id = str(asset["metadata"].get("import_job_id", ""))
            if wait and asset["status"] not in FINAL:
                _follow(oven, job_id, hidden=as_json)
                asset = oven.asset(asset["id"])
    except KeyboardInterrupt as interrupt:
        goes_on = (
            f"the import goes on: oven jobs show {job_id}" if job_id else "oven jobs list says what goes on"
        )
        complain(f"oven: stopped waiting; {goes_on}\n")
        raise typer.Exit(EXIT_INTERRUPTED) from interrupt
    if as_json:
        write_json(asset)
        if asset["status"] == "FAILED":
            raise typer.Exit(EXIT_FAILED)
    elif error := asset["error"]:
        code = Code(error["code"]) if error["code"] in set(Code) else Code.INTERNAL
        complain(f"asset {asset['id']} failed: oven jobs show {job_id}\n")
        raise fail(BadInputError(code, printable(error["message"]), hint=error["hint"]), as_json=False)
    else:
        write(_described(asset))


def _follow(oven: Oven, job_id: str, *, hidden: bool) -> None:
    """Show how far a job is, until it has ended."""
    with progress_bar(hidden=hidden) as show:

        def tell(job: Job) -> None:
            show(job["progress"], job["phase"] or job["state"], job["etaS"])

        oven.wait(job_id, math.inf, on_progress=tell)


def _described(asset: Asset) -> str:
    """Say what there is of an asset, a line each."""
    duration = asset["metadata"].get("duration")
    rows: dict[str, Any] = {
        "name": printable(asset["name"]),
        "status": asset["status"],
        "size": f"{asset['size']:,} bytes" if asset["size"] else "",
        "duration": "" if duration is None else f"{duration:g} s",
        "id": asset["id"],
        "job": asset["metadata"].get("import_job_id"),
        "url": asset["url"],
    }
    return "".join(f"{name:<12} {value}\n" for name, value in rows.items() if value)
