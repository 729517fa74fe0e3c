"""What is told of a stranger's video or sound, by what a probe found."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oven.domain.asset import AssetType
from oven.domain.errors import BadInputError, Code
from oven.media.edit import Colors
from oven.media.geometry import Size
from oven.media.probed import wants_measure
from oven.media.source import check_source, file_metadata, read_source, source_of_facts

FILM: dict[str, Any] = {
    "index": 1,
    "codec_type": "video",
    "codec_name": "h264",
    "width": 1280,
    "height": 720,
    "pix_fmt": "yuv420p",
    "avg_frame_rate": "30/1",
    "r_frame_rate": "30/1",
    "duration": "5.0",
    "bit_rate": "5000000",
    "side_data_list": [],
}
SOUND: dict[str, Any] = {
    "index": 0,
    "codec_type": "audio",
    "codec_name": "aac",
    "sample_rate": "44100",
    "channels": 2,
    "bit_rate": "128000",
}


def probe(*streams: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {
        "container": "mp4",
        "demuxer": "mov",
        "contentType": "video/mp4",
        "sizeBytes": 1_000_000,
        "streams": list(streams),
        "format": {"duration": "5.02", "bit_rate": "5200000"},
        "packets": [at / 30 for at in range(150)],
        "decoded": None,
        "measured": None,
        **members,
    }


def turned(rotation: object) -> dict[str, Any]:
    return {**FILM, "side_data_list": [{"side_data_type": "Display Matrix", "rotation": rotation}]}


def test_a_video() -> None:
    """The facts by the names that callers know."""
    source = read_source(probe(SOUND, FILM))
    check_source(source, AssetType.VIDEO)
    assert (source.demuxer, source.video_index, source.size) == ("mov", 1, Size(1280, 720))
    assert file_metadata(source, AssetType.VIDEO) == {
        "duration": 5.02,
        "width": 1280,
        "height": 720,
        "frame_rate": 30.0,
        "codec": "h264",
        "bitrate": 5_000_000,
        "format": "mp4",
        "rotation": 0,
        "pixel_aspect_ratio": "1:1",
        "coded_width": 1280,
        "coded_height": 720,
        "pixel_format": "yuv420p",
        "hdr": None,
        "mastering_display": None,
        "content_light": None,
        "color_space": "unknown",
        "color_primaries": "unknown",
        "color_transfer": "unknown",
        "color_range": "tv",
        "video_index": 1,
        "audio_index": 0,
        "variable_frame_rate": False,
        "video_tracks": 1,
        "hidden_start": False,
        "audio_tracks": 1,
        "audio_codec": "aac",
        "audio_channels": 2,
        "audio_sample_rate": 44_100,
        "audio_bitrate": 128_000,
        "audio_late": True,
    }


def test_a_sound() -> None:
    """It has no size, and its codec is the sound's."""
    source = read_source(probe(SOUND))
    check_source(source, AssetType.AUDIO)
    facts = file_metadata(source, AssetType.AUDIO)
    assert (facts["codec"], facts["bitrate"], facts["audio_codec"]) == ("aac", 128_000, "aac")
    assert "width" not in facts


@pytest.mark.parametrize(
    ("film", "rotation", "shown"),
    [
        (turned(-90), 90, (720, 1280)),
        (turned("90.0"), 270, (720, 1280)),
        (turned(180), 180, (1280, 720)),
        (turned(0), 0, (1280, 720)),
        (turned("nan"), 0, (1280, 720)),
        ({**FILM, "sample_aspect_ratio": "4:3"}, 0, (1707, 720)),
        ({**turned(-90), "sample_aspect_ratio": "4:3"}, 90, (720, 1707)),
        ({**FILM, "sample_aspect_ratio": "0:1"}, 0, (1280, 720)),
        ({**FILM, "sample_aspect_ratio": "N/A"}, 0, (1280, 720)),
    ],
)
def test_shown_size(film: dict[str, Any], rotation: int, shown: tuple[int, int]) -> None:
    """Pixels are made square first, then turned; the matrix counts against the clock."""
    source = read_source(probe(film))
    assert (source.rotation, source.shown_size) == (rotation, shown)


@pytest.mark.parametrize(
    ("streams", "type", "code"),
    [
        ([SOUND], AssetType.VIDEO, Code.MEDIA_TYPE_MISMATCH),
        ([FILM], AssetType.AUDIO, Code.MEDIA_TYPE_MISMATCH),
        ([FILM], AssetType.IMAGE, Code.MEDIA_TYPE_MISMATCH),
        ([{**FILM, "codec_name": "unknown"}], AssetType.VIDEO, Code.MEDIA_UNSUPPORTED),
        ([{**FILM, "codec_name": "vvc", "pix_fmt": ""}], AssetType.VIDEO, Code.MEDIA_UNSUPPORTED),
        ([{**FILM, "pix_fmt": ""}], AssetType.VIDEO, Code.MEDIA_INVALID),
        ([{**FILM, "width": 0}], AssetType.VIDEO, Code.MEDIA_INVALID),
        ([{**FILM, "width": 16_385}], AssetType.VIDEO, Code.MEDIA_UNSUPPORTED),
        ([{**FILM, "sample_aspect_ratio": "99:1"}], AssetType.VIDEO, Code.MEDIA_UNSUPPORTED),
        ([{**SOUND, "codec_name": "ac4", "sample_rate": "0"}], AssetType.AUDIO, Code.MEDIA_UNSUPPORTED),
        ([{**SOUND, "channels": 0}], AssetType.AUDIO, Code.MEDIA_INVALID),
        ([{**SOUND, "codec_name": "none"}], AssetType.AUDIO, Code.MEDIA_UNSUPPORTED),
    ],
)
def test_refusals(streams: list[dict[str, Any]], type: AssetType, code: Code) -> None:  # noqa: A002
    """Of another type, of no size or too large, or not to be seen or heard."""
    with pytest.raises(BadInputError) as caught:
        check_source(read_source(probe(*streams)), type)
    assert caught.value.code is code


@pytest.mark.parametrize(
    ("codec", "decoded", "code"),
    [
        ("aac", 0.0, Code.MEDIA_INVALID),
        ("aac", 0.3, Code.MEDIA_INVALID),
        ("mpegh_3d_audio", 0.0, Code.MEDIA_UNSUPPORTED),
        ("aac", 0.4, None),
        ("aac", None, None),
    ],
)
def test_sound_that_cannot_be_decoded(codec: str, decoded: float | None, code: Code | None) -> None:
    """It is broken where every ffmpeg has the codec, else not taken; damage here and there is let pass."""
    source = read_source(probe({**SOUND, "codec_name": codec}, decoded=decoded))
    if code is None:
        check_source(source, AssetType.AUDIO)
        return
    with pytest.raises(BadInputError) as caught:
        check_source(source, AssetType.AUDIO)
    assert caught.value.code is code


def test_a_film_with_sound_that_nobody_can_hear() -> None:
    """It is taken for its pictures; a track that can be heard is told of first."""
    mute = {**SOUND, "codec_name": "unknown"}
    source = read_source(probe(FILM, mute, SOUND))
    check_source(source, AssetType.VIDEO)
    assert file_metadata(source, AssetType.VIDEO)["audio_codec"] == "aac"


def test_what_is_missing() -> None:
    """A length from the packets; a rate of bits from size and length; null where nothing tells."""
    bare = {name: FILM[name] for name in ("index", "codec_type", "codec_name", "width", "height", "pix_fmt")}
    measured = probe(bare, format={}, packets=[], measured={"seconds": 4.0, "packets": 100})
    facts = file_metadata(read_source(measured), AssetType.VIDEO)
    assert (facts["duration"], facts["frame_rate"], facts["bitrate"]) == (4.0, 25.0, 2_000_000)
    nothing = file_metadata(read_source(probe(bare, format={}, packets=[])), AssetType.VIDEO)
    assert (nothing["duration"], nothing["frame_rate"], nothing["bitrate"]) == (None, None, None)


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, False),
        ({"format": {}}, False),
        ({"format": {}, "streams": [{**FILM, "duration": "N/A"}]}, True),
        ({"demuxer": "aac"}, True),
        ({"demuxer": "matroska", "format": {"duration": "13", "start_time": "10"}}, True),
        ({"demuxer": "matroska", "format": {"duration": "3", "start_time": "0.021"}}, False),
    ],
)
def test_what_is_to_be_measured(members: dict[str, Any], *, expected: bool) -> None:
    """What does not say how long it is, or only guesses."""
    assert wants_measure(probe(FILM, **members)) is expected


DEEP = {
    **FILM,
    "index": 2,
    "codec_name": "hevc",
    "pix_fmt": "yuv420p10le",
    "sample_aspect_ratio": "4:3",
    "color_space": "bt2020nc",
    "color_transfer": "smpte2084",
    "side_data_list": [
        {"side_data_type": "Display Matrix", "rotation": -90},
        {"side_data_type": "Content light level metadata", "max_content": 1000, "max_average": 400},
    ],
}


@pytest.mark.parametrize(
    ("found", "type"),
    [
        (probe(SOUND, FILM), AssetType.VIDEO),
        (probe(FILM), AssetType.VIDEO),
        (probe(SOUND, SOUND, DEEP, container="mkv", demuxer="matroska"), AssetType.VIDEO),
        (probe({**FILM, "pix_fmt": "yuvj420p"}, format={}), AssetType.VIDEO),
        (probe(SOUND, container="ogg", demuxer="ogg"), AssetType.AUDIO),
    ],
)
def test_facts_are_read_back(found: dict[str, Any], type: AssetType) -> None:  # noqa: A002
    """What is stored of an asset is all there is to know of its file, but for its size."""
    source = read_source(found)
    stored = json.loads(json.dumps(file_metadata(source, type)))
    assert source_of_facts(stored, size_bytes=1_000_000) == source


def test_facts_of_before() -> None:
    """An asset that says less has its pictures first, then sound, in colours that nobody knows."""
    told = file_metadata(read_source(probe(FILM, SOUND)), AssetType.VIDEO)
    newer = {*("video_index", "audio_index", "mastering_display", "content_light")}
    newer |= {name for name in told if name.startswith("color_")}
    source = source_of_facts({name: told[name] for name in told if name not in newer}, size_bytes=9)
    assert (source.video_index, source.sound and source.sound.index, source.demuxer) == (0, 1, "mov")
    assert (source.colors, source.light) == (Colors(), None)


WILD = st.one_of(st.none(), st.integers(), st.floats(), st.text(max_size=8), st.just("1e400"), st.just("-5"))


@given(
    st.fixed_dictionaries({}, optional={name: WILD for name in FILM if name not in {"index", "codec_type"}}),
    st.fixed_dictionaries({}, optional={"duration": WILD, "bit_rate": WILD}),
)
def test_wild_values(members: dict[str, Any], whole: dict[str, Any]) -> None:
    """Whatever ffprobe may say, facts are plain JSON with finite numbers, or the file is refused."""
    members.pop("side_data_list", None)
    source = read_source(probe({**FILM, **members}, format=whole))
    try:
        check_source(source, AssetType.VIDEO)
    except BadInputError:
        return
    facts = json.loads(json.dumps(file_metadata(source, AssetType.VIDEO), allow_nan=False))
    assert source_of_facts(facts, size_bytes=source.size_bytes) == source
