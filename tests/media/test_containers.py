"""Kinds of files, by their first bytes."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oven.media.containers import (
    EBML,
    HEAD_BYTES,
    OCTETS,
    container_of,
    content_type_of,
    demuxer_of,
    picture_type_of,
    read_vint,
)
from oven.media.refusals import unsupported
from tests.media_makes import SPOILT, Makes

MP3_FRAME = b"\xff\xfb\x90\x00" + bytes(413)
ADTS_FRAME = b"\xff\xf1\x4c\x80\x02\x1f\xfc" + bytes(9)
BEGINNINGS = (
    EBML,
    b"ID3\x04\x00\x00",
    b"\x00\x00\x00\x20ftyp",
    b"RIFF....",
    b"\x47",
    b"\xff\xfb\x90\x00",
    b"",
)


def ftyp(*brands: bytes) -> bytes:
    """Make a file type box, the major brand first."""
    box = b"ftyp" + brands[0] + bytes(4) + b"".join(brands[1:])
    return (len(box) + 4).to_bytes(4) + box + bytes(32)


def ebml(doc_type: bytes, before: bytes = b"") -> bytes:
    body = before + b"\x42\x82" + bytes([0x80 | len(doc_type)]) + doc_type
    return EBML + bytes([0x80 | len(body)]) + body + bytes(16)


def id3(size: int, rest: bytes) -> bytes:
    return b"ID3\x04\x00\x00" + bytes([size >> 21, size >> 14 & 127, size >> 7 & 127, size & 127]) + rest


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (ftyp(b"isom", b"iso2", b"avc1", b"mp41"), "mp4"),
        (ftyp(b"M4V ", b"M4A "), "mp4"),
        (ftyp(b"dash"), "mp4"),
        (ftyp(b"qt  ", b"qt  "), "mov"),
        (ftyp(b"M4A ", b"isom"), "m4a"),
        (ftyp(b"3gp4"), "3gp"),
        (ftyp(b"3g2a"), "3gp"),
        (ftyp(b"heic", b"mif1"), None),
        (ftyp(b"avif", b"mif1"), None),
        (ftyp(b"jp2 "), None),
        (b"\x00\x00\x00\x08wide\x00\x00\x00\x00mdat", "mov"),
        (b"\x00\x00\x00\x01mdat" + bytes(8), "mov"),
        (b"\x00\x01\x00\x00moov", "mov"),
        (b"not free of charge", None),
        (ebml(b"webm"), "webm"),
        (ebml(b"matroska", b"\x42\x86\x81\x01\x42\xf7\x81\x01"), "mkv"),
        (ebml(b"webm\x00\x00"), "webm"),
        (ebml(b"webm", b"\xec\x82\x00\x00\xbf\x84\x01\x02\x03\x04"), "webm"),
        (ebml(b"dvd"), None),
        (EBML, None),
        (EBML + b"\x85\x42\x82\xff", None),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "avi"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "wav"),
        (b"RF64\xff\xff\xff\xffWAVEds64", "wav"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", None),
        (b"fLaC\x00", "flac"),
        (b"OggS\x00\x02", "ogg"),
        (b"FLV\x01\x05", "flv"),
        (MP3_FRAME * 3, "mp3"),
        (MP3_FRAME, "mp3"),
        (MP3_FRAME + b"and then something else", None),
        (id3(20, bytes(20) + MP3_FRAME * 2), "mp3"),
        (id3(20, bytes(20) + b"fLaC"), "flac"),
        (id3(20, bytes(20) + ADTS_FRAME * 2), "aac"),
        (id3(2_000_000, bytes(4000)), "mp3"),
        (ADTS_FRAME * 3, "aac"),
        (b"\xff\xfe<\x00h\x00t\x00m\x00l\x00", None),
        (b"\xff\xd8\xff\xe0" + bytes(100), None),
        ((b"\x47" + bytes(187)) * 5, "mpegts"),
        ((bytes(4) + b"\x47" + bytes(187)) * 5, "mpegts"),
        (b"G" + b"ood day to you. " * 100, None),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://a/b.ts\n", None),
        (b"ffconcat version 1.0\nfile a.mp4\n", None),
        (b"v=0\no=- 0 0 IN IP4 127.0.0.1\n", None),
        (b"<?xml version='1.0'?><MPD></MPD>", None),
        (b"<!DOCTYPE html>", None),
        (b"", None),
    ],
)
def test_containers(head: bytes, name: str | None) -> None:
    """By brands, types of documents, signatures and frames in a row; never lists or pictures."""
    found = container_of(head)
    assert (found.name if found else None) == name


@pytest.mark.parametrize(
    ("head", "content_type"),
    [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe1", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (ftyp(b"avif", b"mif1"), "image/avif"),
        (ftyp(b"mif1", b"avif"), "image/avif"),
        (b"BM\x36\x00\x00\x00\x00\x00\x00\x00\x36", "image/bmp"),
        (b"II*\x00\x08\x00", "image/tiff"),
        (b"MM\x00*\x00\x00", "image/tiff"),
        (ftyp(b"isom"), "video/mp4"),
        (ftyp(b"qt  "), "video/quicktime"),
        (b"OggS\x00\x02" + bytes(22) + b"\x80theora", "video/ogg"),
        (b"OggS\x00\x02" + bytes(22) + b"OpusHead", "audio/ogg"),
        (b"BMW is a car", OCTETS),
        (b"<html>", OCTETS),
        (b"<svg onload=alert(1)>", OCTETS),
        (b"", OCTETS),
    ],
)
def test_media_types(head: bytes, content_type: str) -> None:
    """A browser is told only what is safe to show; what may hold a script is octets."""
    assert content_type_of(head) == content_type


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "AVIF", "BMP", "TIFF"])
def test_real_pictures(makes: Makes, kind: str) -> None:
    """What Pillow writes is known, and is no container."""
    head = makes.picture(kind)[:HEAD_BYTES]
    assert content_type_of(head) == f"image/{kind.lower()}"
    assert container_of(head) is None


@pytest.mark.parametrize(
    ("data", "read"),
    [
        (b"\x81", (1, 1)),
        (b"\x40\x02", (2, 2)),
        (b"\xff", (None, 1)),
        (b"\x01\xff\xff\xff\xff\xff\xff\xff", (None, 8)),
        (b"\x40", None),
        (b"\x00\x81", None),
        (b"", None),
    ],
)
def test_sizes_of_ebml(data: bytes, read: tuple[int | None, int] | None) -> None:
    """Of one to eight bytes; all ones mean that nobody knew."""
    assert read_vint(data, 0) == read


@given(st.sampled_from(BEGINNINGS), st.binary(max_size=400))
@example(EBML, b"\x01\x00\x00\x00\x00\x00\x00\xff\x42")
def test_any_bytes(beginning: bytes, rest: bytes) -> None:
    """Whatever they are, nothing but an answer comes of them."""
    head = beginning + rest
    container = container_of(head)
    assert content_type_of(head)
    if container is not None:
        assert not picture_type_of(head)
    assert unsupported(head).message


def test_what_is_spoilt_is_still_of_its_kind(makes: Makes) -> None:
    """The head of a file that was cut tells as much as that of a whole one."""
    for name in SPOILT:
        if name.startswith("cut"):
            found = container_of(makes[name].read_bytes()[:HEAD_BYTES])
            assert found is not None
            assert found.name == name.rpartition(".")[2]


@pytest.mark.parametrize(
    ("name", "demuxer"), [("mp4", "mov"), ("3gp", "mov"), ("webm", "matroska"), ("flv", "flv"), ("", "mov")]
)
def test_demuxers(name: str, demuxer: str) -> None:
    """By the name that users are told; of MP4 where there is none."""
    assert demuxer_of(name) == demuxer
