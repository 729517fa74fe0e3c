"""Every environment variable that Oven reads, its default, its meaning and its limits."""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)
from pydantic.fields import FieldInfo

from oven.domain.errors import BadInputError, Code

PREFIX = "OVEN_"
MIB = 1024 * 1024
MAX_SIZE_BYTES = 1 << 40
DAY_S = 86_400
# Of a wrong value so many characters are shown.
SHOWN = 40
# How alike two names must be, from 0 to 1, for one to be a slip of the other.
NEARNESS = 0.8


def _absolute(program: str) -> str:
    """Make a path of a program absolute; a bare name is looked for on the PATH."""
    return str(Path(program).absolute()) if "/" in program else program


def _split(value: object) -> object:
    """Read a list of names, parted by commas or white space."""
    return frozenset(value.lower().replace(",", " ").split()) if isinstance(value, str) else value


Names = Annotated[frozenset[str], BeforeValidator(_split)]


class Settings(BaseModel):
    """What an operator may set; each field's description says what it means, in which unit."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    temp_dir: Annotated[Path, AfterValidator(Path.absolute)] | None = Field(
        None,
        validation_alias=AliasChoices("TEMP_DIR", "VIDEO_TEMP_DIR"),
        description="where work directories are made; needs room for a tape, unpacked, and its video",
    )
    host: str = Field(
        "127.0.0.1",
        min_length=1,
        validation_alias="HOST",
        description="the address to listen on",
    )
    port: int = Field(
        3000, ge=0, le=65_535, validation_alias="PORT", description="the port; 0 takes a free one"
    )
    public_url: str = Field(
        "",
        validation_alias="OVEN_PUBLIC_URL",
        description="how clients reach this Oven; the base of local outputs' URLs",
    )
    data_dir: Annotated[Path, AfterValidator(Path.absolute)] = Field(
        Path("oven-data").absolute(),
        validation_alias="OVEN_DATA_DIR",
        description="database, key, local outputs; one daemon at a time",
    )
    concurrency: int = Field(
        2,
        ge=1,
        le=64,
        validation_alias=AliasChoices("OVEN_CONCURRENCY", "VIDEO_WORKER_CONCURRENCY"),
        description="jobs at once",
    )
    queue_limit: int = Field(
        100, ge=1, le=100_000, validation_alias="OVEN_QUEUE_LIMIT", description="jobs waiting at most"
    )
    drain_s: float = Field(
        40,
        ge=0,
        le=DAY_S,
        validation_alias="OVEN_DRAIN_S",
        description="seconds that running jobs get to end when the daemon is told to stop",
    )
    fetch_timeout_s: float = Field(
        300,
        gt=0,
        le=DAY_S,
        validation_alias="OVEN_FETCH_TIMEOUT_S",
        description="seconds of a download at most",
    )
    egress_allow: Names = Field(
        frozenset(),
        validation_alias="OVEN_EGRESS_ALLOW",
        description="hosts or networks that may be reached although private, over plain http too",
    )
    source_hosts: Names = Field(
        frozenset(), validation_alias="OVEN_SOURCE_HOSTS", description="the only hosts that sources come from"
    )
    callback_hosts: Names = Field(
        frozenset(), validation_alias="OVEN_CALLBACK_HOSTS", description="the only hosts that callbacks go to"
    )
    callback_secret: SecretStr = Field(
        SecretStr(""),
        validation_alias="CALLBACK_SECRET",
        description="what callbackSecret in a bake must equal; without it the door is open on loopback only",
    )
    admin_token: SecretStr = Field(
        SecretStr(""),
        validation_alias="OVEN_ADMIN_TOKEN",
        description="opens the admin's routes; without it they are open on loopback only",
    )
    ffmpeg: Annotated[str, AfterValidator(_absolute)] = Field(
        "ffmpeg",
        min_length=1,
        validation_alias="OVEN_FFMPEG",
        description="the ffmpeg to run: a name on the PATH, or a path",
    )
    ffprobe: Annotated[str, AfterValidator(_absolute)] = Field(
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
        mistakes += [_wrong(str(complaint["loc"][0]), given) for complaint in error.errors()]
    if settings is None or mistakes:
        raise BadInputError(
            Code.SETTINGS_INVALID,
            f"{len(mistakes)} mistake{'s' * (len(mistakes) > 1)} in the settings: {'; '.join(mistakes)}",
            hint="docs/configuration.md lists every setting with its meaning, default and limits.",
        )
    return settings


def names() -> list[str]:
    """List the names of all environment variables that mean something."""
    return [name for field in Settings.model_fields.values() for name in _names_of(field)]


def _names_of(field: FieldInfo) -> list[str]:
    alias = field.validation_alias
    return [str(name) for name in alias.choices] if isinstance(alias, AliasChoices) else [str(alias)]


def _wrong(name: str, given: Mapping[str, str]) -> str:
    """Say of a setting what it is and what it may be."""
    field = next(field for field in Settings.model_fields.values() if name in _names_of(field))
    kind = "a whole number" if field.annotation is int else "a number"
    bounds = {type(bound).__name__: bound for bound in field.metadata}
    at_least, above, at_most = (getattr(bounds.get(key), key.lower(), None) for key in ("Ge", "Gt", "Le"))
    allowed = f"from {at_least}" if above is None else f"above {above}"
    return f"{name} is {given[name][:SHOWN]!r}; it must be {kind} {allowed} to {at_most}"


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, names(), 1, NEARNESS)
    return f"{name} is no setting of Oven" + (f"; did you mean {near[0]}?" if near else "")
