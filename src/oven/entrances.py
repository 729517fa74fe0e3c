"""The doors put together: where they stand, what each stands on, and whom it lets in."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from socket import socket
from urllib.parse import urlsplit

import anyio

from oven import app
from oven.adapters.clock import wall_ms
from oven.adapters.egress import Egress
from oven.adapters.fetch import HttpFetcher
from oven.adapters.folders import free_bytes
from oven.adapters.health import Health
from oven.adapters.listening import listen_tcp, listen_unix
from oven.adapters.metrics import Metrics, count_children, disk_bytes
from oven.adapters.sealing import Sealer
from oven.adapters.storage.local import LocalStorage
from oven.domain.signing import signing_key
from oven.doors.access import Access
from oven.doors.assets import AssetsDoor
from oven.doors.bake import BakeDoor
from oven.doors.convert import ConvertDoor
from oven.doors.events import EventsDoor
from oven.doors.export_runs import ExportRunsDoor
from oven.doors.exports import ExportsDoor
from oven.doors.files import FilesDoor
from oven.doors.importing import Importing
from oven.doors.jobs import JobsDoor
from oven.doors.keys import KeysDoor
from oven.doors.live import LiveDoor
from oven.doors.media import ImportDoor
from oven.doors.metrics import MetricsDoor
from oven.doors.ops import OpsDoor
from oven.doors.ports import Door
from oven.doors.previews import PreviewsDoor
from oven.doors.replicate import ReplicateDoor
from oven.doors.runs import Runs
from oven.doors.scenes import ScenesDoor
from oven.doors.short_runs import ShortRunsDoor
from oven.doors.shorts import ShortsDoor
from oven.doors.status import StatusView
from oven.doors.uploads import UploadsDoor
from oven.doors.videos import VideosDoor
from oven.pipeline.board import Board
from oven.pipeline.budget import Budget
from oven.pipeline.footage import Footage
from oven.pipeline.identity import Identity
from oven.pipeline.jobs import FigureReader
from oven.pipeline.library import Library
from oven.pipeline.previews import Previews
from oven.pipeline.scenes import Scenes
from oven.pipeline.service import Service
from oven.recipes import export, short
from oven.recipes.steps import Target
from oven.settings import Settings
from oven.stores import LOCAL_RESULTS, Stores


def open_doors(
    settings: Settings,
    *,
    service: Service,
    library: Library,
    scenes: Scenes,
    previews: Previews,
    identity: Identity,
    board: Board,
    live: LiveDoor,
    stores: Stores,
    local: LocalStorage,
    fetcher: HttpFetcher,
    egress: Egress,
    sealer: Sealer,
    look: Callable[[], Awaitable[Mapping[str, str]]],
    render: Callable[[], Awaitable[bytes]],
) -> Sequence[Door]:
    """Make every door of the daemon."""
    access = Access(admin_token=settings.admin_token.get_secret_value(), identify=identity.caller)
    # Their callers know both by one word.
    exports, shorts = (
        Runs(service=service, access=access, kind=recipe.kind, named="export")
        for recipe in (export.RECIPE, short.RECIPE)
    )
    footage = Footage(library=library, scenes=scenes, now_ms=wall_ms)
    importing = Importing(
        bucket=stores.media,
        # Of users: what is in the operator's own bucket is not theirs to read.
        check_source=partial(egress.check, only=settings.source_hosts),
        check_callback=partial(egress.check, only=settings.callback_hosts),
        seal=sealer.seal,
        seal_url=sealer.seal_url,
    )
    return (
        BakeDoor(
            service=service,
            secret=settings.callback_secret.get_secret_value(),
            bucket=stores.results,
            check_source=fetcher.check,
            check_callback=partial(egress.check, only=settings.callback_hosts),
            seal=sealer.seal,
            seal_url=sealer.seal_url,
        ),
        ConvertDoor(
            service=service,
            token=settings.convert_token.get_secret_value(),
            is_safe=settings.may_send_token,
            place_for=stores.place_for,
            check_source=fetcher.check,
            check_callback=partial(
                egress.check,
                only=settings.callback_hosts,
                must_be_listed=bool(settings.callback_token.get_secret_value()),
            ),
            seal_url=sealer.seal_url,
        ),
        ImportDoor(
            library=library,
            board=board,
            access=access,
            importing=importing,
        ),
        ReplicateDoor(
            library=library,
            bucket=stores.media,
            key=signing_key(settings.replicate_secret.get_secret_value()),
            seal_url=sealer.seal_url,
        ),
        UploadsDoor(library=library, access=access, bucket=stores.media, max_bytes=settings.max_media_bytes),
        AssetsDoor(library=library, access=access),
        ExportsDoor(
            library=library,
            access=access,
            bucket=stores.media,
            check_source=partial(egress.check, only=settings.source_hosts),
            check_callback=partial(egress.check, only=settings.callback_hosts),
            seal=sealer.seal,
            seal_url=sealer.seal_url,
        ),
        VideosDoor(footage=footage, access=access, importing=importing),
        PreviewsDoor(footage=footage, access=access, previews=previews),
        ScenesDoor(footage=footage, access=access),
        ExportRunsDoor(runs=exports, storage=stores.storage, now_ms=wall_ms),
        ShortsDoor(
            service=service,
            footage=footage,
            access=access,
            bucket=stores.media,
            check_source=partial(egress.check, only=settings.source_hosts),
            check_callback=partial(egress.check, only=settings.callback_hosts),
            seal=sealer.seal,
            seal_url=sealer.seal_url,
        ),
        ShortRunsDoor(runs=shorts, storage=stores.storage, now_ms=wall_ms),
        JobsDoor(service=service, access=access),
        KeysDoor(identity=identity, access=access),
        OpsDoor(view=live.view, look=look),
        MetricsDoor(render=render, access=access),
        live,
        EventsDoor(board=board, access=access, watchers=live.watchers),
        FilesDoor(
            locate=lambda key: local.locate(Target(LOCAL_RESULTS, key)),
            open_link=local.open_link,
            take_part=local.take_part,
        ),
    )


@contextmanager
def listening(settings: Settings) -> Iterator[tuple[socket, str]]:
    """Take the socket or the port that the settings name → it, and how clients reach it.

    What was made in the file system goes at the end.

    Raises:
        FaultError: SETTINGS_INVALID.

    """
    if settings.socket is None:
        yield listen_tcp(settings.host, settings.port)
        return
    listener = listen_unix(settings.socket)
    try:
        yield listener, f"unix:{settings.socket}"
    finally:
        settings.socket.unlink(missing_ok=True)


def view_of(settings: Settings, service: Service) -> StatusView:
    """Make what shows all bakes, from now on."""
    return StatusView(service=service, slots=settings.concurrency, now_ms=wall_ms, started_ms=wall_ms())


def origins_of(settings: Settings) -> frozenset[str]:
    """Give the hosts whose pages may watch: those that the operator lists, and our own."""
    own = urlsplit(settings.public_url).netloc.lower()
    return settings.origins | ({own} if own else set())


async def render(
    metrics: Metrics, figures: FigureReader, health: Health, budget: Budget, settings: Settings
) -> bytes:
    """Look at all that stands, and give the text of /metrics."""
    return metrics.render(
        await figures.read(),
        now_ms=wall_ms(),
        work_bytes=await anyio.to_thread.run_sync(disk_bytes, app.work_root(settings)),
        free_bytes=await anyio.to_thread.run_sync(free_bytes, settings.data_dir),
        children=count_children(),
        budget=budget,
        checks=await health.look(),
    )
