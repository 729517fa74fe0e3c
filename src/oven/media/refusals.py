"""What is said of a stranger's file that is not taken."""

from oven.domain.errors import BadInputError, Code
from oven.media.containers import TAKEN, Container, picture_type_of
from oven.media.signatures import looks_like
from oven.media.streams import NO_CODECS, USUAL_CODECS


def unsupported(head: bytes) -> BadInputError:
    """Make the error of a file that begins with these bytes, and so is no video or sound that is taken."""
    if not head:
        return BadInputError(Code.MEDIA_INVALID, "the file is empty", hint="Make it again.")
    kind = looks_like(head)
    picture = picture_type_of(head)
    found = f"it looks like {kind}" if kind else "it is of no kind that is known"
    return BadInputError(
        Code.MEDIA_UNSUPPORTED,
        f"the file is no video or sound that is taken; {found}",
        hint="Import it as an image." if picture else f"Send {TAKEN}.",
        detail=head[:16].hex(" "),
    )


def unreadable(container: Container, *, detail: str) -> BadInputError:
    """Make the error of a file that begins as one that is taken, and then is none."""
    return BadInputError(
        Code.MEDIA_INVALID,
        f"the file begins as {container.name}, but cannot be read as one",
        hint="Make it again.",
        detail=detail,
    )


def encrypted() -> BadInputError:
    """Make the error of a file whose pictures or sound nobody can see or hear without a key."""
    return BadInputError(
        Code.MEDIA_ENCRYPTED, "the file's pictures or sound are encrypted", hint="Send it in the clear."
    )


def undecodable(codec: str, *, has_pictures: bool) -> BadInputError:
    """Make the error of a file whose pictures, or whose sound where it has none, are of no use."""
    what = "pictures" if has_pictures else "sound"
    if codec in USUAL_CODECS:
        return BadInputError(
            Code.MEDIA_INVALID, f"the {what} ({codec}) cannot be decoded", hint="Make it again."
        )
    named = "an unknown codec" if codec in NO_CODECS else f"a codec that is not taken, {codec}"
    return BadInputError(
        Code.MEDIA_UNSUPPORTED,
        f"the {what} are of {named}" if has_pictures else f"the {what} is of {named}",
        hint="Encode it as H.264 and AAC, for instance.",
    )
