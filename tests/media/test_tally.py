"""Packets, counted and searched, a line each as ffprobe writes it."""

from typing import Any

import pytest

from oven.media.tally import Keys, Tally


def counted(*lines: str, **stream: str) -> dict[str, Any]:
    tally = Tally()
    for line in lines:
        tally.take(line)
    return tally.counted({"index": 0, **stream})


def test_streams_are_counted_apart() -> None:
    """However their packets follow one another; ffprobe's own members stay."""
    tally = Tally()
    for line in ("0,0.0,0.0,0.5,100", "1,0.25,0.25,0.5,7", "0,0.5,0.5,0.5,11"):
        assert tally.take(line)
    assert tally.counted({"index": 0, "codec_name": "h264"}) == {
        "index": 0,
        "codec_name": "h264",
        "packets": 2,
        "bytes": 111,
        "startS": 0.0,
        "endS": 1.0,
    }
    assert tally.counted({"index": 1})["bytes"] == 7


def test_pictures_in_another_order() -> None:
    """A stream begins with the first that is shown, and ends with the last."""
    found = counted("0,0.08,-0.08,0.04,9", "0,0.20,-0.04,0.04,9", "0,0.12,0.0,0.04,9")
    assert (found["startS"], found["endS"]) == (0.08, pytest.approx(0.24))


@pytest.mark.parametrize(
    ("lines", "members", "expected"),
    [
        (("0,-0.021,-0.021,0.021,9", "0,0.0,0.0,0.021,9"), {"start_time": "0.000000"}, (0.0, 0.021)),
        (("0,0.0,0.0,0.021,9",), {"start_time": "0.0", "duration": "0.015"}, (0.0, 0.015)),
        (("0,N/A,1.0,0.5,9", "0,N/A,1.5,0.5,9"), {}, (1.0, 2.0)),
        (("0,0.0,0.0,N/A,9", "0,0.5,0.5,N/A,9"), {}, (0.0, 1.0)),
        (("0,2.0,2.0,N/A,9",), {"start_time": "N/A"}, (2.0, 2.0)),
        (("0,N/A,N/A,N/A,9",), {"start_time": "0.0"}, (None, None)),
        ((), {}, (None, None)),
    ],
)
def test_begin_and_end(
    lines: tuple[str, ...], members: dict[str, str], expected: tuple[float | None, float | None]
) -> None:
    """As the file says, as packets are shown, as they are decoded; of none nothing is known."""
    found = counted(*lines, **members)
    assert (found["startS"], found["endS"]) == pytest.approx(expected)
    assert found["packets"] == len(lines)


@pytest.mark.parametrize("line", ["", "side_data", "x,0,0,0,9", ","])
def test_lines_that_are_no_packets(line: str) -> None:
    """Count for nothing."""
    assert counted(line)["packets"] == 0


@pytest.mark.parametrize("line", ["0", "0,1.0", "0,1,1,1,many", "0,nan,inf,-,9"])
def test_packets_that_say_little(line: str) -> None:
    """Are counted all the same."""
    assert counted(line)["packets"] == 1


def test_keys() -> None:
    """The first of all, and the last that is shown in time; other packets are none."""
    keys = Keys(until_s=1.0)
    for line in ("0.4,0.3,K__", "0.2,0.2,KD_", "1.0,0.9,K_", "0.7,0.8,___", "1.4,1.3,K__", "N/A,N/A,K__", ""):
        keys.take(line)
    assert (keys.first_s, keys.last_s) == (0.2, 1.0)
    assert (Keys().first_s, Keys().last_s) == (None, None)


def test_keys_without_times_of_their_own() -> None:
    """Are where they are decoded."""
    keys = Keys()
    keys.take("N/A,0.5,K__")
    assert keys.last_s == 0.5
