"""Which frame of a scene is looked at: by the packets around its middle, before anything is decoded."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple

from oven.media.argv import QUIET, reading
from oven.media.pace import number

# A key frame so long after the middle is still looked for; of what comes then the decoder is given a little.
AFTER_S = 5.0
REST_S = 1.0
# Times are rounded by who asks.
TOLERANCE_S = 0.001
# A decoder gives a frame when it has had those that may come before it: 16 by H.264, and one a thread.
REORDERED = 20
# Some demuxers begin 3/23 s before where they are told, if frames come in another order than they are shown.
LEAD_S = 0.14
# Of a film without key frames no more is looked at: ten minutes of sixty a second.
MAX_PACKETS = 36_000
MEMBERS = "pts_time,dts_time,size,pos,flags"
PACKET, FORMAT = "packet,", "format,"


class Extent(StrEnum):
    """How much of a film is there: all; its index, and holes; its beginning, and then where the scene is."""

    WHOLE = "whole"
    INDEX = "index"
    EXCERPT = "excerpt"


class Packet(NamedTuple):
    """A packet of pictures.

    Args:
        at_s: when it is shown, on the file's own clock.
        position: of its bytes in the file; None where nobody knows.
        size: of them.
        is_key: whether a decoder can begin with it.
        is_shown: not of those that stand before the film's begin for the decoder alone.

    """

    at_s: float
    position: int | None
    size: int
    is_key: bool
    is_shown: bool


class Glance(NamedTuple):
    """A frame that is looked at.

    Args:
        at_s: when it is shown, in seconds since the file's begin.
        clock_s: the same on the file's own clock.
        seek_s: what a demuxer is told that is to begin at the key frame before, since the file's begin.
        is_key: whether it is a key frame.
        extent: how much of the file is there.
        packets: what the decoder reads for it, in the file's order.

    """

    at_s: float
    clock_s: float
    seek_s: float
    is_key: bool
    extent: Extent
    packets: tuple[Packet, ...]


@dataclass(slots=True, kw_only=True)
class Around:
    """Takes what `packets_around` answers, a line each, and keeps what is needed around `middle_s`.

    That is the last key frame up to it, and all that follows.

    Args:
        middle_s: by the file's own clock.
        begin_s: of the file, by its own clock.
        asked_s: what the demuxer was told that began there, by the file's own clock; None for the begin.
        is_exact: whether it begins at the key frame before whatever it is told.
        extent: how much of the file is there.
        told_s: the file's begin as it was answered; None where nobody knows.

    """

    middle_s: float
    begin_s: float = 0.0
    asked_s: float | None = None
    is_exact: bool = True
    extent: Extent = Extent.WHOLE
    told_s: float | None = None
    packets: list[Packet] = field(default_factory=list)

    def take(self, line: str) -> bool:
        """Take a line."""
        words = (*line.split(","), "", "", "", "", "")[1:]
        if line.startswith(FORMAT):
            self.told_s = number(words[0])
        if not line.startswith(PACKET):
            return False
        shown, decoded = number(words[0]), number(words[1])
        at_s = decoded if shown is None else shown
        if at_s is None:
            return True
        packet = Packet(
            at_s,
            int(words[3]) if words[3].isdecimal() else None,
            int(words[2]) if words[2].isdecimal() else 0,
            "K" in words[4],
            "D" not in words[4],
        )
        if packet.is_key and at_s <= self.middle_s + TOLERANCE_S:
            self.packets.clear()
        if len(self.packets) < MAX_PACKETS:
            self.packets.append(packet)
        return True

    @property
    def has_key(self) -> bool:
        """Whether a decoder that begins here comes to the middle."""
        return (
            bool(self.packets)
            and self.packets[0].is_key
            and self.packets[0].at_s <= self.middle_s + TOLERANCE_S
        )


def packets_around(
    file: str, demuxer: str, stream: int, *, from_s: float | None, to_s: float, extent: Extent
) -> tuple[str, ...]:
    """Ask ffprobe for packets of a stream by the file's own clock, and for its begin, as `Around` takes them.

    They begin where the demuxer lands that is told `from_s`, at the key frame before where it knows, and with
    the file where nothing is told; `extent` as of `Around`.
    """
    begin = "" if from_s is None else f"{from_s:.6f}"
    return (
        *QUIET,
        *as_they_are(extent),
        *reading(demuxer),
        *("-select_streams", str(stream), "-read_intervals", f"{begin}%{to_s:.6f}"),
        *("-show_entries", f"packet={MEMBERS}:packet_side_data=:format=start_time:format_tags="),
        *("-of", "csv", f"file:{file}"),
    )


def as_they_are(extent: Extent) -> tuple[str, ...]:
    """Take packets for what the film's index says of them, where their bytes may not be there to look at."""
    return () if extent is Extent.WHOLE else ("-nofind_stream_info", "-fflags", "+nofillin+noparse")


def until_s(middle_s: float, end_s: float) -> float:
    """Give up to when packets are asked for."""
    return min(end_s, middle_s + AFTER_S) + REST_S


def choose(around: Around, *, start_s: float, end_s: float) -> Glance | None:
    """Choose the frame to look at in a scene, whose times are seconds since the file's begin.

    It is the key frame nearest to the middle, for such a one needs no other; where the scene has none there,
    the frame at the middle itself.  None where there are no frames.
    """
    packets, middle_s = around.packets, around.middle_s
    from_s, to_s = around.begin_s + start_s - TOLERANCE_S, around.begin_s + end_s
    keys = [
        at
        for at, packet in enumerate(packets)
        if packet.is_key and packet.is_shown and from_s <= packet.at_s < to_s
    ]
    chosen = min(keys, key=lambda at: abs(packets[at].at_s - middle_s), default=None)
    first = chosen or 0
    if chosen is None:
        chosen = _at_middle(packets, middle_s)
    if chosen is None:
        return None
    frame = packets[chosen]
    return Glance(
        max(0.0, frame.at_s - around.begin_s),
        frame.at_s,
        max(0.0, _seek_s(around, first) - around.begin_s),
        frame.is_key,
        around.extent,
        tuple(packets[first : chosen + 1 + REORDERED]),
    )


def _seek_s(around: Around, key: int) -> float:
    """Tell a demuxer where to begin, by the file's own clock, so that it begins with a key frame."""
    if not around.is_exact:
        # What it was told before led to where it had to.
        return around.begin_s if around.asked_s is None else around.asked_s
    key_s = around.packets[key].at_s
    later_s = next((packet.at_s for packet in around.packets[key + 1 :] if packet.is_key), None)
    is_alone = later_s is None or later_s - key_s > 2 * LEAD_S
    return key_s + (LEAD_S if is_alone else 0.0)


def _at_middle(packets: Sequence[Packet], middle_s: float) -> int | None:
    """Find the last frame up to the middle that others are made from, else the first that is shown.

    Such a one is shown later than all that stand before it.
    """
    latest = accumulate((packet.at_s for packet in packets), max)
    ahead = [
        at
        for at, (packet, latest_s) in enumerate(zip(packets, latest, strict=True))
        if packet.is_shown and packet.at_s == latest_s and packet.at_s <= middle_s + TOLERANCE_S
    ]
    shown = (at for at, packet in enumerate(packets) if packet.is_shown)
    return ahead[-1] if ahead else next(shown, None)
