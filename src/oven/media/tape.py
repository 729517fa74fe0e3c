"""The layout of a tape: which entries of its archive are frames, sound, times and facts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from oven.domain.errors import BadInputError, Code

FRAME = re.compile(r"frame[-_]?\d.*\.png", re.IGNORECASE)
# Sound, as recorders name it, the best first, with ffmpeg's demuxer, which is never guessed from bytes.
SOUNDS = {
    f"{stem}.{extension}": demuxer
    for extension, demuxer in {
        "wav": "wav",
        "webm": "matroska",
        "m4a": "mov",
        "ogg": "ogg",
        "mp3": "mp3",
    }.items()
    for stem in ("soundtrack", "audio")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One entry of the archive that the tape needs.

    `entry` is its name in the archive, `name` the same without the folder above it,
    `file` the name that Oven gives it on disk.
    """

    entry: str
    name: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What an archive holds for a tape; `pictures` are in natural order of their names."""

    pictures: tuple[Member, ...]
    sound: Member | None
    sound_demuxer: str
    unused_sounds: tuple[str, ...]
    timing: Member | None
    metadata: Member | None

    @property
    def members(self) -> tuple[Member, ...]:
        single = (self.sound, self.timing, self.metadata)
        return (*self.pictures, *(member for member in single if member is not None))


def read_layout(entries: Sequence[str]) -> Layout:
    """Find a tape's parts by the names of the archive's entries, at the top or in one folder.

    Raises:
        BadInputError: NO_FRAMES.

    """
    folder = _folder(entries)
    at_top = {entry: entry for entry in entries if "/" not in entry}
    in_folder = {entry.removeprefix(folder): entry for entry in entries if entry.startswith(folder)}
    by_name = at_top | in_folder
    flat = sorted((name for name in by_name if name and "/" not in name), key=natural_order)
    pngs = [name for name in flat if name.lower().endswith(".png") and not name.startswith(".")]
    if not pngs:
        where = (
            "deeper than one folder, or in several"
            if _has_png(entries)
            else "at its top or in its one folder"
        )
        found = "its PNGs stand" if _has_png(entries) else "no PNG stands"
        raise BadInputError(
            Code.NO_FRAMES,
            f"the archive holds no frames: {found} {where}",
            hint="A tape is a flat ZIP of frame-00000.png, frame-00001.png, … and timing.json.",
        )
    plain = {name.lower(): name for name in reversed(flat)}
    sounds = [plain[name] for name in SOUNDS if name in plain]
    return Layout(
        pictures=tuple(
            Member(entry=by_name[name], name=name, file=f"{index:06d}.png") for index, name in enumerate(pngs)
        ),
        sound=Member(entry=by_name[sounds[0]], name=sounds[0], file="sound.bin") if sounds else None,
        sound_demuxer=SOUNDS[sounds[0].lower()] if sounds else "",
        unused_sounds=tuple(sounds[1:]),
        timing=_single(by_name, plain, "timing.json"),
        metadata=_single(by_name, plain, "metadata.json"),
    )


def natural_order(name: str) -> tuple[tuple[int | str, ...], str]:
    """Sort key by which frame-2 comes before frame-10; equal numbers fall back to the text."""
    parts = re.split(r"([0-9]+)", name)
    return tuple(int(part) if index % 2 else part for index, part in enumerate(parts)), name


def is_frame_name(name: str) -> bool:
    """Whether a picture counts as a frame by its name alone, where no timing.json names it."""
    return FRAME.fullmatch(name) is not None


def _folder(entries: Sequence[str]) -> str:
    """Give the one folder that the tape stands in, with its slash, or nothing when it stands at the top."""
    files = [entry for entry in entries if not entry.endswith("/") and not entry.startswith("__MACOSX/")]
    at_top = [entry for entry in files if "/" not in entry]
    if any(entry.lower().endswith(".png") for entry in at_top):
        return ""
    folders = {entry.split("/", 1)[0] for entry in files if "/" in entry}
    return f"{folders.pop()}/" if len(folders) == 1 else ""


def _has_png(entries: Sequence[str]) -> bool:
    return any(entry.lower().endswith(".png") for entry in entries)


def _single(by_name: Mapping[str, str], plain: Mapping[str, str], wanted: str) -> Member | None:
    if wanted not in plain:
        return None
    return Member(entry=by_name[plain[wanted]], name=plain[wanted], file=wanted)
