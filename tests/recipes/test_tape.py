"""What a job knows of its tape, from the results so far."""

from dataclasses import replace
from typing import Any

import pytest

from oven.domain.errors import BadInputError, Code
from oven.media.argv import Sound
from oven.recipes.plan import Limits
from oven.recipes.steps import Target
from oven.recipes.tape import TapeRequest, layout_of, plan_of, tape_of

REQUEST = TapeRequest(path="/tape.zip", video=Target("b", "v.mp4"))
SOUND = {
    "streams": [
        {
            "codec_type": "audio",
            "codec_name": "pcm_s16le",
            "channels": 2,
            "sample_rate": "44100",
            "nb_read_packets": "9",
            "nb_read_frames": "9",
        }
    ]
}


def results(*entries: str, **more: Any) -> dict[str, Any]:
    return {"list": {"entries": list(entries)}, "inspect": {"size": [64, 64], "transparent": True}, **more}


def refusal(limits: Limits, known: dict[str, Any]) -> BadInputError:
    with pytest.raises(BadInputError) as caught:
        plan_of(REQUEST, known, limits)
    return caught.value


def test_a_plan(limits: Limits) -> None:
    """Schedule, size, sound and transparency, all that an encode needs."""
    known = results("frame-0.png", "frame-1.png", "soundtrack.wav", sound=SOUND)
    plan = plan_of(REQUEST, known, limits)
    assert plan.expected.size == (192, 192)
    assert plan.expected.frames == 2
    assert plan.expected.has_sound
    assert plan.sound == Sound("wav", 44_100, 0.0)
    assert plan.is_transparent


def test_what_was_not_used_is_told(limits: Limits) -> None:
    """A second soundtrack, and timestamps that are no clock."""
    timing = {"value": [{"duration": 10, "timestamp": 9}, {"duration": 10, "timestamp": 8}]}
    known = results("frame-0.png", "frame-1.png", "audio.wav", "audio.mp3", sound=SOUND, timing=timing)
    assert plan_of(REQUEST, known, limits).warnings == (
        {"code": "SOUND_UNUSED", "message": "of several soundtracks these were not used: audio.mp3"},
        {
            "code": "TIMESTAMPS_IGNORED",
            "message": "the timestamps in timing.json go back or stand still; its durations were followed",
        },
    )


def test_pictures_that_are_no_frames_are_left_out(limits: Limits) -> None:
    """By name, where no timing.json chooses."""
    tape = tape_of(results("frame-0.png", "thumbnail.png"), limits)
    assert [frame.name for frame in tape.frames] == ["frame-0.png"]
    assert tape.unused_pictures == 1


def test_timing_may_choose_any_picture(limits: Limits) -> None:
    """Whatever its name is."""
    timing = {"value": [{"filename": "b.png", "duration": 10}, {"filename": "a.png", "duration": 10}]}
    tape = tape_of(results("a.png", "b.png", timing=timing), limits)
    assert [frame.name for frame in tape.frames] == ["b.png", "a.png"]


def test_pictures_but_no_frames(limits: Limits) -> None:
    """With a hint at the right names."""
    error = refusal(limits, results("picture.png"))
    assert error.code is Code.NO_FRAMES
    assert "frame-00000.png" in error.hint


def test_too_long(limits: Limits) -> None:
    """With both lengths."""
    timing = {"value": [{"duration": 601_000}]}
    error = refusal(limits, results("frame-0.png", timing=timing))
    assert error.code is Code.DURATION_LIMIT
    assert "601 s; at most 600 s" in error.message


def test_too_many(limits: Limits) -> None:
    """A timing.json may repeat a picture, but not for ever."""
    timing = {"value": [{"filename": "frame-0.png", "duration": 1}] * 3}
    error = refusal(replace(limits, frames=2), results("frame-0.png", timing=timing))
    assert error.code is Code.TIMING_INVALID


@pytest.mark.parametrize("probe", [{"streams": []}, {"streams": [{"codec_type": "video"}]}])
def test_sound_without_sound(limits: Limits, probe: dict[str, Any]) -> None:
    """A soundtrack in which there is none to decode."""
    error = refusal(limits, results("frame-0.png", "audio.webm", sound=probe))
    assert error.code is Code.AUDIO_INVALID
    assert "audio.webm" in error.message


def test_the_layout_is_read_from_the_listing() -> None:
    """As soon as there is one."""
    assert layout_of(results("frame-0.png")).pictures[0].file == "000000.png"
