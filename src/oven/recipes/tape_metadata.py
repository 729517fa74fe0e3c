"""What metadata says of a tape: how large to make it, and whether it agrees with the frames."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from typing_extensions import TypedDict

from oven.domain.errors import BadInputError, Code, WarningCode
from oven.media.geometry import MAX_SIDE, Size, Upscale, largest_scale, upscale_by, upscale_to
from oven.media.timing import Timing
from oven.recipes.plan import Limits

# Recorders' totals are rounded and leave out parts of the last frame.
DURATION_TOLERANCE = 0.05
DURATION_TOLERANCE_S = 0.25
# What is read of metadata: a pair, and numbers.
SIZE = "scaledSize"
NUMBERS = ("scale", "frameCount", "totalDuration")


class JobWarning(TypedDict):
    """Something that a job that is done has to say."""

    code: str
    message: str


def warn(code: WarningCode, message: str) -> JobWarning:
    return JobWarning(code=code.value, message=message)


def choose_upscale(
    source: Sequence[int],
    *,
    size: Sequence[int] | None,
    scale: int | None,
    metadata: Mapping[str, Any],
    archive_metadata: object,
    limits: Limits,
) -> tuple[Upscale, tuple[JobWarning, ...]]:
    """Decide how large the picture becomes.

    In this order: `size`; `scale`; `scaledSize`, then `scale`, of the request's metadata and of the
    archive's; the default scale, made smaller where the result would pass the limit.

    Raises:
        BadInputError: FIELD_INVALID for the request's own metadata, FRAME_TOO_LARGE.

    """
    frame = Size(*source)
    warnings: tuple[JobWarning, ...] = ()
    wanted: Size | int | None = Size(*size) if size is not None else scale
    if wanted is None:
        wanted, complaints = _wanted(metadata)
        if complaints:
            raise BadInputError(Code.FIELD_INVALID, f"metadata: {'; '.join(complaints)}")
    if wanted is None and isinstance(archive_metadata, Mapping):
        wanted, complaints = _wanted(archive_metadata)
        warnings = tuple(
            warn(WarningCode.METADATA_INVALID, f"metadata.json was not followed: {complaint}")
            for complaint in complaints
        )
        if wanted is not None:
            try:
                return _upscale(frame, wanted, limits), warnings
            except BadInputError as error:
                text = f"metadata.json was not followed: {error.message}"
                warnings = (*warnings, warn(WarningCode.METADATA_INVALID, text))
                wanted = None
    if wanted is not None:
        return _upscale(frame, wanted, limits), warnings
    fitting = largest_scale(frame, limits.default_scale, max_pixels=limits.frame_pixels)
    if fitting < limits.default_scale:
        text = (
            f"frames of {frame} were scaled {fitting}×, not {limits.default_scale}×, to stay within the limit"
        )
        warnings = (*warnings, warn(WarningCode.SCALE_REDUCED, text))
    return upscale_by(frame, fitting, max_pixels=limits.frame_pixels), warnings


def _upscale(frame: Size, wanted: Size | int, limits: Limits) -> Upscale:
    if isinstance(wanted, Size):
        return upscale_to(frame, wanted, max_pixels=limits.frame_pixels)
    return upscale_by(frame, wanted, max_pixels=limits.frame_pixels)


def followed(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Keep of metadata what is read here: a job need not hold what else its caller knows of the tape."""
    kept = {name: metadata[name] for name in NUMBERS if _is_number(metadata.get(name))}
    size, _ = _wanted({SIZE: metadata.get(SIZE)})
    return kept | ({SIZE: list(size)} if isinstance(size, Size) else {})


def size_complaints(metadata: Mapping[str, Any]) -> list[str]:
    """Say what cannot be read of the size that metadata asks for."""
    return _wanted(metadata)[1]


def mismatches(metadata: object, timing: Timing, *, whose: str = "metadata.json") -> tuple[JobWarning, ...]:
    """Compare the counts and totals that recorders write with what the tape holds.

    `totalDuration` is in seconds or, from some recorders, in milliseconds: either may agree.
    """
    if metadata is None:
        return ()
    if not isinstance(metadata, Mapping):
        return (warn(WarningCode.METADATA_INVALID, "metadata.json is not an object; it was not followed"),)
    warnings = []
    frames, said_frames = len(timing.pictures), metadata.get("frameCount")
    if _is_number(said_frames) and said_frames != frames:
        text = f"{whose} speaks of {said_frames:g} frames; the tape has {frames}"
        warnings.append(warn(WarningCode.METADATA_MISMATCH, text))
    total_s, said = timing.total_s, metadata.get("totalDuration")
    allowed_s = max(DURATION_TOLERANCE_S, DURATION_TOLERANCE * total_s)
    if _is_number(said) and min(abs(said - total_s), abs(said / 1000 - total_s)) > allowed_s:
        text = f"{whose} speaks of a duration of {said:g}; the tape lasts {total_s:.3f} s"
        warnings.append(warn(WarningCode.METADATA_MISMATCH, text))
    return tuple(warnings)


def _wanted(metadata: Mapping[str, Any]) -> tuple[Size | int | None, list[str]]:
    """Read `scaledSize`, else `scale`; beside it, what of them cannot be read."""
    size, scale = metadata.get(SIZE), metadata.get("scale")
    complaints = []
    if size is not None:
        if _is_list(size) and len(size) == len(Size._fields) and all(map(_is_positive_integer, size)):
            return Size(int(size[0]), int(size[1])), []
        complaints.append(f"scaledSize must be [width, height] in whole pixels, each from 1 to {MAX_SIDE}")
    if scale is not None:
        if _is_positive_integer(scale):
            return int(scale), complaints
        complaints.append(f"scale must be a whole number from 1 to {MAX_SIDE}")
    return None, complaints


def _is_list(value: object) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_positive_integer(value: object) -> bool:
    return _is_number(value) and 1 <= value <= MAX_SIDE and float(value).is_integer()
