"""Edits for tests: what a planner might have decided of a clip of 128×96 at 30 frames a second, 6 s long."""

from dataclasses import replace
from typing import Any

from oven.media.edit import (
    Colors,
    CopiedSound,
    CopiedVideo,
    Cut,
    Edit,
    EncodedSound,
    EncodedVideo,
    Mark,
    Still,
)
from oven.media.encode import Crf
from oven.media.geometry import Size
from oven.media.operations import CutMode, Format, Position, Preset, SoundCodec, StillFormat, VideoCodec

H264 = EncodedVideo(
    codec=VideoCodec.H264,
    preset=Preset.VERYFAST,
    rate=Crf(23),
    scaled=Size(64, 48),
    size=Size(64, 48),
    depth=8,
)
AAC = EncodedSound(index=1, codec=SoundCodec.AAC, bitrate_bps=128_000, rate_hz=48_000, channels=2)
CUT = Cut(1.5, 4.5, CutMode.EXACT)
MARK = Mark(Position.BOTTOM_RIGHT, 0.5, 0.25, 4)
STILLS = (
    Still("thumbnail-1.jpg", 0.0, None, StillFormat.JPEG),
    Still("thumbnail-2.png", 1.5, Size(32, 32), StillFormat.PNG),
    Still("thumbnail-3.webp", 2.9, Size(32, 32), StillFormat.WEBP),
)
PLAIN = Edit(
    format=Format.MP4,
    video_index=0,
    demuxer="mov",
    cut=None,
    duration_s=6.0,
    frames=180,
    upright=Size(128, 96),
    colors=Colors("bt709", "bt709", "bt709"),
    video=H264,
    sound=AAC,
)
WHOLE = replace(PLAIN, cut=CUT, duration_s=3.0, frames=90, marks=(MARK,), stills=STILLS)
COPY = replace(
    PLAIN, video=CopiedVideo(codec="h264"), sound=CopiedSound(index=1, codec="aac"), format=Format.MKV
)
PICTURES = replace(PLAIN, format=None, video=None, sound=None, stills=STILLS)


def edit(**changes: Any) -> Edit:
    """Change some of a plain edit."""
    return replace(PLAIN, **changes)
