"""What is brought of a film that is in a bucket, for one frame of it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from oven import app
from oven.adapters.storage.local import LocalStorage
from oven.adapters.storage.router import StorageRouter
from oven.adapters.storage.s3 import S3Storage, open_s3
from oven.domain.errors import Code, ConflictError
from oven.media.preview import StrategyName
from oven.pipeline import excerpt as module
from oven.pipeline.ports import Tools
from oven.pipeline.previews import Previews
from oven.pipeline.storage import Piece
from oven.recipes.steps import Target
from oven.settings import Settings
from tests.imports import padded
from tests.previews import BUCKET, film, previews, redness, remade, scene, stored
from tests.s3 import S3Server


class Counting(S3Storage):
    """A bucket that counts what is read of it."""

    lengths: list[int] = []  # noqa: RUF012 - emptied by each test

    async def read(self, target: Target, *, start: int, length: int, version: str = "") -> Piece:
        piece = await S3Storage.read(self, target, start=start, length=length, version=version)
        self.lengths.append(len(piece.data))
        return piece


@pytest.fixture
async def tools(settings: Settings, s3: S3Server) -> AsyncIterator[Tools]:
    """Tools with a bucket."""
    Counting.lengths.clear()
    async with open_s3(s3.account()) as client:
        await client.create_bucket(Bucket=BUCKET)
        bucket = Counting(client=client, bucket=BUCKET, base_url=f"{s3.endpoint}/{BUCKET}")
        yield await app.tools_of(settings, StorageRouter(stores={BUCKET: bucket}))


@pytest.fixture
def maker(tools: Tools, tmp_path: Path) -> Previews:
    return previews(tools, tmp_path / "work")


@pytest.fixture
def few_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let frames of films be smaller than they mostly are."""
    monkeypatch.setattr(module, "LEAST_KEY_BYTES", 300_000)


# Noise below the picture makes some megabytes of it.
LARGE = (
    "-vf",
    "scale=320:180:flags=neighbor,noise=alls=60:allf=t",
    "-g",
    "10",
    "-sc_threshold",
    "0",
    "-crf",
    "12",
)


@pytest.mark.usefixtures("few_bytes")
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp4", ("-movflags", "+faststart")),
        ("a.mp4", ()),
        ("a.mkv", ("-cluster_time_limit", "500")),
    ],
)
async def test_a_large_film(
    tools: Tools, maker: Previews, tmp_path: Path, name: str, options: list[str]
) -> None:
    """Its index and some frames come, a part of it; the still is the one that all of it would give."""
    file = film(tmp_path / name, *LARGE, *options)
    asset = await stored(tools, file)
    assert asset.size_bytes > 2_000_000
    local = LocalStorage(buckets={BUCKET: tmp_path / "store"}, private=tmp_path / "private")
    kept = await stored(replace(tools, storage=local), file)
    here = previews(replace(tools, storage=local), tmp_path / "work")
    for start_s, end_s, at_s in ((0.5, 4.5, 2.0), (1.2, 1.8, 1.5)):
        Counting.lengths.clear()
        preview = await maker.of(scene(start_s, end_s), asset)
        assert preview.at_s == pytest.approx(at_s, abs=0.25)
        assert preview == await here.of(scene(start_s, end_s), kept)
        assert 0 < sum(Counting.lengths) < asset.size_bytes * 0.75
        assert len(Counting.lengths) < 6
    assert list((tmp_path / "work").iterdir()) == []


@pytest.mark.parametrize(
    "options", [("-movflags", "frag_keyframe+empty_moov"), ("-f", "matroska", "-live", "1")]
)
async def test_what_cannot_be_read_in_parts(
    tools: Tools, maker: Previews, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    """Comes whole where it is small; else it is told what would be right."""
    file = film(tmp_path / "a.mp4", "-g", "10", "-sc_threshold", "0")
    asset = await stored(tools, remade(file, tmp_path / "b.mp4", *options))
    preview = await maker.of(scene(1.1, 3.5), asset)
    assert preview.at_s == pytest.approx(2)
    assert redness(preview.images[StrategyName.BLUR]) == pytest.approx(20, abs=1)
    monkeypatch.setattr(module, "MAX_WHOLE_BYTES", asset.size_bytes - 1)
    with pytest.raises(ConflictError) as caught:
        await maker.of(scene(1.1, 3.6), asset)
    assert caught.value.code is Code.PREVIEW_UNAVAILABLE
    assert "MP4" in caught.value.hint
    assert list((tmp_path / "work").iterdir()) == []


async def test_a_frame_that_needs_too_much(
    tools: Tools, maker: Previews, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Comes with all of its film, where that is small enough."""
    file = film(tmp_path / "a.mp4", "-g", "10", "-sc_threshold", "0")
    (tmp_path / "b.mp4").write_bytes(padded(file.read_bytes(), 300_000))
    asset = await stored(tools, tmp_path / "b.mp4")
    monkeypatch.setattr(module, "MAX_FRAME_BYTES", 10)
    preview = await maker.of(scene(1.1, 3.5), asset)
    assert redness(preview.images[StrategyName.BLUR]) == pytest.approx(20, abs=1)
