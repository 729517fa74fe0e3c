"""What is decided of an export."""

from oven.media.edit import Colors, CopiedSound, EncodedSound
from tests.edits import AAC, COPY, PICTURES, PLAIN


def test_nobody_says() -> None:
    """Colours that nobody tells of are unknown, in a limited range."""
    assert Colors() == ("unknown", "unknown", "unknown", "tv")


def test_an_edit_is_plain_data() -> None:
    """Equal decisions are one; different ones are not."""
    assert PLAIN != COPY
    assert (PICTURES.format, PICTURES.video, PICTURES.sound) == (None, None, None)
    assert hash(PLAIN) == hash(PLAIN)
    assert isinstance(AAC, EncodedSound)
    assert COPY.sound == CopiedSound(index=1, codec="aac")
