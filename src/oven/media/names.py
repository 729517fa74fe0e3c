"""Names of assets, and of their objects."""

from oven.domain.asset import AssetType

ORIGINAL = "original"
MAX_NAME_CHARS = 255
# In UTF-8 a character has four bytes at most, and a file's name 255 on a disk, its ending included.
MAX_STEM_CHARS = 48
# What else stands in names of files, and means nothing to any system.
PLAIN_CHARS = " ._-()"
# What files of each type are called; who serves one from a folder knows it from that.
SUFFIXES = {
    AssetType.VIDEO: ("mp4", "mov", "m4v", "mkv", "webm", "avi", "ts", "flv", "3gp"),
    AssetType.AUDIO: ("mp3", "m4a", "wav", "flac", "ogg", "oga", "opus", "aac", "webm"),
    AssetType.IMAGE: ("png", "jpg", "jpeg", "gif", "webp", "bmp", "avif", "tiff", "tif"),
}


def key_name(kind: AssetType, *names: str) -> str:
    """Name the object of an asset: by the first ending of its names that files of its type have.

    >>> key_name(AssetType.VIDEO, "My film.MOV", "https://example.com/film.mp4")
    'original.mov'
    """
    for name in names:
        suffix = name.rpartition(".")[2].lower()
        if suffix in SUFFIXES[kind]:
            return f"{ORIGINAL}.{suffix}"
    return ORIGINAL


def type_of_name(name: str) -> AssetType:
    """Tell by its ending what a file seems to be; a video where that says nothing.

    >>> type_of_name("out-0.PNG")
    <AssetType.IMAGE: 'image'>
    """
    stem, _, suffix = name.lower().rpartition(".")
    return next((kind for kind, known in SUFFIXES.items() if stem and suffix in known), AssetType.VIDEO)


def name_of_path(path: str) -> str:
    """Give the last segment of a path; empty where there is none that can be read.

    >>> name_of_path("/a/b.mp4")
    'b.mp4'
    """
    name = path.rstrip("/").rpartition("/")[2]
    return name[-MAX_NAME_CHARS:] if name.isprintable() else ""


def stem_of(name: str) -> str:
    """Give what the names of files begin with that are made of an asset: no folders, and no ending.

    >>> stem_of("Films/My film.MOV")
    'My film'
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    stem, _, suffix = last.rpartition(".")
    if not stem or not any(suffix.lower() in suffixes for suffixes in SUFFIXES.values()):
        stem = last
    plain = "".join(char if char.isalnum() or char in PLAIN_CHARS else "_" for char in stem)
    return plain[:MAX_STEM_CHARS].strip(" .-") or "film"
