"""What a file looks like."""

import pytest

from oven.media.signatures import HEAD_BYTES, SIGNATURES, looks_like


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"PK\x03\x04", "a ZIP archive"),
        (b"\n\n <!DOCTYPE html><title>", "a web page"),
        (b"<HTML>", "a web page"),
        (b"\xef\xbb\xbf<?xml version", "XML"),
        (b' {"error": "', "JSON"),
        (b"\x00\x00\x00\x20ftypisom", "an MP4 or MOV file"),
        (b"\x00\x00\x00\x20ftypavif", "an AVIF picture"),
        (b"\x00\x00\x00\x20ftypheic", "a HEIC picture"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "a WebP picture"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "a WAV, AVI or WebP file"),
        (b"\n<SVG xmlns=", "an SVG picture"),
        (b"\x00\x00\x00\x18stypmsdh", "one piece of a stream"),
        (b"#EXTM3U\n", "a playlist"),
        (b"[playlist]\n", "a playlist"),
        (b"<MPD ", "a playlist"),
        (b"v=0\n", "a session description"),
        (b"", ""),
        (b"\x00" * HEAD_BYTES, ""),
        (b"hello", ""),
    ],
)
def test_kinds(head: bytes, kind: str) -> None:
    """By their signatures, whatever white space is before a text."""
    assert looks_like(head) == kind


def test_every_signature_fits_into_a_head() -> None:
    """And is found as it stands."""
    for signature, kind in SIGNATURES:
        assert len(signature) <= HEAD_BYTES
        assert looks_like(signature) == kind
