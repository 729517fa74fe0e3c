"""The child program that proves a stranger's picture, of any kind that is taken, and makes another of it.

It reads one JSON request from stdin, {"task", "options"}: the name of `probe` or `plain`, and its arguments.
It writes one JSON line to stdout: {"result": …} or {"error": {"code", "message", "hint", "detail"}}.
"""

import errno
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import orjson

# Without its plugin Pillow would load all there are to find a format's.
from PIL import AvifImagePlugin, Image, ImageFile, TiffImagePlugin, WebPImagePlugin

from oven.adapters.boxes import is_cut
from oven.adapters.gif_frames import count_frames
from oven.adapters.picture_thumbnail import make_thumbnail
from oven.adapters.plain_picture import write_plain
from oven.domain.errors import BadInputError, Code
from oven.media.geometry import Size
from oven.media.signatures import looks_like
from oven.media.webp import canvas_size

__all__ = ["AvifImagePlugin", "TiffImagePlugin", "WebPImagePlugin", "main", "plain", "probe"]


class Kind(NamedTuple):
    """A kind of picture that is taken: by which name, and as what it is served."""

    name: str
    content_type: str


# By Pillow's names; an MPO is a JPEG with further pictures behind it, as cameras make them.
KINDS = {
    "PNG": Kind("png", "image/png"),
    "JPEG": Kind("jpeg", "image/jpeg"),
    "MPO": Kind("jpeg", "image/jpeg"),
    "GIF": Kind("gif", "image/gif"),
    "WEBP": Kind("webp", "image/webp"),
    "BMP": Kind("bmp", "image/bmp"),
    "AVIF": Kind("avif", "image/avif"),
    "TIFF": Kind("tiff", "image/tiff"),
}
TAKEN = [name for name in KINDS if name != "MPO"]
SHOWN = "PNG, JPEG, GIF, WebP, BMP, AVIF and TIFF"
ANIMATED = {"PNG", "WEBP", "AVIF"}
# Of an animation so many frames are counted.
MAX_FRAMES = 10_000
# What `looks_like` calls those kinds, and what is most often taken for one.
TAKEN_KINDS = {
    *("a PNG picture", "a JPEG picture", "a GIF picture", "a WebP picture", "a BMP picture"),
    *("an AVIF picture", "a TIFF picture"),
}
SVG = "an SVG picture"
# What Pillow says has no number, what the machine says has one; these tell of places that are in no file.
OF_THE_PICTURE = {None, errno.EINVAL, errno.EOVERFLOW}
HEAD_BYTES = 1_024
ORIENTATION = 0x0112
TURNED = range(5, 9)
# Pillow's names for samples of a PNG that it widens.
GRAY_DEPTHS = {"L;2": 2, "L;4": 4}
# What is said of data beside the pixels, by cameras' and editors' own pictures.
HARMLESS = ("Image appears to be a malformed MPO file", ".*[Cc]orrupt EXIF data", "Metadata Warning")


class Asked(NamedTuple):
    """A picture that is looked at: its file, how to name it, and how large it may be.

    `if_video` says what to do where it is a film.
    """

    file: Path
    label: str
    max_pixels: int
    if_video: str = ""


def main() -> None:
    request = orjson.loads(sys.stdin.buffer.read())
    # Each thread would take address space, and others work beside this one.
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    do = plain if request["task"] == "plain" else probe
    try:
        answer = {"result": do(**request["options"])}
    except BadInputError as error:
        said = {name: getattr(error, name) for name in ("code", "message", "hint", "detail")}
        answer = {"error": said}
    sys.stdout.buffer.write(orjson.dumps(answer) + b"\n")


def probe(source: str, max_pixels: int, thumbnail: str, width: int) -> dict[str, Any]:
    """Decode a picture's first frame to its last pixel → what it is; also write its thumbnail.

    Gives {"format", "contentType", "width", "height" (as displayed), "frames" (at most `MAX_FRAMES`), "mode",
    "hasAlpha" (whether it can be clear anywhere)}.

    Raises:
        BadInputError: MEDIA_UNSUPPORTED, MEDIA_INVALID, MEDIA_TRUNCATED, MEDIA_TOO_LARGE.

    """

    def describe(picture: ImageFile.ImageFile, frames: int, orientation: int) -> dict[str, Any]:
        size = Size(*(reversed(picture.size) if orientation in TURNED else picture.size))
        make_thumbnail(picture, Path(thumbnail), width=width, orientation=orientation)
        kind = KINDS[picture.format or ""]
        return {
            "format": kind.name,
            "contentType": kind.content_type,
            "width": size.width,
            "height": size.height,
            "frames": frames,
            "mode": picture.mode,
            "hasAlpha": picture.has_transparency_data,
        }

    asked = Asked(Path(source), "the picture", max_pixels, if_video="Import it as a video.")
    return _decoded(asked, describe)


def plain(source: str, output: str, label: str, max_pixels: int, max_side: int) -> dict[str, Any]:
    """Decode a picture's first frame to its last pixel, and write it anew as a PNG of pixels alone.

    Gives {"width", "height"}, of the PNG.

    Raises:
        BadInputError: MEDIA_UNSUPPORTED, MEDIA_INVALID, MEDIA_TRUNCATED, MEDIA_TOO_LARGE.

    """

    def rewrite(picture: ImageFile.ImageFile, _: int, orientation: int) -> dict[str, Any]:
        size = write_plain(picture, Path(output), max_side=max_side, orientation=orientation)
        return {"width": size.width, "height": size.height}

    return _decoded(Asked(Path(source), label, max_pixels), rewrite)


# What is made of a picture that is decoded, of how many frames it has, and of how it is to be turned.
Use = Callable[[ImageFile.ImageFile, int, int], dict[str, Any]]


def _decoded(asked: Asked, use: Use) -> dict[str, Any]:
    """Open and decode a picture, and put it to use; whatever a decoder raises is a refusal."""
    with asked.file.open("rb") as opened:
        head = opened.read(HEAD_BYTES)
    if not head:
        raise BadInputError(Code.MEDIA_INVALID, f"{asked.label} is empty: it has no bytes")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for message in HARMLESS:
                warnings.filterwarnings("ignore", message)
            return _open(asked, head, use)
    except (BadInputError, OSError) as error:
        if isinstance(error, BadInputError) or error.errno not in OF_THE_PICTURE:
            raise
        raise _refusal(error, asked, head) from error
    except MemoryError as error:
        raise BadInputError(
            Code.MEDIA_TOO_LARGE,
            f"decoding {asked.label} takes more memory than one of {asked.max_pixels:,} pixels may",
            detail=repr(error),
        ) from error
    except Exception as error:
        # Whatever a decoder raises, the picture is what is wrong.
        raise _refusal(error, asked, head) from error


def _open(asked: Asked, head: bytes, use: Use) -> dict[str, Any]:
    # Pillow's limit is a vaguer one; while the file is opened ours is not known to be kept.
    Image.MAX_IMAGE_PIXELS = None
    if (canvas := canvas_size(head)) is not None:
        # Its decoder takes memory for the canvas when it is opened.
        _check_size(canvas, asked)
    with Image.open(asked.file, formats=TAKEN) as picture:
        _check_size(Size(*picture.size), asked)
        if picture.format == "PNG":
            _check_chunks(asked.file)
            _widen_clear_gray(picture)
        # Now for what is decoded in between: tiles may be larger than their picture.
        Image.MAX_IMAGE_PIXELS = asked.max_pixels
        picture.load()
        return use(picture, _frames(picture, asked.file), _orientation(picture))


def _check_size(size: Size, asked: Asked) -> None:
    if size.pixels > asked.max_pixels:
        at_most = f"at most {asked.max_pixels:,} pixels are possible"
        raise BadInputError(
            Code.MEDIA_TOO_LARGE, f"{asked.label} is {size}, {size.pixels:,} pixels; {at_most}"
        )


def _check_chunks(file: Path) -> None:
    """Read a PNG to its end, for the checksums: where pixels are decoded they are passed over."""
    with Image.open(file, formats=["PNG"]) as picture:
        picture.verify()


def _widen_clear_gray(picture: ImageFile.ImageFile) -> None:
    """Let the gray that is clear in a PNG of 2 or 4 bits be one of 8, as Pillow's samples will be."""
    clear, depth = picture.info.get("transparency"), GRAY_DEPTHS.get(str(picture.tile[0].args))
    if depth is not None and isinstance(clear, int):
        picture.info["transparency"] = clear * 255 // ((1 << depth) - 1)


def _frames(picture: ImageFile.ImageFile, file: Path) -> int:
    """Count the frames of an animation; pages of a TIFF are none."""
    if picture.format == "GIF":
        with file.open("rb") as opened:
            return count_frames(opened, most=MAX_FRAMES)
    if picture.format not in ANIMATED:
        return 1
    # A picture for who knows no animations is no frame of one.
    extra = bool(getattr(picture, "default_image", False))
    return min(max(1, getattr(picture, "n_frames", 1) - extra), MAX_FRAMES)


def _orientation(picture: Image.Image) -> int:
    """Read how a picture is to be turned (EXIF, 1 to 8); 1 where nobody can tell."""
    try:
        found = picture.getexif().get(ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it is no pixel
        return 1
    return found if found in range(1, 9) else 1


def _refusal(error: Exception, asked: Asked, head: bytes) -> BadInputError:
    """Say what is wrong with a picture that could not be opened or decoded."""
    kind, detail = looks_like(head), repr(error)
    if kind == "XML" and b"<svg" in head.lower():
        kind = SVG
    if kind not in TAKEN_KINDS:
        found = f"it looks like {kind}" if kind else "it is of no kind that is known"
        is_video = "MP4" in kind or "WebM" in kind
        return BadInputError(
            Code.MEDIA_UNSUPPORTED,
            f"{asked.label} is none that can be taken: {found}; {SHOWN} can",
            hint=asked.if_video if is_video else "",
            detail=detail,
        )
    if "truncated" in str(error).lower() or _is_shorter(asked.file, head):
        return BadInputError(
            Code.MEDIA_TRUNCATED, f"{asked.label} is cut off: its end is missing", detail=detail
        )
    return BadInputError(
        Code.MEDIA_INVALID, f"{asked.label} is broken: {kind} that cannot be decoded whole", detail=detail
    )


def _is_shorter(file: Path, head: bytes) -> bool:
    """Whether a WebP or an AVIF is shorter than it says; of others their decoders tell."""
    if head.startswith(b"RIFF"):
        return file.stat().st_size < int.from_bytes(head[4:8], "little") + 8
    return head[4:8] == b"ftyp" and is_cut(file)


if __name__ == "__main__":
    main()
