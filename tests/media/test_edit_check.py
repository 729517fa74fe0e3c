"""Whether a film is what an edit was to make."""

from dataclasses import replace
from typing import Any

import pytest

from oven.domain.errors import BadInputError, Code, FaultError
from oven.media.edit import Cut, TargetSize
from oven.media.edit_check import (
    check_film,
    film_of,
    misses_target,
    source_offset_s,
    tolerance_of,
)
from oven.media.operations import CutMode
from tests.edits import AAC, COPY, CUT, PLAIN, edit

DECODED = {"frames": 180, "complaints": 0}


def measured(*, video: dict[str, Any] | None = None, sound: dict[str, Any] | None = None) -> dict[str, Any]:
    """What is measured of a film that is what `PLAIN` means, with changes."""
    pictures = {
        "index": 0,
        "codec_type": "video",
        "codec_name": "h264",
        "width": 64,
        "height": 48,
        "sample_aspect_ratio": "1:1",
        "packets": 180,
        "bytes": 90_000,
        "startS": 0.0,
        "endS": 6.0,
    }
    track = {
        "index": 1,
        "codec_type": "audio",
        "codec_name": "aac",
        "packets": 282,
        "bytes": 9_000,
        "startS": 0.0,
        "endS": 6.01,
    }
    return {"sizeBytes": 100_000, "streams": [pictures | (video or {}), track | (sound or {})]}


def check(found: dict[str, Any], meant: Any = PLAIN, **decoded: int) -> None:
    check_film(meant, film_of(meant, found), DECODED | decoded, offset_s=0.0)


def test_as_meant() -> None:
    """A film as it was meant is well; what is neither pictures nor sound is the container."""
    check(measured())
    film = film_of(PLAIN, measured())
    assert (film.video_bytes, film.other_bytes) == (90_000, 10_000)
    assert film.duration_s == pytest.approx(6.01)
    assert film.offset_s == 0


@pytest.mark.parametrize(
    ("changes", "decoded", "said"),
    [
        ({"video": {"codec_name": "hevc"}}, {}, "its pictures are hevc, not h264"),
        ({"sound": {"codec_name": "mp3"}}, {}, "its sound is mp3, not aac"),
        ({"video": {"width": 66}}, {}, "it is 66×48, not 64×48"),
        ({"video": {"sample_aspect_ratio": "4:3"}}, {}, "its pixels are not square"),
        ({}, {"frames": 179}, "179 of its 180 frames can be decoded"),
        ({"video": {"endS": 6.2}}, {}, "it lasts 6.200 s, not 6.000 s"),
        ({"sound": {"startS": 0.05}}, {}, "moved apart by 50 ms"),
        ({"sound": {"startS": -0.05}}, {}, "moved apart by -50 ms"),
        ({"sound": {"codec_type": "subtitle"}}, {}, "1 streams of pictures and 0 of sound, not 1 and 1"),
        ({"video": {"startS": None}}, {}, "a stream of it is empty"),
    ],
)
def test_not_as_meant(changes: dict[str, Any], decoded: dict[str, int], said: str) -> None:
    """Whatever differs is told, and is our fault."""
    with pytest.raises(FaultError) as refused:
        check(measured(**changes), **decoded)
    assert refused.value.code is Code.OUTPUT_INVALID
    assert said in refused.value.message


def test_a_source_that_lies() -> None:
    """Where there is less than the source had said, nothing is wrong but the source."""
    with pytest.raises(BadInputError, match=r"ends after 4\.000 s, but 6\.000 s were to come") as refused:
        check(measured(video={"endS": 4.0}, sound={"endS": 3.0}))
    assert refused.value.code is Code.MEDIA_INVALID


def test_sound_of_a_length_does_not_lie_for_it() -> None:
    """Silence that was made to last tells nothing of the source: its pictures do."""
    lasting = edit(sound=replace(AAC, lasts_s=6.0))
    check(measured(), lasting)
    with pytest.raises(BadInputError, match=r"ends after 4\.000 s, but 6\.000 s were to come"):
        check(measured(video={"endS": 4.0}), lasting)


def test_within_a_frame() -> None:
    """A frame more or less is none; without sound there is no packet of it to allow for."""
    check(measured(video={"endS": 6.034}))
    silent = edit(sound=None)
    assert tolerance_of(silent) == pytest.approx(1 / 30 + 0.002)
    found = measured(video={"endS": 6.04})
    found["streams"].pop()
    with pytest.raises(FaultError, match=r"it lasts 6\.040 s"):
        check(found, silent)


def test_pictures_of_a_cut() -> None:
    """Are as long as the cut, to a frame, however long the sound is."""
    cut = edit(cut=CUT, duration_s=6.0)
    check(measured(video={"endS": 6.034}, sound={"endS": 6.07}), cut)
    with pytest.raises(FaultError, match=r"its pictures last 6\.040 s, not 6\.000 s"):
        check(measured(video={"endS": 6.04}), cut)


def test_a_copy() -> None:
    """Has its packets as they came: a few frames more, its own size and pixels, and its own distance."""
    found = measured(video={"width": 128, "sample_aspect_ratio": "4:3", "endS": 6.1}, sound={"startS": 0.05})
    check(found, COPY, frames=6)
    with pytest.raises(BadInputError, match="none of the key frames can be decoded"):
        check(found, COPY, frames=0)


@pytest.mark.parametrize(
    ("meant", "offset_s"),
    [
        (PLAIN, 0.0),
        (COPY, -0.25),
        (edit(sound=COPY.sound), 0.5),
    ],
)
def test_the_source_s_own_offset(meant: Any, offset_s: float) -> None:
    """Copied sound keeps its distance: to pictures that are copied, or to the begin, where others start."""
    probe = {
        "streams": [{"index": 0, "start_time": "1.750000"}, {"index": 1, "start_time": "1.500000"}],
        "format": {"start_time": "1.000000"},
    }
    assert source_offset_s(meant, probe) == pytest.approx(offset_s)
    nothing = {"streams": [{"index": 0}, {"index": 1, "start_time": "N/A"}], "format": {}}
    assert source_offset_s(meant, nothing) == 0


@pytest.mark.parametrize(("cut_s", "offset_s"), [(0.25, -0.1), (0.55, -0.05), (2.0, 0.0)])
def test_the_offset_that_a_cut_leaves(cut_s: float, offset_s: float) -> None:
    """What was there before the cut begins with it; what comes later keeps its distance."""
    probe = {
        "streams": [{"index": 0, "start_time": "1.600000"}, {"index": 1, "start_time": "1.500000"}],
        "format": {"start_time": "1.000000"},
    }
    cut = Cut(cut_s, 4.0, CutMode.KEYFRAMES)
    assert source_offset_s(replace(COPY, cut=cut), probe) == pytest.approx(offset_s)


def test_what_only_a_decoder_hears() -> None:
    """Copied sound may begin earlier by a packet of its own, of 128 ms at 8 kHz; not later."""
    slow = {"codec_name": "aac", "sample_rate": "8000"}
    check(measured(sound={**slow, "startS": -0.128}), COPY)
    with pytest.raises(FaultError, match="moved apart by 128 ms"):
        check(measured(sound={**slow, "startS": 0.128}), COPY)


def test_what_a_source_says_of_its_length() -> None:
    """A tenth of a second less is no error of anybody's; more is the source's."""
    cut = edit(cut=Cut(1.0, 7.0, CutMode.EXACT))
    check(measured(video={"endS": 5.91}, sound={"endS": 5.91}), cut)
    with pytest.raises(BadInputError, match=r"ends after 5\.890 s"):
        check(measured(video={"endS": 5.89}, sound={"endS": 5.89}), cut)


def test_target() -> None:
    """Three in a hundred more or less are no miss."""
    rate = TargetSize(1_000, 1)
    assert [misses_target(size, rate) for size in (969, 970, 1_030, 1_031)] == [True, False, False, True]


def test_streams_of_pictures() -> None:
    """A film has one stream of pictures, and no other."""
    found = measured()
    found["streams"][1] = {**found["streams"][0], "index": 1}
    with pytest.raises(FaultError, match="2 streams of pictures and 0 of sound"):
        film_of(PLAIN, found)


def test_a_cut_beyond_the_pictures() -> None:
    """Is of a source that lies, which is no fault of ours; without a cut it would be."""
    sound = {**measured(), "streams": measured()["streams"][1:]}
    with pytest.raises(BadInputError, match=r"no pictures after 1\.500 s") as refused:
        film_of(edit(cut=CUT), sound)
    assert refused.value.code is Code.MEDIA_INVALID
    with pytest.raises(FaultError):
        film_of(PLAIN, sound)
