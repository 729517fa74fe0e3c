"""What the pipeline asks of the world, in our words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from oven.domain.errors import Code
from oven.media.glance import Around, Extent
from oven.pipeline.budget import Budget, Hold
from oven.pipeline.files import Files
from oven.pipeline.growing import Growing
from oven.pipeline.made import Made
from oven.pipeline.storage import Storage

# Takes how much of a step is done, from 0 to 1; called on the event loop.
Report = Callable[[float], None]


class Pace(Protocol):
    """A `Report` that may also be told how fast an encode is: seconds of media in a second."""

    def __call__(self, fraction: float, speed: float | None = None, /) -> None: ...


# Takes a tool's own words, for the job's log.
Say = Callable[[str], None]


class Fetcher(Protocol):
    """Files of strangers' hosts."""

    async def fetch(
        self,
        url: str,
        into: Path,
        *,
        label: str,
        max_bytes: int,
        timeout_s: float | None,
        may_be_private: bool = False,
        growing: Growing | None = None,
        report: Report,
    ) -> Mapping[str, Any]:
        """Fetch a file → {"sha256", "sizeBytes"}.

        Args:
            url: as it was stored.
            into: where it is written.
            label: how to name it, such as "the tape".
            max_bytes: the limit.
            timeout_s: how long it may take in all; the operator's limit where it is None.
            may_be_private: whether the operator's own bucket is read for whoever gave the URL.
            growing: hears how much of the file can be read already.
            report: takes the progress, where the size is known beforehand.

        Raises:
            OvenError: URL_…, DNS_FAILED, TLS_FAILED, TOO_MANY_REDIRECTS, DOWNLOAD_…, DISK_FULL.

        """
        ...


class Archives(Protocol):
    """ZIP archives from strangers."""

    async def entries(self, archive: Path, *, max_entries: int, max_unpacked_bytes: int) -> list[str]:
        """Read the directory: the names of all files, folders left out.

        Raises:
            BadInputError: ZIP_….

        """
        ...

    async def extract(
        self, archive: Path, entries: Mapping[str, Path], *, max_unpacked_bytes: int, report: Report
    ) -> Mapping[str, Any]:
        """Write entries to files → {"sizeBytes", "alike": SHA-256 by file of what shares checksum and size}.

        Raises:
            BadInputError: ZIP_….

        """
        ...


class Pictures(Protocol):
    """Pictures from strangers, decoded in a child."""

    async def inspect(
        self,
        frames: Sequence[tuple[Path, str, Path]],
        *,
        max_pixels: int,
        max_bytes: int,
        hold: Hold,
        report: Report,
    ) -> Mapping[str, Any]:
        """Decode every frame (file, name, clean copy) → {"size": [width, height], "transparent": bool}.

        Raises:
            BadInputError: FRAME_….

        """
        ...

    async def thumbnail(self, source: Path, into: Path, *, width: int, height: int, quality: int) -> None:
        """Write a JPEG of exactly width × height with the picture inside, over black.

        Raises:
            OvenError: FRAME_….

        """
        ...

    async def probe(self, source: Path, *, max_pixels: int, thumbnail: Path, width: int) -> Mapping[str, Any]:
        """Decode a picture of any kind that is taken → what `ProbePicture` gives; also its thumbnail.

        Raises:
            OvenError: MEDIA_….

        """
        ...

    async def plain(
        self, source: Path, into: Path, *, label: str, max_pixels: int, max_side: int
    ) -> Mapping[str, Any]:
        """Write a picture of any kind that is taken as ffmpeg may see it → what `PlainPicture` gives.

        Raises:
            OvenError: MEDIA_….

        """
        ...


class Encoder(Protocol):
    """ffmpeg and ffprobe."""

    @property
    def version(self) -> str:
        """Ffmpeg's own version."""
        ...

    async def encode(
        self,
        arguments: Sequence[str],
        folder: Path,
        *,
        frames: int,
        timeout_s: float,
        stall_s: float,
        memory_bytes: int,
        threads: int,
        broken: Code = Code.ENCODE_FAILED,
        max_bytes: int | None = None,
        report: Pace,
        say: Say,
    ) -> float:
        """Run ffmpeg in `folder`, with so much address space at most; gives the seconds it took.

        `broken` is the code of what ffmpeg cannot decode.

        Raises:
            OutgrownError: it was stopped, for it had written more than `max_bytes`.
            OvenError: ENCODE_…, ENCODER_UNAVAILABLE, DISK_FULL, or `broken`.

        """
        ...

    async def probe(self, file: Path, *, demuxer: str, sound_s: float | None) -> dict[str, Any]:
        """Run ffprobe → its JSON, with `boxes` where the demuxer is mov.

        Raises:
            MediaUnreadableError: the file is no such medium.
            OvenError: ENCODER_UNAVAILABLE.

        """
        ...

    async def probe_source(self, file: Path) -> dict[str, Any]:
        """Find out what a stranger's file is → what `ProbeSource` gives.

        Raises:
            BadInputError: MEDIA_….
            OvenError: ENCODER_UNAVAILABLE.

        """
        ...

    async def take_stills(
        self,
        arguments: Sequence[str],
        folder: Path,
        *,
        timeout_s: float,
        memory_bytes: int,
        say: Say,
        is_awaited: bool = False,
    ) -> None:
        """Run ffmpeg in `folder`, over a stranger's file, for some pictures of it.

        Where they are awaited, by somebody who has asked, they go before encodes.

        Raises:
            OvenError: MEDIA_INVALID, ENCODE_…, ENCODER_UNAVAILABLE, DISK_FULL.

        """
        ...

    async def find_key_frame(self, file: Path, *, demuxer: str, stream: int, at_s: float) -> float:
        """Find the last key frame at or before an instant → when it is shown, as `FindKeyFrame` counts.

        Raises:
            OvenError: MEDIA_INVALID, ENCODER_UNAVAILABLE.

        """
        ...

    async def packets_around(
        self, file: Path, *, demuxer: str, stream: int, middle_s: float, until_s: float, extent: Extent
    ) -> Around:
        """Read the packets of a film around an instant, from the key frame before it on.

        Both instants are seconds since the file's begin; an excerpt is read from its own.

        Raises:
            OvenError: MEDIA_INVALID, ENCODER_UNAVAILABLE.

        """
        ...

    async def measure(self, file: Path, *, demuxer: str, timeout_s: float) -> Mapping[str, Any]:
        """Read every packet of what was made → what `Measure` gives.

        Raises:
            OvenError: OUTPUT_INVALID, ENCODE_TIMEOUT, ENCODER_UNAVAILABLE.

        """
        ...

    async def decode(
        self,
        file: Path,
        *,
        demuxer: str,
        keys_only: bool,
        frames: int,
        timeout_s: float,
        stall_s: float,
        memory_bytes: int,
        threads: int,
        report: Report,
    ) -> Mapping[str, Any]:
        """Decode what was made → what `Decode` gives.

        Raises:
            OvenError: OUTPUT_INVALID, ENCODE_…, ENCODER_UNAVAILABLE.

        """
        ...


class OutgrownError(Exception):
    """A file had more bytes than anybody wanted, and was not ended."""

    def __init__(self, *, size_bytes: int, seconds: float) -> None:
        super().__init__(f"{size_bytes} bytes after {seconds:.3f} s")
        self.size_bytes = size_bytes
        self.seconds = seconds


class MediaUnreadableError(Exception):
    """A file that ffprobe could make nothing of; its text is ffprobe's own, for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Everything that steps are carried out with, and the memory that they share."""

    files: Files
    fetcher: Fetcher
    archives: Archives
    pictures: Pictures
    encoder: Encoder
    storage: Storage
    # None where nothing of what was made before may be reused.
    made: Made | None = None
    # Without a total where nothing else works here.
    budget: Budget = field(default_factory=Budget)

    @property
    def versions(self) -> Mapping[str, str]:
        """What a step's outcome depends on besides the step itself."""
        return {"ffmpeg": self.encoder.version}
