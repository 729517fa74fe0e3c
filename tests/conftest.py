"""What tests share: settings and limits as Oven has them by default, and a bake in one call."""

import subprocess
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings

from oven import app
from oven.pipeline.progress import Progress
from oven.recipes.plan import Limits, Outcome
from oven.recipes.tape import TapeRequest
from oven.settings import Settings, read_settings
from tests.media_makes import Makes
from tests.s3 import S3Server, running_s3
from tests.tapes import write_zip

# Machines are noisy: an example that takes long is no failure.
hypothesis_settings.register_profile("oven", deadline=None)
hypothesis_settings.load_profile("oven")
Bake = Callable[..., Awaitable[Outcome]]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """An empty folder for work directories."""
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(work: Path) -> Settings:
    return read_settings({"TEMP_DIR": str(work)})


@pytest.fixture(scope="session")
def limits() -> Limits:
    return app.limits_of(read_settings({}))


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Where `bake` puts its video."""
    return tmp_path / "out" / "video.mp4"


@pytest.fixture
def thumbnail(tmp_path: Path) -> Path:
    """Where `bake` puts its thumbnail."""
    return tmp_path / "out" / "thumbnail.jpg"


@pytest.fixture
def bake(tmp_path: Path, settings: Settings, video: Path, thumbnail: Path) -> Bake:
    """Bake a tape, given as a path or as its archive's entries, through the real pipeline."""

    async def run(
        tape: Path | Mapping[str, bytes],
        *,
        overrides: Mapping[str, Any] | None = None,
        watch: Callable[[Progress], None] = lambda _: None,
        **options: Any,
    ) -> Outcome:
        source = tape if isinstance(tape, Path) else write_zip(tmp_path / "tape.zip", tape)
        targets = {
            name: app.local_target(name, file) for name, file in (("video", video), ("thumbnail", thumbnail))
        }
        request = TapeRequest(
            path=str(source), video=targets["video"][0], thumbnail=targets["thumbnail"][0], **options
        )
        used = settings.model_copy(update=dict(overrides or {}))
        return await app.bake_file(
            used, request, {name: folder for name, (_, folder) in targets.items()}, watch
        )

    return run


@pytest.fixture(scope="session")
def makes(tmp_path_factory: pytest.TempPathFactory) -> Makes:
    """Video and sound of many makes, by name."""
    return Makes(tmp_path_factory.mktemp("makes"))


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A real S3 server, shared: each test makes its own buckets, or empties those it uses."""
    with running_s3(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A video of one second, 64 × 64, with its index before its pictures."""
    source = ("-f", "lavfi", "-i", "testsrc=s=64x64:r=10:d=1", "-pix_fmt", "yuv420p")
    path = tmp_path_factory.mktemp("clip") / "v.mp4"
    command: list[str | Path] = ["ffmpeg", "-v", "error", *source, "-movflags", "+faststart", path]
    subprocess.run(command, check=True)
    return path.read_bytes()
