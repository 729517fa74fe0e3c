"""What is asked of a film that was made."""

import pytest

from oven.media import check_argv

ABOUT = ("film.mp4", "mov")
ASKED = {
    "decode": check_argv.decode(*ABOUT, keys_only=False, threads=2),
    "keys": check_argv.decode(*ABOUT, keys_only=True, threads=2),
    "streams": check_argv.streams(*ABOUT),
    "packets": check_argv.packets(*ABOUT),
    "key packets": check_argv.key_packets(*ABOUT, 3, from_s=1.5, to_s=2.25),
    "from the begin": check_argv.key_packets(*ABOUT, 3, from_s=None, to_s=2.25),
    "first packets": check_argv.first_packets(*ABOUT, 3),
}


def line(name: str) -> str:
    return " ".join(ASKED[name])


@pytest.mark.parametrize("name", ASKED)
def test_nothing_but_the_file(name: str) -> None:
    """One demuxer is forced, and nothing but this file may be opened; tags are never asked for."""
    assert "-protocol_whitelist file -format_whitelist mov -f mov" in line(name)
    assert ASKED[name].count("file:film.mp4") == 1
    assert "tags=" in line(name) or "stream=" not in line(name)


def test_decoding() -> None:
    """All of it, or key frames alone, be they shown or not; every picture counts once."""
    assert line("decode") == (
        "-nostdin -hide_banner -v error -progress pipe:1 -stats_period 0.5 -err_detect explode -threads 2 "
        "-skip_loop_filter:v all "
        "-max_pixels 268435456 -max_alloc 1073741824 -protocol_whitelist file -format_whitelist mov -f mov "
        "-i file:film.mp4 -map 0:v? -map 0:a? -fps_mode passthrough -bsf:v setts=ts=N -f null -"
    )
    keys = "-skip_loop_filter:v all -skip_frame:v nokey -discard:v nokey -ignore_editlist 1"
    assert line("keys") == line("decode").replace("-skip_loop_filter:v all", keys)
    assert "-ignore_editlist" not in check_argv.decode("film.mkv", "matroska", keys_only=True, threads=2)


def test_where_packets_are_looked_for() -> None:
    """In an interval of one stream: up to an instant, or so many from the begin."""
    for name, interval in (
        ("key packets", "1.500000%2.250000"),
        ("from the begin", "%2.250000"),
        ("first packets", "%+#1000"),
    ):
        assert f"-select_streams 3 -read_intervals {interval} " in line(name)
