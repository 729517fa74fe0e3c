"""Where the parts are put together: settings become adapters, adapters become tools."""

import hashlib
import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from oven.adapters.archive import ZipArchives
from oven.adapters.clock import wall_ms
from oven.adapters.egress import Egress, EgressPolicy
from oven.adapters.fetch import HttpFetcher
from oven.adapters.ffmpeg import EXPORT_ENCODERS, Ffmpeg, missing_encoders, program_version
from oven.adapters.files import LocalFiles
from oven.adapters.folders import can_write_below
from oven.adapters.frames import ChildPictures
from oven.adapters.listening import listen_tcp
from oven.adapters.private_source import PrivateSource
from oven.adapters.process import missing_programs
from oven.adapters.sandbox import find_sandbox
from oven.adapters.storage.local import LocalStorage
from oven.adapters.workspace import FolderWorkspace, scratch
from oven.domain.errors import OvenError
from oven.domain.job import Job, Lane
from oven.pipeline.attempt import Watch, attempt, unfenced
from oven.pipeline.ports import Tools
from oven.pipeline.storage import Storage
from oven.pipeline.trace import Trace
from oven.recipes.book import BOOK
from oven.recipes.plan import Limits, Outcome
from oven.recipes.steps import Target
from oven.recipes.tape import TapeRequest
from oven.settings import Settings

if TYPE_CHECKING:
    from oven.domain.addresses import Network

# The buckets of a bake from the command line: the folders that its options name.
VIDEO_BUCKET, THUMBNAIL_BUCKET = "video", "thumbnail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that must be right before Oven can work."""

    name: str
    is_right: bool
    found: str
    hint: str = ""
    # Work goes on with it, but an operator would regret it.
    is_warning: bool = False


async def bake_file(
    settings: Settings, request: TapeRequest, folders: Mapping[str, Path], watch: Watch
) -> Outcome:
    """Bake one tape of this machine, without a daemon.

    Args:
        settings: the operator's.
        request: what to bake, its targets in buckets that `folders` names.
        folders: where each bucket's objects go.
        watch: takes the progress.

    Raises:
        OvenError: why it could not be done; nothing is left behind.

    """
    tools = await tools_of(settings, LocalStorage(buckets=folders))
    return await bake_with(tools, settings, request, watch)


async def bake_with(tools: Tools, settings: Settings, request: TapeRequest, watch: Watch) -> Outcome:
    """Bake one tape as `bake_file` does, with tools that stand ready."""
    recipe = BOOK["bake"]
    job = Job(id="bake", kind=recipe.kind, request=request.as_json())
    with scratch(settings.temp_dir or Path(tempfile.gettempdir())) as root:
        workspace = FolderWorkspace(root, job=job.id, token=secrets.token_hex(8))
        return await attempt(
            job,
            recipe,
            tools=tools,
            workspace=workspace,
            limits=limits_of(settings),
            watch=watch,
            trace=Trace(now_ms=wall_ms),
            confirm=unfenced,
        )


def local_target(bucket: str, file: Path) -> tuple[Target, Path]:
    """Give the target of a file that the command line names, and the folder its bucket stands for."""
    return Target(bucket, file.name), file.absolute().parent


async def tools_of(settings: Settings, storage: Storage, fetcher: HttpFetcher | None = None) -> Tools:
    """Make the tools that steps are carried out with.

    Raises:
        FaultError: ENCODER_UNAVAILABLE.

    """
    sandbox = await find_sandbox()
    return Tools(
        files=LocalFiles(max_copied_bytes=settings.max_unpacked_bytes),
        fetcher=fetcher or fetcher_of(settings, egress_of(settings)),
        archives=ZipArchives(),
        pictures=ChildPictures(
            children=os.cpu_count() or 1,
            timeout_s=settings.bake_timeout_s,
            stall_s=settings.encode_stall_s,
            sandbox=sandbox,
        ),
        encoder=await Ffmpeg.find(settings.ffmpeg, settings.ffprobe, sandbox),
        storage=storage,
    )


def fetcher_of(
    settings: Settings,
    egress: Egress,
    private: PrivateSource | None = None,
    open_url: Callable[[str], str] = str,
) -> HttpFetcher:
    """Make what fetches sources, also from a private bucket of the operator's, and by sealed URLs."""
    return HttpFetcher(
        egress=egress,
        timeout_s=settings.fetch_timeout_s,
        source_hosts=settings.source_hosts,
        private=private,
        open_url=open_url,
    )


def egress_of(settings: Settings) -> Egress:
    """Make the way out: networks and hosts that the operator allows beside the public internet."""
    networks: list[Network] = []
    hosts: set[str] = set()
    for name in settings.egress_allow:
        try:
            networks.append(ip_network(name, strict=False))
        except ValueError:
            hosts.add(name)
    return Egress(policy=EgressPolicy(hosts=frozenset(hosts), networks=tuple(networks)))


def work_root(settings: Settings) -> Path:
    """Give the folder of this daemon's work directories, in which it sweeps whatever is not a job's.

    TEMP_DIR is everybody's, so it is a folder of our own in there, and no other data directory's.
    """
    if settings.temp_dir is None:
        return settings.data_dir / "work"
    mine = hashlib.sha256(os.fsencode(settings.data_dir)).hexdigest()[:12]
    return settings.temp_dir / f"oven-jobs-{mine}"


def limits_of(settings: Settings) -> Limits:
    """Give recipes their bounds."""
    return Limits(
        archive_bytes=settings.max_zip_bytes,
        unpacked_bytes=settings.max_unpacked_bytes,
        frames=settings.max_frames,
        duration_s=settings.max_tape_s,
        frame_pixels=settings.max_frame_pixels,
        encode_s=settings.bake_timeout_s,
        stall_s=settings.encode_stall_s,
        encoder_threads=settings.encoder_threads,
        default_scale=settings.bake_scale,
        quality=settings.bake_quality,
        blob_bytes=settings.blob_limit_bytes,
        media_bytes=settings.max_media_bytes,
        media_s=settings.import_timeout_s,
        image_s=settings.image_timeout_s,
        image_pixels=settings.max_image_pixels,
        export_s=settings.export_timeout_ms / 1000,
        short_s=settings.short_timeout_s,
        short_keep_s=settings.short_keep_hours * 3_600,
    )


def slots_of(settings: Settings) -> Mapping[Lane, int]:
    """Give how many jobs run at once, by lane."""
    return {
        Lane.ENCODE: settings.concurrency,
        Lane.EXPORT: settings.exports,
        Lane.SHORT: settings.shorts,
        Lane.IMPORT: settings.imports,
        Lane.IMAGE: settings.images,
    }


async def check(settings: Settings) -> list[Check]:
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
        ("TEMP_DIR", work_root(settings)),
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
    return [*checks, *_check_database(settings), _check_listening(settings)]


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
