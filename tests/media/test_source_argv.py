"""What ffprobe is asked of a stranger's file."""

import pytest

from oven.media import source_argv

ASKED = (
    source_argv.describe("source", "mov"),
    source_argv.first_packets("source", "mov", 3, decode=False),
    source_argv.first_packets("source", "mov", 3, decode=True),
    source_argv.all_packets("source", "mov", 3),
    source_argv.first_frame("source", "mov", 3),
)


@pytest.mark.parametrize("arguments", ASKED)
def test_nothing_but_the_file(arguments: tuple[str, ...]) -> None:
    """One demuxer is forced, and nothing but this file may be opened."""
    line = " ".join(arguments)
    assert "-protocol_whitelist file -format_whitelist mov -f mov" in line
    assert arguments[-1] == "file:source"


@pytest.mark.parametrize("arguments", ASKED[1:])
def test_one_stream(arguments: tuple[str, ...]) -> None:
    """Packets and frames are those of one stream, by ffprobe's index."""
    assert arguments[arguments.index("-select_streams") + 1] == "3"


def test_bounds() -> None:
    """The first packets are so many; of frames there is one."""
    assert "%+#300" in ASKED[1]
    assert "%+#300" in ASKED[2]
    assert "-read_intervals" not in ASKED[3]
    assert "%+#1" in ASKED[4]


def test_decoding() -> None:
    """Only where it is asked for: of pictures it would take long."""
    assert ["-count_frames" in arguments for arguments in ASKED] == [False, False, True, False, False]
