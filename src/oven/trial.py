"""Trying the machine and the stores for real: `oven check --live`."""

import os
import secrets
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import anyio

from oven import app
from oven.adapters.cgroup import memory_limit
from oven.adapters.egress import Egress, EgressPolicy
from oven.adapters.fetch import HttpFetcher
from oven.adapters.ffmpeg import ENCODERS, try_encoder
from oven.adapters.folders import is_in_memory
from oven.adapters.private_source import PrivateSource
from oven.adapters.storage.local import LocalStorage
from oven.callers import key_set_of
from oven.checks import Check
from oven.domain.errors import Code, FaultError, OvenError
from oven.pipeline.storage import Storage
from oven.recipes.steps import Target
from oven.settings import Settings
from oven.settings.advice import Machine, advise
from oven.stores import open_stores

PROBE = b"Oven was here, and goes again.\n"
MAX_PROBE_BYTES = 4_096
READ_TIMEOUT_S = 30
CLEAN_UP_S = 10.0


async def check_live(settings: Settings) -> list[Check]:
    """Encode a frame with each encoder, write and read in each store, and say what would be regretted."""
    checks = [await _check_encoder(settings, encoder) for encoder in ENCODERS]
    checks += await _try_stores(settings)
    if settings.jwks_url:
        checks.append(await _check_key_set(settings.jwks_url))
    folders = {"OVEN_DATA_DIR": settings.data_dir, "TEMP_DIR": app.work_root(settings)}
    installed = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    machine = Machine(
        memory_bytes=min(installed, memory_limit() or installed),
        in_memory=frozenset(name for name, folder in folders.items() if is_in_memory(folder)),
    )
    return checks + [
        Check(name="production", is_right=True, found=said, is_warning=True)
        for said in advise(settings, machine)
    ]


async def _check_encoder(settings: Settings, encoder: str) -> Check:
    try:
        seconds = await try_encoder(settings.ffmpeg, encoder)
    except OvenError as error:
        said = error.detail.strip().splitlines()[-1:] or [""]
        return Check(name=encoder, is_right=False, found=f"{error.message}: {said[0]}", hint=error.hint)
    return Check(name=encoder, is_right=True, found=f"encoded a frame in {seconds:.2f} s")


async def _check_key_set(address: str) -> Check:
    try:
        count = await key_set_of(address).count()
    except OvenError as error:
        return Check(
            name="OVEN_JWKS_URL",
            is_right=False,
            found=f"{error.message} {error.detail}".strip(),
            hint="Until it can be, users' tokens are answered 503.",
        )
    return Check(
        name="OVEN_JWKS_URL", is_right=True, found=f"keys that users' tokens may be proved by: {count}"
    )


async def _try_stores(settings: Settings) -> list[Check]:
    """Write, look at, read and delete an object in each bucket.

    Where only sources come from nothing is written; nor is anything changed of a bucket's own rules.
    """
    found: list[Check] = []

    async def run(name: str, trial: Callable[[], Awaitable[str]]) -> None:
        try:
            found.append(Check(name=name, is_right=True, found=await trial()))
        except OvenError as error:
            found.append(_failed(name, error))

    try:
        async with open_stores(settings, LocalStorage(buckets={})) as stores:
            for name, (bucket, store) in stores.named.items():
                target = Target(bucket, f"oven-check/{secrets.token_hex(8)}.txt")
                # Assets are private; what tapes become is for everybody.
                is_public = name != "S3_BUCKET"
                await run(name, partial(_try_store, store, target, is_public=is_public))
            if stores.sources is not None:
                await run("ART_SPACES_BUCKET", partial(_try_source, stores.sources))
            if stores.shorts_rule is not None:
                is_well, said = await stores.shorts_rule.look()
                name = stores.shorts_rule.setting
                found.append(Check(name=name, is_right=True, found=said, is_warning=not is_well))
    except OvenError as error:
        found.append(_failed("stores", error))
    return found


def _failed(name: str, error: OvenError) -> Check:
    said = f"{error.message} [{error.code}]"
    return Check(name=name, is_right=False, found=said, hint=error.hint or "Look at the store.")


async def _try_source(source: PrivateSource) -> str:
    await source.storage.check_reading()
    return f"{source.bucket}: it answers to this key, as far as can be seen without an object to read"


async def _try_store(store: Storage, target: Target, *, is_public: bool) -> str:
    """Put, head, get and delete an object.

    Raises:
        OvenError: what did not work.

    """
    with tempfile.TemporaryDirectory() as folder:
        source = anyio.Path(folder, "source")
        await source.write_bytes(PROBE)
        try:
            async with store.stage(target, content_type="text/plain", is_public=is_public) as staged:
                await staged.write(Path(source))
                await staged.commit()
            url = store.url(target) if is_public else await store.presign(target, expires_s=60)
            await _read_back(
                url, Path(folder, "copy"), target.bucket, by="everybody" if is_public else "a link"
            )
        except BaseException:
            # Whatever went wrong, also an answer that was lost, it may stand there.
            with anyio.move_on_after(CLEAN_UP_S, shield=True), suppress(OvenError):
                await store.delete(target)
            raise
        await store.delete(target)
    return f"{target.bucket}: an object was written, looked at, read and deleted"


async def _read_back(url: str, copy: Path, bucket: str, *, by: str) -> None:
    """Read the object from outside.

    Raises:
        FaultError: STORAGE_DENIED.

    """
    host = frozenset({urlsplit(url).hostname or ""})
    fetcher = HttpFetcher(
        egress=Egress(policy=EgressPolicy(hosts=host)), timeout_s=READ_TIMEOUT_S, source_hosts=frozenset()
    )
    try:
        await fetcher.fetch(
            url,
            copy,
            label="the object",
            max_bytes=MAX_PROBE_BYTES,
            timeout_s=None,
            report=lambda _: None,
        )
    except OvenError as error:
        raise FaultError(
            Code.STORAGE_DENIED,
            f"an object in {bucket} is written, but cannot be read by {by}: {error.message}",
            hint="Check public access to the bucket, and the CDN's host, if one is set.",
        ) from error
    if await anyio.Path(copy).read_bytes() != PROBE:
        raise FaultError(
            Code.STORAGE_DENIED,
            f"what is read from {bucket} is not what was written",
            hint="Check what the CDN's host leads to.",
        )
