"""The daemon, put together: one process that accepts, works, serves and calls back."""

import gc
import random
import secrets
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial

import anyio
import structlog
from aiohttp import web

from oven import app
from oven.adapters.callbacks import Callbacks
from oven.adapters.clock import wall_ms
from oven.adapters.database.assets import AssetTable
from oven.adapters.database.attempts import AttemptTable
from oven.adapters.database.engine import Database, open_database
from oven.adapters.database.expiry import ExpiredJobTable
from oven.adapters.database.figures import FiguresTable
from oven.adapters.database.jobs import JobTable
from oven.adapters.database.made import MadeTable
from oven.adapters.database.outbox import OutboxTable
from oven.adapters.database.scenes import SceneTable
from oven.adapters.ffmpeg import Ffmpeg
from oven.adapters.health import Health, check_disks
from oven.adapters.lag import observe_lag
from oven.adapters.listening import allow_many_files
from oven.adapters.metrics import Metrics
from oven.adapters.notify import Manager
from oven.adapters.progress_posts import ProgressPosts
from oven.adapters.release import release_digest
from oven.adapters.sandbox import Sandbox
from oven.adapters.sealing import open_sealer
from oven.adapters.storage.local import LocalStorage
from oven.adapters.webhooks import Sender
from oven.adapters.workspace import JobFolders
from oven.callers import identity_of
from oven.doors.live import LiveDoor
from oven.doors.metrics import counting
from oven.doors.problems import MAX_BODY_BYTES, problems
from oven.doors.reference import described_routes
from oven.doors.watchers import Watchers
from oven.engines.embedded import EmbeddedEngine
from oven.engines.endings import Endings
from oven.engines.recovery import Recovery
from oven.engines.stopping import REST_S, wind_down
from oven.entrances import listening, open_doors, origins_of, render, view_of
from oven.pipeline.board import Board
from oven.pipeline.budget import Budget
from oven.pipeline.history import History
from oven.pipeline.jobs import Jobs
from oven.pipeline.library import Library
from oven.pipeline.made import Made
from oven.pipeline.outlook import Outlooks
from oven.pipeline.previews import Previews
from oven.pipeline.pulse import Pulse
from oven.pipeline.removals import Removals
from oven.pipeline.retention import Retention
from oven.pipeline.service import Service
from oven.recipes import short
from oven.recipes.book import BOOK, RULES
from oven.settings import Settings
from oven.stores import LOCAL_RESULTS, open_stores

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
DAY_MS = 86_400_000
# Requests that are still being sent when all else has ended get so long.
UNANSWERED_S = 2.0
# A connection without requests is closed after this.
KEEP_ALIVE_S = 30.0
log = structlog.get_logger("oven.daemon")


async def serve(settings: Settings, manager: Manager, started: Callable[[str], None]) -> None:
    """Serve until told to stop; then let running jobs end, or hand them back.

    Args:
        settings: the operator's.
        manager: is told that we are ready, what we do, and that we stop.
        started: takes the address once requests are answered.

    Raises:
        OvenError: why it could not start.

    """
    allow_many_files()
    egress = app.egress_of(settings)
    pulse, metrics, removals = Pulse(), Metrics(BOOK), Removals()
    limits, slots = app.limits_of(settings), app.slots_of(settings)
    opening = open_database(settings.data_dir, settings.database_file, committed=pulse.beat)
    async with opening as database, AsyncExitStack() as stack, anyio.create_task_group() as group:
        jobs, outbox = JobTable(database=database), OutboxTable(database=database)
        attempts, assets = AttemptTable(database=database), AssetTable(database=database)
        sealer = await anyio.to_thread.run_sync(
            partial(open_sealer, settings.data_dir, is_new=database.is_new)
        )
        runner = web.AppRunner(
            web.Application(
                middlewares=[counting(metrics.answered), problems], client_max_size=MAX_BODY_BYTES
            ),
            auto_decompress=False,
            shutdown_timeout=UNANSWERED_S,
            keepalive_timeout=KEEP_ALIVE_S,
        )
        # The port may be chosen by the system, so it is known before the rest is made.
        listener, address = stack.enter_context(listening(settings))
        local = LocalStorage(
            buckets={LOCAL_RESULTS: settings.data_dir / "files"},
            base_url=f"{settings.public_url or address}/files",
            private=settings.data_dir / "private",
            link_key=sealer.link_key,
            now_s=lambda: wall_ms() // 1000,
        )
        stores = await stack.enter_async_context(open_stores(settings, local))
        fetcher = app.fetcher_of(settings, egress, stores.sources, sealer.open_url)
        sender = Sender(
            egress=egress,
            sealer=sealer,
            hosts=settings.callback_hosts,
            token=settings.callback_token.get_secret_value(),
            now_ms=wall_ms,
        )
        callbacks = Callbacks(outbox=outbox, sender=sender, now_ms=wall_ms, chance=random.random)
        folders = JobFolders(root=app.work_root(settings), is_active=partial(_is_active, jobs))
        await folders.sweep(lambda _: None)
        recovery = Recovery(
            jobs=jobs,
            folders=folders,
            book=BOOK,
            limits=limits,
            now_ms=wall_ms,
            ended=callbacks.wake,
        )
        engine = EmbeddedEngine(
            jobs=jobs,
            attempts=attempts,
            tools=replace(
                await app.tools_of(settings, stores.storage, fetcher),
                made=_made(settings, database),
                budget=Budget(total_bytes=app.budget_of(settings).children_bytes),
            ),
            folders=folders,
            removals=removals,
            recovery=recovery,
            book=BOOK,
            limits=limits,
            endings=Endings(
                jobs=jobs,
                attempts=attempts,
                folders=folders,
                limits=limits,
                rules=RULES,
                now_ms=wall_ms,
                chance=random.random,
                ended=callbacks.wake,
            ),
            slots=slots,
            drain_s=settings.drain_s,
            now_ms=wall_ms,
            new_token=partial(secrets.token_hex, 8),
            moved=pulse.beat,
        )
        retention = Retention(
            jobs=ExpiredJobTable(database=database),
            assets=assets,
            storage=stores.storage,
            removals=removals,
            keep_ms=settings.keep_days * DAY_MS,
            now_ms=wall_ms,
        )
        health = Health(
            checks={
                "database": database.check,
                "engine": engine.check,
                "ffmpeg": partial(Ffmpeg.find, settings.ffmpeg, settings.ffprobe, Sandbox()),
                "storage": stores.check,
                "disk": partial(
                    check_disks, [settings.data_dir, app.work_root(settings)], settings.min_free_bytes
                ),
            },
            now_ms=wall_ms,
        )
        outlooks = Outlooks(book=BOOK, slots=slots, now_ms=wall_ms, progress_of=engine.progress_of)
        service = Service(
            jobs=jobs,
            attempts=attempts,
            outbox=outbox,
            book=BOOK,
            limits=limits,
            queue_limit=settings.queue_limit,
            now_ms=wall_ms,
            wake=engine.wake,
            interrupt=engine.interrupt,
            deliver=callbacks.wake,
            outlooks=outlooks,
            pulse=pulse,
            per_day={short.RECIPE.kind: settings.shorts_per_day},
        )
        board = Board(service=service)
        history = History(attempts=attempts, outlooks=outlooks)
        posts = ProgressPosts(board=board, sender=sender, now_ms=wall_ms)
        live = LiveDoor(
            view=view_of(settings, service),
            pulse=board.pulse,
            origins=origins_of(settings),
            watchers=Watchers(),
        )
        doors = open_doors(
            settings,
            service=service,
            library=Library(assets=assets, service=service, storage=stores.storage, now_ms=wall_ms),
            scenes=SceneTable(database=database),
            previews=Previews(tools=engine.tools, folders=folders),
            identity=identity_of(settings, database),
            board=board,
            live=live,
            stores=stores,
            local=local,
            fetcher=fetcher,
            egress=egress,
            sealer=sealer,
            look=health.look,
            render=partial(
                render, metrics, FiguresTable(database=database), health, engine.tools.budget, settings
            ),
        )
        runner.app.add_routes(described_routes(doors, settings.public_url))
        # Before anybody asks: nothing that has died is shown as running.
        known = await jobs.latest_seq()
        await recovery.recover_all()
        await runner.setup()
        await web.SockSite(runner, listener).start()
        with anyio.open_signal_receiver(*STOP_SIGNALS) as signals:
            hearing = (metrics.hear, history.hear, posts.hear)
            for task in (
                callbacks.run,
                engine.run,
                retention.run,
                stores.keep_rules,
                history.run,
                posts.run,
                partial(board.follow, *hearing, after=known),
                partial(observe_lag, metrics.lagged),
            ):
                group.start_soon(task)
            _spare_the_collector()
            started(address)
            manager.ready(
                lambda: f"listening on {address}; {len(engine.running)} running, {outlooks.waiting} waiting"
            )
            await anext(signals)
            log.info("stop_requested", running=len(engine.running), drain_s=settings.drain_s)
            manager.stopping(
                lambda: f"stopping; {len(engine.running)} running", within_s=settings.drain_s + REST_S
            )
            service.is_closing = True
            await wind_down(engine, (callbacks.drain, posts.drain), signals)
        await live.close()
        await runner.cleanup()
        log.info("daemon_stopped")
        group.cancel_scope.cancel()


def _made(settings: Settings, database: Database) -> Made | None:
    """Give what may be reused of earlier jobs; nothing is looked for, or written down, where it is off."""
    return MadeTable(database=database, release=release_digest()) if settings.reuse else None


def _spare_the_collector() -> None:
    """Take what stands now, modules above all, out of the collector's sight: it stays for good.

    To walk it takes a tenth of a second, in which nobody is answered.
    """
    gc.collect()
    gc.freeze()


async def _is_active(jobs: Jobs, job_id: str) -> bool:
    record = await jobs.get(job_id)
    return record is not None and not record.state.is_final
