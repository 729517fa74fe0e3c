"""Where the parts are put together: settings become adapters, adapters become tools."""

import hashlib
import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from oven.adapters.archive import ZipArchives
from oven.adapters.cgroup import memory_limit
from oven.adapters.clock import wall_ms
from oven.adapters.egress import Egress, EgressPolicy
from oven.adapters.fetch import HttpFetcher
from oven.adapters.ffmpeg import Ffmpeg
from oven.adapters.files import LocalFiles
from oven.adapters.frames import ChildPictures
from oven.adapters.private_source import PrivateSource
from oven.adapters.sandbox import find_sandbox
from oven.adapters.storage.local import LocalStorage
from oven.adapters.workspace import FolderWorkspace, scratch
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
from oven.settings.memory import MemoryBudget, memory_budget

if TYPE_CHECKING:
    from oven.domain.addresses import Network

# The buckets of a bake from the command line: the folders that its options name.
VIDEO_BUCKET, THUMBNAIL_BUCKET = "video", "thumbnail"


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


def budget_of(settings: Settings) -> MemoryBudget:
    """Give how much memory the daemon and all that works for it may hold together, on this machine."""
    installed_bytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return memory_budget(settings, installed_bytes=installed_bytes, limit_bytes=memory_limit())


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
