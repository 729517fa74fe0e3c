"""Every environment variable that Oven reads, its default, its meaning and its limits."""

import difflib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from oven.domain.errors import BadInputError, Code

PREFIX = "OVEN_"
MIB = 1024 * 1024
MAX_SIZE_BYTES = 1 << 40
DAY_S = 86_400


class Settings(BaseModel):
    """What an operator may set; each field's description says what it means, in which unit."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    temp_dir: Path = Field(
        default_factory=lambda: Path(tempfile.gettempdir()),
        validation_alias=AliasChoices("TEMP_DIR", "VIDEO_TEMP_DIR"),
        description="where work directories are made; needs room for a tape, unpacked, and its video",
    )
    ffmpeg: str = Field(
        "ffmpeg",
        min_length=1,
        validation_alias="OVEN_FFMPEG",
        description="the ffmpeg to run: a name on the PATH, or a path",
    )
    ffprobe: str = Field(
        "ffprobe",
        min_length=1,
        validation_alias="OVEN_FFPROBE",
        description="the ffprobe to run: a name on the PATH, or a path",
    )
    encoder_threads: int = Field(
        2,
        ge=1,
        le=64,
        validation_alias="OVEN_ENCODER_THREADS",
        description="threads of one encode at most; each costs about 60 MB at the largest size",
    )
    bake_scale: int = Field(
        3,
        ge=1,
        le=32,
        validation_alias="OVEN_BAKE_SCALE",
        description="how many times larger a tape's video is than its frames, where the tape does not say",
    )
    bake_timeout_s: float = Field(
        900,
        gt=0,
        le=DAY_S,
        validation_alias="OVEN_BAKE_TIMEOUT_S",
        description="seconds that the encode of a tape may take",
    )
    encode_stall_s: float = Field(
        20,
        gt=0,
        le=DAY_S,
        validation_alias="OVEN_ENCODE_STALL_S",
        description="seconds without movement after which an encode is stopped; twice that before its first",
    )
    max_zip_bytes: int = Field(
        1024 * MIB,
        ge=1,
        le=MAX_SIZE_BYTES,
        validation_alias="OVEN_MAX_ZIP_BYTES",
        description="bytes of a tape's archive at most",
    )
    max_unpacked_bytes: int = Field(
        2048 * MIB,
        ge=1,
        le=MAX_SIZE_BYTES,
        validation_alias="OVEN_MAX_UNPACKED_BYTES",
        description="bytes of a tape's archive at most, unpacked",
    )
    max_frames: int = Field(
        10_000,
        ge=1,
        le=1_000_000,
        validation_alias="OVEN_MAX_FRAMES",
        description="frames of a tape at most",
    )
    max_tape_s: float = Field(
        600, gt=0, le=DAY_S, validation_alias="OVEN_MAX_TAPE_S", description="seconds of a tape at most"
    )
    max_frame_pixels: int = Field(
        16_777_216,
        ge=4,
        le=268_435_456,
        validation_alias="OVEN_MAX_FRAME_PIXELS",
        description="pixels of a frame at most, of the source and of the video",
    )
    blob_limit_bytes: int = Field(
        52_428_800,
        ge=1,
        le=MAX_SIZE_BYTES,
        validation_alias="OVEN_BLOB_LIMIT_BYTES",
        description="bytes of a video above which a second, smaller encode is made (ATProto's blob limit)",
    )


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from environment variables; an empty one counts as not set.

    Raises:
        BadInputError: SETTINGS_INVALID, naming every mistake.

    """
    given = {name: value for name, value in environment.items() if value.strip()}
    mistakes = [_unknown(name) for name in sorted(given) if name.startswith(PREFIX) and name not in names()]
    settings: Settings | None = None
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        mistakes += [f"{complaint['loc'][0]}: {complaint['msg'].lower()}" for complaint in error.errors()]
    if settings is None or mistakes:
        raise BadInputError(
            Code.SETTINGS_INVALID,
            f"{len(mistakes)} wrong in the settings: {'; '.join(mistakes)}",
            hint="docs/configuration.md lists every setting with its meaning, default and limits.",
        )
    return settings


def names() -> list[str]:
    """List the names of all environment variables that mean something."""
    found: list[str] = []
    for field in Settings.model_fields.values():
        alias = field.validation_alias
        found += [str(name) for name in alias.choices] if isinstance(alias, AliasChoices) else [str(alias)]
    return found


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, names(), 1)
    return f"{name} is no setting of Oven" + (f"; did you mean {near[0]}?" if near else "")
