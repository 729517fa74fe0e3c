"""Previews in tests: scenes of films that are stored here or in a bucket, and what their stills show."""

import io
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from oven.adapters.workspace import JobFolders
from oven.domain.asset import Asset, AssetStatus, AssetType
from oven.domain.scene import Scene
from oven.media.source import file_metadata, read_source
from oven.pipeline.ports import Tools
from oven.pipeline.previews import Previews
from oven.recipes.steps import Target

BUCKET = "media"
# 64×36, five seconds of 10 frames: each is of one colour, redder by the frame and with a blue left quarter.
FILM = (
    *("-f", "lavfi", "-i", "color=s=64x36:r=10:d=5,format=rgb24,geq=r='N*5':g=0:b='255*lt(X,16)'"),
    *("-pix_fmt", "yuv420p", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"),
    *("-vf", "scale=out_color_matrix=bt709:out_range=tv"),
)
H264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "1", "-bf", "2")


def film(file: Path, *options: str) -> Path:
    """Make a film; `options` stand before the output."""
    command: list[str | Path] = ["ffmpeg", "-v", "error", "-nostdin", "-y", *FILM, *H264, *options, file]
    subprocess.run(command, check=True)
    return file


def drawn(source: str, file: Path, *options: str) -> None:
    """Make a film of one of ffmpeg's own drawings."""
    command: list[str | Path] = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, *options, file]
    subprocess.run(command, check=True)


def remade(source: Path, file: Path, *options: str) -> Path:
    """Put what a film holds into another file."""
    command: list[str | Path] = ["ffmpeg", "-v", "error", "-y", "-i", source, "-c", "copy", *options, file]
    subprocess.run(command, check=True)
    return file


async def stored(tools: Tools, file: Path, **changes: Any) -> Asset:
    """Store a film as an import would → its asset."""
    source = read_source(await tools.encoder.probe_source(file))
    target = Target(BUCKET, f"media/alice/1/original{file.suffix}")
    async with tools.storage.stage(target, content_type="video/mp4", is_public=False) as staged:
        await staged.write(file)
        await staged.commit()
    asset = Asset(
        id="1",
        owner="alice",
        type=AssetType.VIDEO,
        name="film",
        status=AssetStatus.READY,
        bucket=target.bucket,
        key=target.key,
        thumbnail_key="",
        size_bytes=source.size_bytes,
        checksum="",
        metadata={},
        facts=file_metadata(source, AssetType.VIDEO),
        folder_id=None,
        tags=(),
        job_id="",
        error=None,
        created_ms=1,
        updated_ms=1,
    )
    return replace(asset, **changes)


def scene(start_s: float, end_s: float) -> Scene:
    """Give a scene of that film."""
    return Scene(
        id="2",
        asset_id="1",
        owner="alice",
        name="",
        start_s=start_s,
        end_s=end_s,
        created_ms=1,
        updated_ms=1,
    )


def previews(tools: Tools, root: Path, **options: Any) -> Previews:
    """Make what makes previews, in a folder."""

    async def is_active(_: str) -> bool:
        return False

    return Previews(tools=tools, folders=JobFolders(root=root, is_active=is_active), **options)


def picture(jpeg: bytes) -> Image.Image:
    """Decode a still."""
    return Image.open(io.BytesIO(jpeg)).convert("RGB")


def pixel(shown: Image.Image, x: int, y: int) -> tuple[int, ...]:
    """Give a pixel: red, green, blue."""
    found = shown.getpixel((x, y))
    assert isinstance(found, tuple)
    return found


def is_blue(shown: Image.Image, x: int, y: int) -> bool:
    """Whether a pixel is of the film's left quarter."""
    return pixel(shown, x, y)[2] > 150


def redness(jpeg: bytes) -> int:
    """Tell which frame of the film is shown in the middle, by its number."""
    return round(pixel(picture(jpeg), 135, 240)[0] / 5)
