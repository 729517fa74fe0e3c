"""The six operations, from their options."""

from dataclasses import fields
from typing import Any

import pytest

from oven.domain.errors import BadInputError, Code
from oven.doors.fields import Checks
from oven.doors.operation_fields import OPTIONS
from oven.media import operations as media
from oven.media.geometry import Size
from oven.media.operations import Moment

LOGO = "550e8400-e29b-41d4-a716-446655440000"


def only_https(text: str, name: str) -> None:
    if not text.startswith("https://"):
        raise BadInputError(Code.URL_INVALID, f"{name} must be an https URL", hint="Choose another.")


CHECKS = Checks(source=only_https, callback=only_https)


@pytest.mark.parametrize(
    ("kind", "options", "operation"),
    [
        (
            "transcode",
            {"codec": "h264", "bitrate": "1000k", "resolution": "1920x1080"},
            media.Transcode(codec=media.VideoCodec.H264, bitrate_bps=1_000_000, size=Size(1920, 1080)),
        ),
        (
            "transcode",
            {"resolution": "720p", "crf": 20, "preset": "slow", "resize": "fill", "audioCodec": "aac"},
            media.Transcode(
                height=720,
                crf=20,
                preset=media.Preset.SLOW,
                resize=media.Resize.FILL,
                audio_codec=media.SoundCodec.AAC,
            ),
        ),
        ("transcode", {"audioBitrate": "96k"}, media.Transcode(audio_bitrate_bps=96_000)),
        (
            "convert",
            {"format": "avi", "videoCodec": "copy", "audioCodec": "mp3", "audioBitrate": 128_000},
            media.Convert(
                format=media.Format.AVI,
                video_codec=media.VideoCodec.COPY,
                audio_codec=media.SoundCodec.MP3,
                audio_bitrate_bps=128_000,
            ),
        ),
        ("compress", {"targetSize": "25MB"}, media.Compress(target_bytes=25_000_000)),
        ("compress", {"quality": "low", "crf": None}, media.Compress(quality=media.QualityWord.LOW)),
        ("compress", {"bitrate": "1M"}, media.Compress(bitrate_bps=1_000_000)),
        ("watermark", {"image": LOGO.upper()}, media.Watermark()),
        (
            "watermark",
            {"image": "https://a/b", "position": "top-left", "opacity": 0.5, "scale": 0.1, "margin": 0},
            media.Watermark(position=media.Position.TOP_LEFT, opacity=0.5, scale=0.1, margin_px=0),
        ),
        ("trim", {}, media.Trim()),
        (
            "trim",
            {"start": "10%", "duration": 5, "mode": "keyframes"},
            media.Trim(start=Moment(10, "%"), duration=Moment(5), mode=media.CutMode.KEYFRAMES),
        ),
        (
            "thumbnail",
            {"timestamps": ["50%"], "size": "320x240", "format": "jpg"},
            media.Thumbnail(timestamps=(Moment(50, "%"),), size=Size(320, 240)),
        ),
    ],
)
def test_an_operation(kind: str, options: dict[str, Any], operation: media.Operation) -> None:
    """Has what was given; of the rest the operation itself knows best."""
    assert OPTIONS[kind].model_validate(options, context=CHECKS).operation() == operation


@pytest.mark.parametrize("kind", list(OPTIONS))
def test_every_option_of_an_operation_can_be_said(kind: str) -> None:
    """Nothing that is planned by is out of callers' reach."""
    made = OPTIONS[kind].makes
    said = set(OPTIONS[kind].model_fields)
    wanted = {field.name for field in fields(made)} - {"type"}
    assert wanted - said == ({"size", "height"} if kind == "transcode" else set())
    assert said - wanted == {"transcode": {"resolution"}, "watermark": {"image"}}.get(kind, set())
