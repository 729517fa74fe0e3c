"""Pictures of a video."""

import subprocess
from pathlib import Path

import pytest
from PIL import Image

from oven.domain.errors import BadInputError, Code
from oven.media.geometry import Size
from oven.media.source import Source, read_source
from oven.media.stills import MAX_PIXELS, still_files, take_first, take_moments
from tests.media.test_source import FILM, probe


def source(**changes: object) -> Source:
    return read_source(probe({**FILM, "index": 0, **changes}))


def test_names() -> None:
    """Of the first picture, and of so many moments."""
    assert still_files(0) == ("thumbnail.jpg",)
    assert still_files(2) == ("thumbnail.jpg", "thumbnail-1.jpg", "thumbnail-2.jpg")


def test_one_decode() -> None:
    """However many moments: one input, whose pictures are scaled only where they are wanted."""
    taking = take_moments(source(), [1.5, 0.0])
    words = list(taking.arguments)
    assert words.count("-i") == 1
    graph = words[words.index("-filter_complex") + 1]
    assert graph.startswith(
        "[0:0]split=2[i0][i1];[i0]select='isnan(prev_selected_t)*gte(t,1.499000)',scale=w="
    )
    assert "select='isnan(prev_selected_t)*gte(t,0.000000)'" in graph
    assert words.count("-frames:v") == 2
    # The decoder's, and one for each encoder.
    assert [words[at + 1] for at, word in enumerate(words) if word == "-threads"] == ["2", "1", "1"]
    assert words[words.index("-format_whitelist") + 1] == "mov"
    assert taking.outputs == still_files(2)[1:]


def test_too_many_pixels() -> None:
    """Are refused before anything is decoded."""
    with pytest.raises(BadInputError) as refused:
        take_first(source(width=8192, height=4321))
    assert refused.value.code is Code.MEDIA_TOO_LARGE
    assert f"{MAX_PIXELS:,}" in refused.value.message
    assert Size(8192, 4320).pixels == MAX_PIXELS


@pytest.mark.parametrize(
    ("options", "size"),
    [
        (("-vf", "scale=64:48"), (320, 240)),
        (("-vf", "scale=64:48,setsar=2"), (320, 120)),
        (("-vf", "scale=2:600,setsar=1"), (320, 1280)),
        (("-vf", "scale=600:2,setsar=1"), (320, 1)),
        (("-vf", "scale=65:49", "-pix_fmt", "yuv444p10le"), (320, 241)),
    ],
)
def test_the_shape_is_as_displayed(tmp_path: Path, options: tuple[str, ...], size: tuple[int, int]) -> None:
    """320 wide in square pixels, within bounds."""
    (tmp_path / "in").mkdir()
    make = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=128x96:r=5:d=1", *options]
    subprocess.run([*make, "-c:v", "ffv1", "-f", "matroska", tmp_path / "in" / "source"], check=True)
    found = read_source({**probe({**FILM, "index": 0}), "demuxer": "matroska"})
    for taking in (take_first(found), take_moments(found, [0.4, 99])):
        command = ["ffmpeg", *taking.arguments]
        subprocess.run(command, cwd=tmp_path, check=True)
    for file in still_files(1):
        with Image.open(tmp_path / file) as picture:
            assert (picture.format, picture.size) == ("JPEG", size)
    assert not (tmp_path / still_files(2)[2]).exists()


@pytest.mark.parametrize("matrix", ["bt709", "smpte170m", "bt2020nc"])
def test_colours_are_kept(tmp_path: Path, matrix: str) -> None:
    """Whatever matrix a video's colours went through, JPEG has its own."""
    (tmp_path / "in").mkdir()
    tagged = f"scale=out_color_matrix={matrix.removesuffix('nc')},format=yuv420p"
    make = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=0x00C000:s=64x64:r=5:d=0.4", "-vf", tagged]
    coded = ["-colorspace", matrix, "-c:v", "libx264", "-f", "matroska"]
    subprocess.run([*make, *coded, tmp_path / "in" / "source"], check=True)
    found = read_source({**probe({**FILM, "index": 0}), "demuxer": "matroska"})
    command = ["ffmpeg", *take_first(found).arguments]
    subprocess.run(command, cwd=tmp_path, check=True)
    with Image.open(tmp_path / still_files(0)[0]) as picture:
        seen = picture.convert("RGB").getpixel((160, 160))
    assert seen == pytest.approx((0, 192, 0), abs=5)
