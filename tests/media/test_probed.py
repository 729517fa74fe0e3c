"""What ffprobe says, member by member."""

from typing import Any

import pytest

from oven.media.edit import Colors, Light
from oven.media.probed import colors_of, hides_start, light_of, whole

MASTERING: dict[str, Any] = {
    "side_data_type": "Mastering display metadata",
    "red_x": "34000/50000",
    "red_y": "16000/50000",
    "green_x": "13250/50000",
    "green_y": "34500/50000",
    "blue_x": "7500/50000",
    "blue_y": "3000/50000",
    "white_point_x": "15635/50000",
    "white_point_y": "16450/50000",
    "min_luminance": "1/10000",
    "max_luminance": "10000000/10000",
}
CONTENT = {"side_data_type": "Content light level metadata", "max_content": 1000, "max_average": 400}
WRITTEN = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"


@pytest.mark.parametrize(
    ("demuxer", "packets", "start", "hides"),
    [
        ("mov", [-0.32, -0.28, 0.0], "0.000000", True),
        ("mov", [-0.001, 0.04], "0.000000", False),
        ("mov", [0.08, 0.12], "0.080000", False),
        ("mov", [0.0, 0.04], "N/A", False),
        ("mov", [], "0.000000", False),
        ("matroska", [-0.32, 0.0], "0.000000", False),
    ],
)
def test_hidden_starts(demuxer: str, packets: list[float], start: str, *, hides: bool) -> None:
    """Packets before the begin that the file tells; only MP4 and its like do so on purpose."""
    assert hides_start({"demuxer": demuxer, "packets": packets}, {"start_time": start}) is hides


@pytest.mark.parametrize(
    ("side_data", "light"),
    [
        ([], None),
        ([{"side_data_type": "x"}], None),
        ([MASTERING, CONTENT], Light(WRITTEN, "1000,400")),
        ([MASTERING, MASTERING], Light(WRITTEN)),
        ([CONTENT], Light(content="1000,400")),
        ([{**MASTERING, "red_x": "1/0"}, CONTENT], Light(content="1000,400")),
        ([{**MASTERING, "red_x": "-1/2"}], None),
        ([{**CONTENT, "max_average": "nan"}], None),
        ([{"side_data_type": "Mastering display metadata"}], None),
    ],
)
def test_light(side_data: list[dict[str, Any]], light: Light | None) -> None:
    """HDR10's static metadata in x265's words; what is not whole is none."""
    assert light_of({"side_data_list": side_data}) == light


@pytest.mark.parametrize(
    ("video", "colors"),
    [
        ({}, Colors("unknown", "unknown", "unknown", "tv")),
        ({"color_space": "bt709", "color_range": "pc"}, Colors("bt709", range="pc")),
        ({"pix_fmt": "yuvj420p"}, Colors(range="pc")),
        ({"pix_fmt": "yuv420p", "color_transfer": "smpte2084"}, Colors(transfer="smpte2084")),
    ],
)
def test_colors(video: dict[str, Any], colors: Colors) -> None:
    """What is not told is unknown; a range is limited, if nothing says that it is full."""
    assert colors_of(video) == colors


@pytest.mark.parametrize(
    ("value", "expected"),
    [("5", 5), ("4.6", 5), ("N/A", None), ("0.2", None), (0, None), (-3, None), ("1e30", None)],
)
def test_whole_numbers(value: object, expected: int | None) -> None:
    """Above 0, and no larger than JSON's readers take."""
    assert whole(value) == expected
