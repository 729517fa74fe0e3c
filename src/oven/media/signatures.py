"""What a file looks like by its first bytes, for who sent the wrong one."""

# Enough for every signature below.
HEAD_BYTES = 64
SIGNATURES = (
    (b"PK", "a ZIP archive"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"8BPS", "a Photoshop picture"),
    (b"\x1f\x8b", "a gzip file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"%PDF", "a PDF document"),
    (b"\x7fELF", "a program"),
    (b"RIFF", "a WAV, AVI or WebP file"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"II+\0", "a TIFF picture"),
    (b"MM\0+", "a TIFF picture"),
    (b"BM", "a BMP picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM file"),
    (b"\x30\x26\xb2\x75", "a Windows Media file"),
    (b"\x00\x00\x01\xba", "an MPEG program stream"),
    (b".RMF", "a RealMedia file"),
    (b"FORM", "an AIFF file"),
    (b"#!AMR", "an AMR file"),
    (b"MThd", "a MIDI file"),
    (b"#extm3u", "a playlist"),
    (b"ffconcat", "a playlist"),
    (b"[playlist]", "a playlist"),
    (b"v=0", "a session description"),
    (b"<mpd", "a playlist"),
    (b"webvtt", "subtitles"),
    (b"<svg", "an SVG picture"),
    (b"{", "JSON"),
    (b"[", "JSON"),
    (b"<!doctype", "a web page"),
    (b"<html", "a web page"),
    (b"<", "XML"),
)
# What the brand behind "ftyp" tells; others are MP4 and its like.
BRANDS = {
    b"avif": "an AVIF picture",
    b"avis": "an AVIF picture",
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"), "a HEIC picture"),
}


def looks_like(head: bytes) -> str:
    """Name the kind of a file that begins with these bytes; empty where it is none that is known.

    >>> looks_like(b"<!DOCTYPE html>")
    'a web page'
    """
    if head[4:8] == b"ftyp":
        return BRANDS.get(head[8:12], "an MP4 or MOV file")
    if head[4:8] in {b"styp", b"moof", b"sidx"}:
        return "one piece of a stream"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "a WebP picture"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for signature, kind in SIGNATURES:
        if head.startswith(signature) or text[: len(signature)].lower() == signature:
            return kind
    return ""
