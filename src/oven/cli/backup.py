"""`oven backup`: a copy of the database and its key."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from oven.cli.show import AsJson
from oven.cli.terminal import fail, write, write_json
from oven.domain.errors import OvenError
from oven.settings import read_settings

KEPT = 7
FOLDER = "backups"


def backup(
    *,
    to: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where copies are kept [default: backups in the data dir]."),
    ] = None,
    keep: Annotated[
        int, typer.Option(metavar="N", min=1, max=10_000, help="So many copies stay, this one among them.")
    ] = KEPT,
    as_json: AsJson = False,
) -> None:
    """Copy the database and its key, consistently, while the daemon runs or not; remove old copies."""
    # Most commands need no database, and none of what opens secrets.
    from oven.adapters.backups import back_up  # noqa: PLC0415
    from oven.adapters.database.engine import FILE  # noqa: PLC0415
    from oven.adapters.sealing import KEY_FILE  # noqa: PLC0415

    try:
        settings = read_settings()
        made = back_up(
            settings.database_file or settings.data_dir / FILE,
            settings.data_dir / KEY_FILE,
            settings.data_dir / FOLDER if to is None else to.absolute(),
            keep=keep,
            now=datetime.now(UTC),
        )
    except OvenError as error:
        raise fail(error, as_json=as_json) from error
    if as_json:
        removed = [str(folder) for folder in made.removed]
        sizes = {"sizeBytes": made.size_bytes, "jobs": made.jobs}
        write_json({"folder": str(made.folder), **sizes, "removed": removed})
    else:
        gone = f"; older copies removed: {len(made.removed)}" if made.removed else ""
        write(f"{made.folder}: {made.size_bytes:,} bytes, {made.jobs:,} jobs{gone}\n")
