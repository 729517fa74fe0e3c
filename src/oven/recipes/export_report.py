"""What is told of an export that is done."""

from typing import Literal

from typing_extensions import TypedDict

from oven.domain.errors import BadInputError, Code, WarningCode
from oven.media.edit import Edit, EncodedVideo, Still, TargetSize
from oven.media.edit_argv import still_file
from oven.media.edit_check import PROBED, Film, misses_target
from oven.recipes.export_steps import PUBLISH
from oven.recipes.film_steps import FILM, film_format
from oven.recipes.plan import Artifact, Results, published
from oven.recipes.tape_metadata import JobWarning, warn


class FilmJson(TypedDict):
    """A film that was made; `duration` in seconds, `audioCodec` null where it is silent."""

    key: str
    format: str
    sizeBytes: int
    duration: float
    width: int
    height: int
    videoCodec: str
    audioCodec: str | None


class StillJson(TypedDict):
    """A picture of the film, at `time` seconds of it."""

    key: str
    time: float
    format: str
    sizeBytes: int


class VerificationJson(TypedDict):
    """What was proved of the film before anybody was told of it.

    `decoded` is what of it was decoded without a complaint; durations are in seconds, and so is
    `audioOffset`: how much later the sound begins than the pictures.
    """

    decoded: Literal["all frames", "key frames"]
    frames: int
    duration: float
    expectedDuration: float
    audioOffset: float | None
    sizeBytes: int


class ReportJson(TypedDict):
    """What an export has made: a film, or pictures, or both."""

    video: FilmJson | None
    thumbnails: list[StillJson]
    reasons: list[str]
    warnings: list[JobWarning]
    verification: VerificationJson | None


def report(edit: Edit, film: Film | None, results: Results) -> ReportJson:
    """Tell what was made."""
    return ReportJson(
        video=None if film is None else _film_json(edit, film, results),
        thumbnails=[_still_json(still, results) for still in stills_made(edit, results)],
        reasons=list(edit.reasons),
        warnings=_warnings(edit, film, results),
        verification=None if film is None else verification_json(edit, film, results),
    )


def stills_made(edit: Edit, results: Results) -> list[Still]:
    """List the pictures that could be taken; after the end of what can be decoded there are none.

    Raises:
        BadInputError: MEDIA_INVALID, there is nothing else, and not one.

    """
    made = results[FILM]
    sizes = dict(made.get("extras", {}))
    if edit.format is None:
        sizes[still_file(edit.stills[0])] = made["sizeBytes"]
    there = [still for still in edit.stills if sizes.get(still_file(still))]
    if edit.format is None and not there:
        raise BadInputError(Code.MEDIA_INVALID, "no picture of the film can be decoded")
    return there


def artifacts(results: Results) -> tuple[Artifact, ...]:
    """List what was published."""
    return tuple(
        published(name.removeprefix(PUBLISH).partition(".")[0], result)
        for name, result in results.items()
        if name.startswith(PUBLISH) and "sha256" in result
    )


def verification_json(edit: Edit, film: Film, results: Results) -> VerificationJson:
    """Tell what was proved of a film."""
    return VerificationJson(
        decoded="all frames" if isinstance(edit.video, EncodedVideo) else "key frames",
        frames=results["decode"]["frames"],
        duration=round(film.duration_s, 6),
        expectedDuration=round(edit.duration_s, 6),
        audioOffset=None if film.offset_s is None else round(film.offset_s, 6),
        sizeBytes=film.size_bytes,
    )


def _film_json(edit: Edit, film: Film, results: Results) -> FilmJson:
    names = {probed: str(name) for name, probed in PROBED.items()}
    # As they are shown: a copy may say that it is turned.
    size = edit.video.size if isinstance(edit.video, EncodedVideo) else edit.upright
    video, sound = film.video["codec_name"], film.sound and film.sound["codec_name"]
    return FilmJson(
        key=results[f"{PUBLISH}video"]["key"],
        format=film_format(edit),
        sizeBytes=film.size_bytes,
        duration=round(film.duration_s, 6),
        width=size.width,
        height=size.height,
        videoCodec=names.get(video, video),
        audioCodec=names.get(sound, sound) if sound else None,
    )


def _still_json(still: Still, results: Results) -> StillJson:
    stored = results[f"{PUBLISH}{still.file}"]
    return StillJson(
        key=stored["key"], time=round(still.at_s, 6), format=still.format, sizeBytes=stored["sizeBytes"]
    )


def _warnings(edit: Edit, film: Film | None, results: Results) -> list[JobWarning]:
    told = [warn(WarningCode.EXPORT_NOTE, sentence) for sentence in edit.warnings]
    missing = set(edit.stills) - set(stills_made(edit, results))
    told += [
        warn(WarningCode.THUMBNAIL_FAILED, f"there is no picture at {still.at_s:.3f} s: the film ends before")
        for still in sorted(missing, key=lambda still: still.at_s)
    ]
    if results.get("decode", {}).get("complaints"):
        damaged = "the source is damaged, and so is its copy; an encode would play through"
        told.append(warn(WarningCode.EXPORT_NOTE, damaged))
    rate = edit.video.rate if isinstance(edit.video, EncodedVideo) else None
    if film is not None and isinstance(rate, TargetSize) and misses_target(film.size_bytes, rate):
        told.append(
            warn(
                WarningCode.TARGET_MISSED,
                f"the film has {film.size_bytes:,} bytes, not {rate.target_bytes:,}: "
                "its pictures need fewer, or cannot do with so few",
            )
        )
    return told
