"""The daemon, put together: one process that accepts, works, serves and calls back."""

import hashlib
import os
import random
import secrets
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from socket import socket

import anyio
from aiohttp import web

from oven import app
from oven.adapters.callbacks import Callbacks
from oven.adapters.clock import wall_ms
from oven.adapters.database.attempts import AttemptTable
from oven.adapters.database.engine import open_database
from oven.adapters.database.expiry import ExpiredJobTable
from oven.adapters.database.jobs import JobTable
from oven.adapters.database.outbox import OutboxTable
from oven.adapters.ffmpeg import Ffmpeg
from oven.adapters.health import Health, check_disks
from oven.adapters.listening import listen_tcp, listen_unix
from oven.adapters.sealing import open_sealer
from oven.adapters.storage.local import LocalStorage
from oven.adapters.workspace import JobFolders
from oven.doors.bake import BakeDoor
from oven.doors.bodies import MAX_BODY_BYTES
from oven.doors.files import FilesDoor
from oven.doors.jobs import JobsDoor
from oven.doors.ops import OpsDoor
from oven.doors.problems import problems
from oven.engines.embedded import EmbeddedEngine
from oven.pipeline.pulse import Pulse
from oven.pipeline.retention import Retention
from oven.pipeline.service import Service
from oven.pipeline.stores import Jobs
from oven.recipes.book import BOOK
from oven.recipes.plan import Target
from oven.settings import Settings

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
RESULTS_BUCKET = "results"
DAY_MS = 86_400_000


async def serve(settings: Settings, started: Callable[[str], None]) -> None:
    """Serve until told to stop; then let running jobs end, or hand them back.

    Args:
        settings: the operator's.
        started: takes the address once requests are answered.

    Raises:
        OvenError: why it could not start.

    """
    egress = app.egress_of(settings)
    pulse = Pulse()
    opening = open_database(settings.data_dir, settings.database_file, committed=pulse.beat)
    async with opening as database, anyio.create_task_group() as group:
        jobs, outbox = JobTable(database=database), OutboxTable(database=database)
        attempts = AttemptTable(database=database)
        sealer = await anyio.to_thread.run_sync(open_sealer, settings.data_dir)
        runner = web.AppRunner(web.Application(middlewares=[problems], client_max_size=MAX_BODY_BYTES))
        # The port may be chosen by the system, so it is known before the rest is made.
        listener, address = _listen(settings)
        storage = LocalStorage(
            buckets={RESULTS_BUCKET: settings.data_dir / "files"},
            base_url=f"{settings.public_url or address}/files",
        )
        callbacks = Callbacks(
            outbox=outbox,
            egress=egress,
            sealer=sealer,
            callback_hosts=settings.callback_hosts,
            now_ms=wall_ms,
            chance=random.random,
        )
        engine = EmbeddedEngine(
            jobs=jobs,
            attempts=attempts,
            tools=await app.tools_of(settings, storage, egress),
            folders=JobFolders(root=work_root(settings), is_active=partial(_is_active, jobs)),
            book=BOOK,
            limits=app.limits_of(settings),
            rules={},
            slots=settings.concurrency,
            drain_s=settings.drain_s,
            now_ms=wall_ms,
            new_token=partial(secrets.token_hex, 8),
            chance=random.random,
            ended=callbacks.wake,
            moved=pulse.beat,
        )
        retention = Retention(
            jobs=ExpiredJobTable(database=database),
            storage=storage,
            keep_ms=settings.keep_days * DAY_MS,
            now_ms=wall_ms,
        )
        health = Health(
            checks={
                "database": jobs.latest_seq,
                "engine": engine.check,
                "ffmpeg": partial(Ffmpeg.find, settings.ffmpeg, settings.ffprobe),
                "storage": storage.check,
                "disk": partial(
                    check_disks, [settings.data_dir, work_root(settings)], settings.min_free_bytes
                ),
            },
            now_ms=wall_ms,
        )
        service = Service(
            jobs=jobs,
            attempts=attempts,
            outbox=outbox,
            book=BOOK,
            limits=app.limits_of(settings),
            queue_limit=settings.queue_limit,
            now_ms=wall_ms,
            wake=engine.wake,
            interrupt=engine.interrupt,
            deliver=callbacks.wake,
            progress_of=engine.progress_of,
            pulse=pulse,
        )
        doors = (
            BakeDoor(
                service=service,
                secret=settings.callback_secret.get_secret_value(),
                bucket=RESULTS_BUCKET,
                check_source=partial(egress.check, only=settings.source_hosts),
                check_callback=partial(egress.check, only=settings.callback_hosts),
                seal=sealer.seal,
            ),
            JobsDoor(service=service, admin_token=settings.admin_token.get_secret_value()),
            OpsDoor(
                service=service,
                slots=settings.concurrency,
                now_ms=wall_ms,
                look=health.look,
                started_ms=wall_ms(),
            ),
            FilesDoor(locate=lambda key: storage.locate(Target(RESULTS_BUCKET, key))),
        )
        for door in doors:
            runner.app.add_routes(door.routes())
        await runner.setup()
        await web.SockSite(runner, listener).start()
        with anyio.open_signal_receiver(*STOP_SIGNALS) as signals:
            group.start_soon(callbacks.run)
            group.start_soon(engine.run)
            group.start_soon(retention.run)
            started(address)
            async for _ in signals:
                break
            service.is_closing = True
            await engine.drain()
            await callbacks.drain()
        await runner.cleanup()
        if settings.socket is not None:
            settings.socket.unlink(missing_ok=True)
        group.cancel_scope.cancel()


def _listen(settings: Settings) -> tuple[socket, str]:
    """Take the socket or the port that the settings name → it, and how clients reach it.

    Raises:
        FaultError: SETTINGS_INVALID.

    """
    if settings.socket is not None:
        return listen_unix(settings.socket), f"unix:{settings.socket}"
    return listen_tcp(settings.host, settings.port)


def work_root(settings: Settings) -> Path:
    """Give the folder of this daemon's work directories, in which it sweeps whatever is not a job's.

    TEMP_DIR is everybody's, so it is a folder of our own in there, and no other data directory's.
    """
    if settings.temp_dir is None:
        return settings.data_dir / "work"
    mine = hashlib.sha256(os.fsencode(settings.data_dir)).hexdigest()[:12]
    return settings.temp_dir / f"oven-jobs-{mine}"


async def _is_active(jobs: Jobs, job_id: str) -> bool:
    record = await jobs.get(job_id)
    return record is not None and not record.state.is_final
