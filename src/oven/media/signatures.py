"""What a file looks like by its first bytes, for who sent the wrong one."""

# Enough for every signature below.
HEAD_BYTES = 64
SIGNATURES = (
    (b"PK", "a ZIP archive"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x1f\x8b", "a gzip file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"%PDF", "a PDF document"),
    (b"RIFF", "a WAV, AVI or WebP file"),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM file"),
    (b"{", "JSON"),
    (b"[", "JSON"),
    (b"<!doctype", "a web page"),
    (b"<html", "a web page"),
    (b"<", "XML"),
)


def looks_like(head: bytes) -> str:
    """Name the kind of a file that begins with these bytes; empty where it is none that is known.

    >>> looks_like(b"<!DOCTYPE html>")
    'a web page'
    """
    if head[4:8] == b"ftyp":
        return "an MP4 or MOV file"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for signature, kind in SIGNATURES:
        if head.startswith(signature) or text[: len(signature)].lower() == signature:
            return kind
    return ""
