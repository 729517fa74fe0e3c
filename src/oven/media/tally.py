"""The packets of a film, a line each: counted by their streams, or searched for a key frame."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from oven.media.pace import number


@dataclass(slots=True)
class Track:
    """The packets of one stream; instants in seconds, infinite where none has a time.

    `last_s` is when the last of them is shown, `end_s` when the last ends that says how long it lasts.
    """

    packets: int = 0
    size_bytes: int = 0
    start_s: float = math.inf
    last_s: float = -math.inf
    end_s: float = -math.inf

    @property
    def until_s(self) -> float:
        """Give when the stream ends; a last packet that says nothing lasts as long as the others do."""
        mean_s = (self.last_s - self.start_s) / (self.packets - 1) if self.packets > 1 else 0.0
        return self.end_s if self.end_s > self.last_s else self.last_s + mean_s


@dataclass(slots=True)
class Tally:
    """Takes packets, a line each of stream, pts, dts, duration and size, and forgets them."""

    tracks: dict[int, Track] = field(default_factory=dict)

    def take(self, line: str) -> bool:
        """Take a packet; a line that is none counts for nothing."""
        words = (*line.split(","), "", "", "", "", "")
        if not words[0].isdecimal():
            return False
        track = self.tracks.setdefault(int(words[0]), Track())
        shown, decoded, lasts, size = (number(word) for word in words[1:5])
        at = decoded if shown is None else shown
        track.packets += 1
        track.size_bytes += int(size or 0)
        if at is not None:
            track.start_s = min(track.start_s, at)
            track.last_s = max(track.last_s, at)
            track.end_s = max(track.end_s, at + (lasts or 0))
        return True

    def counted(self, stream: Mapping[str, Any]) -> dict[str, Any]:
        """Add to ffprobe's members of a stream what was counted of it.

        A stream begins, and lasts, as the file says: its first packets may be there for the decoder alone, as
        those of MP4 before the begin of its edit list, and ffprobe tells of those, too.  What the encoder of
        sound puts before the first sample counts where the file does not tell it from sound: 21 ms of AAC and
        23 of MP3 in Matroska, and 7 of Opus there, and in MP4 where the sound begins later than the pictures.
        So an offset between sound and pictures is exact to 25 ms, and to a few between files of one kind.
        """
        track = self.tracks.get(int(stream["index"]), Track())
        has_times = math.isfinite(track.start_s)
        said_s, lasts_s = number(stream.get("start_time")), number(stream.get("duration"))
        start_s = track.start_s if said_s is None else said_s
        return {
            **stream,
            "packets": track.packets,
            "bytes": track.size_bytes,
            "startS": start_s if has_times else None,
            "endS": (track.until_s if lasts_s is None else start_s + lasts_s) if has_times else None,
        }


@dataclass(slots=True)
class Keys:
    """Takes packets, a line each of pts, dts and flags, and forgets them.

    Finds the `first_s` of the key frames, and the `last_s` that is shown by `until_s`; None where there is
    none.  Where a packet has no time to be shown, as in AVI, it is the one when it is decoded.
    """

    until_s: float = math.inf
    first_s: float | None = None
    last_s: float | None = None

    def take(self, line: str) -> bool:
        """Take a packet."""
        shown, decoded, flags = (*line.split(",", 2), "", "", "")[:3]
        at = number(decoded) if number(shown) is None else number(shown)
        if "K" in flags and at is not None:
            self.first_s = at if self.first_s is None else min(self.first_s, at)
            if at <= self.until_s:
                self.last_s = at if self.last_s is None else max(self.last_s, at)
        return True
