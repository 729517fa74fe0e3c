"""What kind of media file a stranger's bytes begin: told from them alone, never from a name."""

from dataclasses import dataclass

# Enough to tell every kind.
HEAD_BYTES = 4_096
OCTETS = "application/octet-stream"
# ISO/IEC 14496-12's files that hold pictures, not films: their major brands.
PICTURE_BRANDS = {
    *(b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"mif2", b"msf1"),
    *(b"jp2 ", b"jpx ", b"jpm ", b"jxl ", b"crx "),
}
SOUND_BRANDS = {b"M4A ", b"M4B ", b"M4P "}
QUICKTIME_BRAND = b"qt  "
# How a film of before there was ftyp begins, and so still do some of QuickTime.
OLD_BOXES = {b"moov", b"mdat", b"wide", b"free", b"skip"}
# A box larger than this, at the very start, is text whose letters look like one.
MAX_OLD_BOX_BYTES = 0x2000_0000
BOX_HEADER_BYTES = 8
MAX_BRANDS = 64
EBML = b"\x1a\x45\xdf\xa3"
DOC_TYPE = b"\x42\x82"
TS_SYNC = 0x47
# Packets of MPEG-TS, plain and with Blu-ray's time stamp before each: (length, sync byte's place).
TS_LAYOUTS = ((188, 0), (192, 4))
LEAST_TS_PACKETS = 3
ID3_HEADER_BYTES = 10
# In kbit/s, of MPEG-1 and of MPEG-2 and 2.5, layer III; 0 is "free" and 15 is none.
MP3_BITRATES_KBPS = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
MP3_RATES_HZ = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
MPEG_1 = 3
LAYER_3 = 1
ADTS_HEADER_BYTES = 7
ADTS_RATES = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A kind of file: as users are told it, ffmpeg's demuxer for it, its media type."""

    name: str
    demuxer: str
    content_type: str


MP4 = Container(name="mp4", demuxer="mov", content_type="video/mp4")
MOV = Container(name="mov", demuxer="mov", content_type="video/quicktime")
M4A = Container(name="m4a", demuxer="mov", content_type="audio/mp4")
THREE_GP = Container(name="3gp", demuxer="mov", content_type="video/3gpp")
MKV = Container(name="mkv", demuxer="matroska", content_type="video/x-matroska")
WEBM = Container(name="webm", demuxer="matroska", content_type="video/webm")
AVI = Container(name="avi", demuxer="avi", content_type="video/x-msvideo")
MP3 = Container(name="mp3", demuxer="mp3", content_type="audio/mpeg")
WAV = Container(name="wav", demuxer="wav", content_type="audio/wav")
FLAC = Container(name="flac", demuxer="flac", content_type="audio/flac")
OGG = Container(name="ogg", demuxer="ogg", content_type="audio/ogg")
OGV = Container(name="ogg", demuxer="ogg", content_type="video/ogg")
AAC = Container(name="aac", demuxer="aac", content_type="audio/aac")
MPEGTS = Container(name="mpegts", demuxer="mpegts", content_type="video/mp2t")
FLV = Container(name="flv", demuxer="flv", content_type="video/x-flv")
DEMUXERS = {
    container.name: container.demuxer
    for container in (MP4, MOV, M4A, THREE_GP, MKV, WEBM, AVI, MP3, WAV, FLAC, OGG, AAC, MPEGTS, FLV)
}
# What stands at the start, and 8 bytes in.
SIGNATURES = (
    (b"RIFF", b"AVI ", AVI),
    (b"RIFF", b"WAVE", WAV),
    (b"RF64", b"WAVE", WAV),
    (b"fLaC", b"", FLAC),
    (b"OggS\x00", b"", OGG),
    (b"FLV\x01", b"", FLV),
)
PICTURE_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"II+\x00", "image/tiff"),
    (b"MM\x00+", "image/tiff"),
)
# What users are told that they may send.
TAKEN = "mp4, mov, m4a, 3gp, mkv, webm, avi, mp3, wav, flac, ogg, aac, mpegts or flv"


def container_of(head: bytes) -> Container | None:
    """Tell the container of a video or sound from its first `HEAD_BYTES` bytes; None where it is none.

    Lists of other files (M3U, ffconcat, SDP, DASH), pages and pictures are none.
    """
    if head[4:8] == b"ftyp":
        return _of_brands(_brands(head))
    if head.startswith(EBML):
        return _of_doc_type(head)
    if head.startswith(b"ID3"):
        return _after_id3(head)
    if head[4:8] in OLD_BOXES and _is_old_box(head):
        return MOV
    for signature, place, container in SIGNATURES:
        if head.startswith(signature) and head[8:12] == (place or head[8:12]):
            return OGV if container is OGG and b"\x80theora" in head else container
    return MPEGTS if _is_transport_stream(head) else _of_sync_word(head)


def demuxer_of(name: str) -> str:
    """Give ffmpeg's demuxer of a container, as users are told it; of MP4 where it is none that is known.

    >>> demuxer_of("webm")
    'matroska'
    """
    return DEMUXERS.get(name, MP4.demuxer)


def content_type_of(head: bytes) -> str:
    """Give the media type of a file that begins with these bytes; octets where it is none that is known."""
    container = container_of(head)
    return container.content_type if container else picture_type_of(head) or OCTETS


def picture_type_of(head: bytes) -> str:
    """Give the media type of a picture that begins with these bytes; empty where it is none that is known.

    >>> picture_type_of(b"GIF89a")
    'image/gif'
    """
    for signature, media_type in PICTURE_SIGNATURES:
        if head.startswith(signature):
            return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and {b"avif", b"avis"} & set(_brands(head)) and container_of(head) is None:
        return "image/avif"
    # The letters alone begin many a text; the four bytes are reserved, and nothing.
    return "image/bmp" if head.startswith(b"BM") and head[6:10] == bytes(4) else ""


def _brands(head: bytes) -> list[bytes]:
    """Read the brands of a file type box (ISO/IEC 14496-12, 4.3), the major one first."""
    end = min(int.from_bytes(head[:4]), len(head), 16 + 4 * MAX_BRANDS)
    return [head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4))]


def _of_brands(brands: list[bytes]) -> Container | None:
    major = brands[0]
    if major in PICTURE_BRANDS:
        return None
    if major in SOUND_BRANDS:
        return M4A
    if major == QUICKTIME_BRAND:
        return MOV
    if major[:2] == b"3g":
        return THREE_GP
    return MP4


def _is_old_box(head: bytes) -> bool:
    size = int.from_bytes(head[:4])
    # 0 reaches to the end, 1 says that the size follows.
    return size in {0, 1} or BOX_HEADER_BYTES <= size < MAX_OLD_BOX_BYTES or head[4:8] == b"mdat"


def _of_doc_type(head: bytes) -> Container | None:
    """Read the header of EBML (RFC 8794, 11.2) up to what it says that follows."""
    header = read_vint(head, len(EBML))
    if header is None:
        return None
    size, position = header
    end = min(len(head), position + (size or 0))
    while position < end:
        # Every element of this header has a name of two bytes, but for two of one byte.
        name = head[position : position + (1 if head[position] & 0x80 else 2)]
        found = read_vint(head, position + len(name))
        if found is None or found[0] is None:
            return None
        length, position = found[0], found[1]
        if name == DOC_TYPE:
            doc_type = head[position : position + length].rstrip(b"\x00")
            return {b"webm": WEBM, b"matroska": MKV}.get(doc_type)
        position += length
    return None


def read_vint(data: bytes, position: int) -> tuple[int | None, int] | None:
    """Read a size of EBML (RFC 8794, 4) → (size, where it ends); the size is None where it says "unknown".

    None where there is no such number.
    """
    first = data[position] if position < len(data) else 0
    length = 9 - first.bit_length()
    if first == 0 or position + length > len(data):
        return None
    bits = 7 * length
    value = int.from_bytes(data[position : position + length]) & ((1 << bits) - 1)
    return (None if value == (1 << bits) - 1 else value), position + length


def _after_id3(head: bytes) -> Container:
    """Look past the tags (ID3v2.4, 3.1) where they are short; long ones are of pictures, and MP3's."""
    size = 0
    for byte in head[6:ID3_HEADER_BYTES]:
        size = size << 7 | byte & 0x7F
    rest = head[ID3_HEADER_BYTES + size :]
    if rest.startswith(b"fLaC"):
        return FLAC
    return AAC if _of_sync_word(rest) == AAC else MP3


def _is_transport_stream(head: bytes) -> bool:
    for length, place in TS_LAYOUTS:
        syncs = head[place::length]
        if len(syncs) >= LEAST_TS_PACKETS and set(syncs) == {TS_SYNC}:
            return True
    return False


def _of_sync_word(head: bytes) -> Container | None:
    """Tell sound without any header by two frames in a row, or by one that is all there is."""
    for container, length_of in ((MP3, _mp3_frame_bytes), (AAC, _adts_frame_bytes)):
        length = length_of(head)
        if length and (length + ADTS_HEADER_BYTES > len(head) or length_of(head[length:])):
            return container
    return None


def _mp3_frame_bytes(frame: bytes) -> int:
    """Give the length of a frame of layer III (ISO/IEC 11172-3, 2.4.1.3); 0 where it is none."""
    if len(frame) < 4 or frame[0] != 0xFF or frame[1] & 0xE0 != 0xE0:  # noqa: PLR2004
        return 0
    version, layer = frame[1] >> 3 & 3, frame[1] >> 1 & 3
    bitrate, rate, padding = frame[2] >> 4, frame[2] >> 2 & 3, frame[2] >> 1 & 1
    rates_hz = MP3_RATES_HZ.get(version, ())
    if layer != LAYER_3 or not 0 < bitrate < len(MP3_BITRATES_KBPS[0]) or rate >= len(rates_hz):
        return 0
    bytes_a_kbit = 144_000 if version == MPEG_1 else 72_000
    kbps = MP3_BITRATES_KBPS[version != MPEG_1][bitrate]
    return bytes_a_kbit * kbps // rates_hz[rate] + padding


def _adts_frame_bytes(frame: bytes) -> int:
    """Give the length of a frame of ADTS (ISO/IEC 13818-7, 6.2); 0 where it is none."""
    if len(frame) < ADTS_HEADER_BYTES or frame[0] != 0xFF or frame[1] & 0xF6 != 0xF0:  # noqa: PLR2004
        return 0
    length = (frame[3] & 3) << 11 | frame[4] << 3 | frame[5] >> 5
    return length if frame[2] >> 2 & 0xF < ADTS_RATES and length > ADTS_HEADER_BYTES else 0
