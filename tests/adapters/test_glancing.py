"""ffprobe, asked for packets around an instant."""

from pathlib import Path

import pytest

from oven.adapters.ffmpeg import Ffmpeg
from oven.adapters.sandbox import Sandbox
from oven.domain.errors import BadInputError, Code
from oven.media.glance import Extent, choose
from tests.previews import film

FFMPEG = Ffmpeg(ffmpeg="ffmpeg", ffprobe="ffprobe", version="any", sandbox=Sandbox())


@pytest.mark.parametrize(
    ("name", "demuxer", "at_s"),
    [
        ("a.mp4", "mov", 2.0),
        ("a.mkv", "matroska", 2.0),
        # These land after the instant that they are told, and are told another.
        ("a.ts", "mpegts", 2.0),
        ("a.flv", "flv", 2.0),
        # Whose frames have no times but those when they are decoded.
        ("a.avi", "avi", 2.0),
    ],
)
async def test_packets_of_every_kind(tmp_path: Path, name: str, demuxer: str, at_s: float) -> None:
    """From the key frame before, with their times since the file's begin; of most, where they stand."""
    file = film(tmp_path / name, "-g", "10", "-sc_threshold", "0")
    around = await FFMPEG.packets_around(
        file, demuxer=demuxer, stream=0, middle_s=2.4, until_s=3.5, extent=Extent.WHOLE
    )
    assert around.has_key
    glance = choose(around, start_s=1.6, end_s=2.9)
    assert glance is not None
    assert abs(glance.at_s - at_s) < 0.06
    assert glance.is_key
    assert all(packet.size for packet in around.packets)


async def test_a_film_that_is_none(tmp_path: Path) -> None:
    """Is told as such."""
    (tmp_path / "a").write_bytes(b"none")
    with pytest.raises(BadInputError) as caught:
        await FFMPEG.packets_around(
            tmp_path / "a", demuxer="matroska", stream=0, middle_s=0.5, until_s=1, extent=Extent.WHOLE
        )
    assert caught.value.code is Code.MEDIA_INVALID
