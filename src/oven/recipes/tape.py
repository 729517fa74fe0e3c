"""A tape as far as a job has learned of it: what every recipe over tapes decides from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from oven.domain.errors import BadInputError, Code, WarningCode
from oven.media.argv import Sound
from oven.media.facts import read_facts
from oven.media.geometry import Upscale
from oven.media.schedule import Schedule, choose_rate, plan_schedule
from oven.media.tape import Layout, Member, is_frame_name, read_layout
from oven.media.timing import Timing, constant_timing, names_files, read_timing
from oven.media.verify import Expected
from oven.recipes.plan import Limits, Result, Results
from oven.recipes.same import Same
from oven.recipes.steps import Target
from oven.recipes.tape_metadata import JobWarning, choose_upscale, mismatches, warn

PAIR = 2
# The steps that a plan is made from.
LEARNED = ("list", "timing", "metadata", "sound", "inspect")
# So many tapes, the last ones, are not read anew after each step: as many as are likely to be baked at once.
REMEMBERED = 4
Known = tuple[tuple[str, Same[Result]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TapeRequest:
    """Which tape to make a video of, how large, how fast, and where to.

    The source is a `url`, or else a `path` on this machine, which no door takes.
    `size` (width, height) wins over `scale`, both over what `metadata` or the tape's own metadata.json
    ask for.  `rate` is output frames a second.  `reuse` whether it may be a copy of what was made before.
    """

    video: Target
    path: str = ""
    url: str = ""
    thumbnail: Target | None = None
    size: tuple[int, int] | None = None
    scale: int | None = None
    rate: Fraction | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    # What the caller knows the tape by; its callback repeats it.
    echo: Mapping[str, Any] = field(default_factory=dict)
    reuse: bool = True

    def as_json(self) -> dict[str, Any]:
        """Write the request as a job keeps it."""
        request: dict[str, Any] = REQUESTS.dump_python(self, mode="json")
        return request


# Made once: it costs as much as the rest of a submission.
REQUESTS = TypeAdapter(TapeRequest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tape:
    """An unpacked tape; `frames` are in the order of showing, as `timing` has them."""

    layout: Layout
    frames: tuple[Member, ...]
    timing: Timing

    @property
    def unused_pictures(self) -> int:
        return len(self.layout.pictures) - len(set(self.frames))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How an inspected tape becomes a video."""

    tape: Tape
    schedule: Schedule
    upscale: Upscale
    is_transparent: bool
    sound: Sound | None
    warnings: tuple[JobWarning, ...]

    @property
    def expected(self) -> Expected:
        return Expected(
            size=self.upscale.output,
            frames=self.schedule.slots,
            rate=self.schedule.rate,
            has_sound=self.sound is not None,
        )


def layout_of(results: Results) -> Layout:
    """Read the layout, once the archive is listed."""
    return _layout(Same(results["list"]))


def tape_of(results: Results, limits: Limits) -> Tape:
    """Read the tape, once timing.json is read.

    Raises:
        BadInputError: NO_FRAMES, TIMING_INVALID, DURATION_LIMIT.

    """
    return _tape(_known(results, ("list", "timing")), limits)


def plan_of(request: TapeRequest, results: Results, limits: Limits) -> Plan:
    """Decide all that the encode needs, once the frames and the sound are inspected.

    Raises:
        BadInputError: as `tape_of`, and AUDIO_INVALID, FIELD_INVALID, FRAME_TOO_LARGE.

    """
    return _plan(Same(request), _known(results, LEARNED), limits)


def _known(results: Results, names: Iterable[str]) -> Known:
    return tuple((name, Same(results[name])) for name in names if name in results)


@lru_cache(maxsize=REMEMBERED)
def _layout(listed: Same[Result]) -> Layout:
    return read_layout(listed.value["entries"])


@lru_cache(maxsize=REMEMBERED)
def _tape(known: Known, limits: Limits) -> Tape:
    results = {name: same.value for name, same in known}
    layout = layout_of(results)
    times = results["timing"]["value"] if "timing" in results else None
    pictures = layout.pictures
    if not names_files(times):
        pictures = tuple(picture for picture in pictures if is_frame_name(picture.name))
    if not pictures:
        raise BadInputError(
            Code.NO_FRAMES,
            "the archive holds pictures, but none is named like a frame",
            hint="Frames are named frame-00000.png, frame-00001.png, …, or listed in timing.json.",
        )
    if "timing" not in results:
        timing = constant_timing(len(pictures))
    else:
        timing = read_timing(times, [picture.name for picture in pictures])
    if len(timing.pictures) > limits.frames:
        raise BadInputError(
            Code.TIMING_INVALID,
            f"timing.json lists {len(timing.pictures)} frames; at most {limits.frames} are possible",
        )
    if timing.total_s > limits.duration_s:
        raise BadInputError(
            Code.DURATION_LIMIT,
            f"the tape lasts {timing.total_s:.10g} s; at most {limits.duration_s:g} s are possible",
        )
    return Tape(layout=layout, frames=tuple(pictures[index] for index in timing.pictures), timing=timing)


@lru_cache(maxsize=REMEMBERED)
def _plan(asked: Same[TapeRequest], known: Known, limits: Limits) -> Plan:
    request, results = asked.value, {name: same.value for name, same in known}
    tape = tape_of(results, limits)
    timing = tape.timing
    upscale, warnings = choose_upscale(
        results["inspect"]["size"],
        size=request.size,
        scale=request.scale,
        metadata=request.metadata,
        archive_metadata=results.get("metadata", {}).get("value"),
        limits=limits,
    )
    warnings = (*warnings, *mismatches(request.metadata, timing, whose="the request's metadata"))
    sound = _sound(tape.layout, results)
    if tape.layout.sound is not None and sound is None:
        text = f"the soundtrack ({tape.layout.sound.name}) holds no samples; the video has no sound"
        warnings = (*warnings, warn(WarningCode.SOUND_EMPTY, text))
    if tape.layout.unused_sounds:
        names = ", ".join(tape.layout.unused_sounds)
        warnings = (
            *warnings,
            warn(WarningCode.SOUND_UNUSED, f"of several soundtracks these were not used: {names}"),
        )
    if timing.ignores_timestamps:
        text = "the timestamps in timing.json go back or stand still; its durations were followed"
        warnings = (*warnings, warn(WarningCode.TIMESTAMPS_IGNORED, text))
    rate = request.rate or choose_rate(timing.starts_s, timing.total_s)
    return Plan(
        tape=tape,
        schedule=plan_schedule(timing.starts_s, timing.total_s, rate),
        upscale=upscale,
        is_transparent=results["inspect"]["transparent"],
        sound=sound,
        warnings=warnings,
    )


def _sound(layout: Layout, results: Results) -> Sound | None:
    """Find the sound to encode; none where there is no soundtrack, or not a sample in it."""
    if layout.sound is None:
        return None
    streams = read_facts(results["sound"]).sound
    if not streams or not streams[0].is_decodable:
        raise BadInputError(
            Code.AUDIO_INVALID, f"the soundtrack ({layout.sound.name}) holds no sound that can be decoded"
        )
    if not streams[0].packets:
        return None
    is_odd_pair = streams[0].channels == PAIR and streams[0].layout not in {"", "stereo"}
    return Sound(layout.sound_demuxer, streams[0].sample_rate_hz, streams[0].start_s, is_odd_pair)
