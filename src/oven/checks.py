"""Whether Oven could work with its settings on this machine: `oven check`."""

from dataclasses import dataclass

from oven import app
from oven.adapters.ffmpeg import EXPORT_ENCODERS, missing_encoders, program_version
from oven.adapters.folders import can_write_below
from oven.adapters.listening import listen_tcp
from oven.adapters.process import missing_programs
from oven.adapters.sandbox import find_sandbox
from oven.domain.errors import OvenError
from oven.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that must be right before Oven can work."""

    name: str
    is_right: bool
    found: str
    hint: str = ""
    # Work goes on with it, but an operator would regret it.
    is_warning: bool = False


async def look_around(settings: Settings) -> list[Check]:
    """Look whether Oven could work with these settings on this machine; changes nothing."""
    checks = [
        await _check_program("ffmpeg", settings.ffmpeg),
        await _check_program("ffprobe", settings.ffprobe),
    ]
    if checks[0].is_right:
        missing = await missing_encoders(settings.ffmpeg)
        checks.append(
            Check(
                name="encoders",
                is_right=not missing,
                found=f"missing: {', '.join(missing)}" if missing else "libx264, aac",
                hint="Use an ffmpeg that was built with them, as Debian's is." if missing else "",
            )
        )
        for_exports = await missing_encoders(settings.ffmpeg, EXPORT_ENCODERS)
        lacking = f"missing, so exports that want them fail: {', '.join(for_exports)}"
        checks.append(
            Check(
                name="export encoders",
                is_right=True,
                found=lacking if for_exports else ", ".join(EXPORT_ENCODERS),
                hint="Use an ffmpeg that was built with them, as Debian's is." if for_exports else "",
                is_warning=bool(for_exports),
            )
        )
    absent = missing_programs()
    checks.append(
        Check(
            name="confinement",
            is_right=not absent,
            found=f"missing: {', '.join(absent)}" if absent else (await find_sandbox()).description,
            hint="Install util-linux." if absent else "",
        )
    )
    for name, folder in (
        ("OVEN_DATA_DIR", settings.data_dir),
        ("OVEN_DATABASE_URL", (settings.database_file or settings.data_dir / "x").parent),
        ("TEMP_DIR", app.work_root(settings)),
        *([] if settings.log_dir is None else [("OVEN_LOG_DIR", settings.log_dir)]),
    ):
        writable = can_write_below(folder)
        checks.append(
            Check(
                name=name,
                is_right=writable,
                found=f"{folder} {'can' if writable else 'cannot'} be written to",
                hint="" if writable else f"Point {name} to a place that this user may write to.",
            )
        )
    memory = Check(name="memory", is_right=True, found=str(app.budget_of(settings)))
    return [*checks, memory, *_check_database(settings), _check_listening(settings)]


def _check_database(settings: Settings) -> list[Check]:
    """Look whether a database that is there can be taken over; an older one is migrated by the daemon."""
    # What migrates takes a moment to load: bakes go without it.
    from oven.adapters.database.engine import FILE  # noqa: PLC0415
    from oven.adapters.database.survey import survey  # noqa: PLC0415

    try:
        found = survey(settings.database_file or settings.data_dir / FILE)
    except OvenError as error:
        return [
            Check(name="database", is_right=False, found=f"{error.message} [{error.code}]", hint=error.hint)
        ]
    if found is None:
        return []
    schema = (
        "this release's schema" if found.is_current else "an older schema, which the daemon brings up to date"
    )
    said = f"{found.size_bytes:,} bytes, {schema} ({found.schema})"
    return [Check(name="database", is_right=True, found=said)]


def _check_listening(settings: Settings) -> Check:
    if settings.socket is not None:
        return Check(
            name="OVEN_SOCKET",
            is_right=can_write_below(settings.socket.parent),
            found=f"{settings.socket}",
            hint="Point it to a folder that this user may write to.",
        )
    try:
        # Any port: the daemon may be listening on its own.
        listener, _ = listen_tcp(settings.host, 0)
    except OvenError as error:
        return Check(name="HOST", is_right=False, found=error.message, hint=error.hint)
    listener.close()
    return Check(name="HOST", is_right=True, found=f"{settings.host} is an address of this machine")


async def _check_program(name: str, program: str) -> Check:
    try:
        version = await program_version(program)
    except OvenError as error:
        return Check(name=name, is_right=False, found=error.message, hint=error.hint)
    return Check(name=name, is_right=True, found=version)
