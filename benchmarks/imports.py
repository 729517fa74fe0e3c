"""How long an import takes, beside the plain way: download all, look at it, take its picture, upload all."""

import hashlib
import statistics
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import anyio
from boto3.s3.transfer import TransferConfig  # type: ignore[import-untyped]

from benchmarks.memory import Watched, watching
from benchmarks.wires import Wires, running_wires
from oven.adapters.storage.s3 import S3Account, open_s3
from tests.daemons import running_daemon
from tests.imports import Importer, clip, importing, padded
from tests.s3 import ACCESS_KEY, SECRET_KEY, S3Server, running_s3

BUCKET = "benchmark"
SIZE, LARGE = 100_000_000, 400_000_000
ROUNDS = 3
MIB = 1 << 20
POLL_S = 0.01
# What is between: megabytes a second down, up, and milliseconds before each of the store's answers.
WAYS: Mapping[str, Mapping[str, float]] = {
    "20 down, 25 up": {"down": 20, "up": 25},
    "the same, 50 ms": {"down": 20, "up": 25, "latency_ms": 50},
    "100, 100, 50 ms": {"down": 100, "up": 100, "latency_ms": 50},
    "loopback": {},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """One import, in seconds: `wall`, and how long before READY the download and the upload had ended.

    `overlap` is the share of the shorter of the two that the other ran beside.
    """

    wall: float
    after_download: float
    after_upload: float
    overlap: float
    memory: Watched


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A store with an empty bucket, and how it is emptied again."""

    folder: Path
    s3: S3Server
    client: Any

    def film(self, size_bytes: int) -> Path:
        file = self.folder / f"film-{size_bytes}.mp4"
        if not file.exists():
            file.write_bytes(padded(clip(self.folder), size_bytes))
        return file

    async def clear(self) -> None:
        """Remove what came; the server would keep its parts for hours."""
        listed = await self.client.list_objects_v2(Bucket=BUCKET)
        for found in listed.get("Contents", []):
            await self.client.delete_object(Bucket=BUCKET, Key=found["Key"])
        config = self.folder / "s3" / "ceph.conf"
        command = ["radosgw-admin", "-c", str(config), "gc", "process", "--include-all"]
        await anyio.run_process(command, stderr=subprocess.DEVNULL)


async def measure() -> None:
    """Import and go the plain way in turn, several rounds a way, and print the medians."""
    print(f"{SIZE / 1e6:g} MB, medians of {ROUNDS} rounds")
    print(f"{'MB/s':<17}{'plain s':>9}{'import s':>9}{'ratio':>7}  ", end="")
    print(f"{'→ READY after download, upload s':>33}{'overlap':>9}{'grown MB':>9}")
    async with running_bench() as bench:
        for name, rates in WAYS.items():
            plain: list[float] = []
            imports: list[Imported] = []
            with running_wires(bench.film(SIZE), bench.s3.endpoint, **rates) as wires:
                async with _importer(bench, wires, name) as ask, _store(wires) as store:
                    # Whatever is only made once is made before.
                    await _import(ask, wires, SIZE)
                    for _ in range(ROUNDS):
                        imports.append(await _import(ask, wires, SIZE))
                        await bench.clear()
                        plain.append(await _plain(bench.folder, store, wires))
                        await bench.clear()
            _print(name, plain, imports)
        await _large(bench)


async def _large(bench: Bench) -> None:
    """Print what memory an import four times as large takes, of a daemon that has done none before."""
    print(f"{'MB':<6}{'daemon before, at most':>26}{'with its children':>27}  (resident MB)")
    for size in (SIZE, LARGE):
        with running_wires(bench.film(size), bench.s3.endpoint) as wires:
            async with _importer(bench, wires, f"large-{size}") as ask:
                found = (await _import(ask, wires, size)).memory
                await bench.clear()
        rest = f"{found.all_before / 1e6:.0f}, {found.all_peak / 1e6:.0f}"
        print(f"{size / 1e6:<6g}{found.before / 1e6:>18.0f}, {found.peak / 1e6:>6.0f}{rest:>27}")


@asynccontextmanager
async def running_bench() -> AsyncIterator[Bench]:
    """Start a store of our own."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "s3").mkdir()
        with running_s3(folder / "s3") as s3:
            async with open_s3(s3.account()) as client:
                await client.create_bucket(Bucket=BUCKET)
                yield Bench(folder=folder, s3=s3, client=client)


@asynccontextmanager
async def _importer(bench: Bench, wires: Wires, name: str) -> AsyncIterator[Importer]:
    data = bench.folder / name.replace(" ", "-")
    with running_daemon(data, **settings(wires.store_url)) as daemon:
        async with importing(daemon) as ask:
            yield ask


@asynccontextmanager
async def _store(wires: Wires) -> AsyncIterator[Any]:
    account = S3Account(
        endpoint=wires.store_url, region="us-east-1", access_key=ACCESS_KEY, secret_key=SECRET_KEY
    )
    async with open_s3(account) as client:
        yield client


def settings(endpoint: str) -> dict[str, str]:
    """Name the store, for a daemon."""
    return {
        "S3_BUCKET": BUCKET,
        "S3_ENDPOINT": endpoint,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    }


async def _import(ask: Importer, wires: Wires, size: int) -> Imported:
    began = time.time()
    with watching(ask.daemon.process.pid) as memory:
        _, asset = await ask.post(wires.file_url)
        while asset["status"] not in {"READY", "FAILED"}:
            await anyio.sleep(POLL_S)
            _, asset = await ask.ask("GET", f"/api/v1/media/{asset['id']}")
        ended = time.time()
    if asset["status"] != "READY" or asset["size"] != size:
        raise RuntimeError(f"not imported: {asset}")
    spans = await ask.spans(asset)
    download, upload = spans["take.download"], spans["take.upload"]
    both = min(download[1], upload[1]) - max(download[0], upload[0])
    return Imported(
        wall=ended - began,
        after_download=ended - download[1],
        after_upload=ended - upload[1],
        overlap=both / min(download[1] - download[0], upload[1] - upload[0]),
        memory=memory,
    )


async def _plain(folder: Path, store: Any, wires: Wires) -> float:
    """Do it as a worker of a few lines would: one after the other, uploads by the store's own client."""
    video, picture = folder / "video.mp4", folder / "thumbnail.jpg"
    began = time.perf_counter()
    digest = hashlib.sha256()
    async with aiohttp.ClientSession() as client, client.get(wires.file_url) as answer:
        with video.open("wb") as file:
            async for chunk in answer.content.iter_chunked(MIB):
                digest.update(chunk)
                file.write(chunk)
    await anyio.run_process(
        ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", str(video)]
    )
    take = ["-vf", "scale=320:-1", "-vframes", "1", "-q:v", "2", str(picture)]
    await anyio.run_process(["ffmpeg", "-y", "-ss", "0.0", "-i", str(video), *take])
    config = TransferConfig(multipart_chunksize=8 * MIB)
    for path in (video, picture):
        await store.upload_file(str(path), BUCKET, f"plain/{path.name}", Config=config)
    took_s = time.perf_counter() - began
    video.unlink()
    return took_s


def _print(name: str, plain: Sequence[float], imports: Sequence[Imported]) -> None:
    walls = [found.wall for found in imports]
    times = statistics.median(plain), statistics.median(walls)
    after = [
        statistics.median(row)
        for row in zip(*((i.after_download, i.after_upload) for i in imports), strict=True)
    ]
    grown = max(found.memory.peak - found.memory.before for found in imports) / 1e6
    print(f"{name:<17}{times[0]:>9.2f}{times[1]:>9.2f}{times[1] / times[0]:>7.2f}  ", end="")
    print(f"{after[0]:>26.2f}, {after[1]:.2f} ", end="")
    print(f"{statistics.median(found.overlap for found in imports):>9.0%}{grown:>9.0f}")
