"""What ffmpeg would open, and follow, if it were asked to guess what a file is."""

from pathlib import Path

SDP = b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 9 RTP/AVP 0\n"


def playlist(target: str) -> bytes:
    lines = ("#EXTM3U", "#EXT-X-TARGETDURATION:1", "#EXTINF:1,", target, "#EXT-X-ENDLIST", "")
    return "\n".join(lines).encode()


def manifest(target: str) -> bytes:
    inner = f"<Representation><BaseURL>{target}</BaseURL></Representation>"
    return (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static">'
        f"<Period><AdaptationSet>{inner}</AdaptationSet></Period></MPD>"
    ).encode()


def disguises(canary: Path) -> dict[str, bytes]:
    """Give files by which a reader would be led to a file that it must not open."""
    return {
        "a playlist of a file": playlist(f"file://{canary}"),
        "a playlist of a path": playlist(str(canary)),
        "a playlist of a URL": playlist("http://127.0.0.66/secret.ts"),
        "a playlist of a pipe": playlist("pipe:0"),
        "a playlist of two joined": playlist(f"concat:http://127.0.0.66/x|file://{canary}"),
        "a playlist with a key elsewhere": playlist(f'#EXT-X-KEY:METHOD=AES-128,URI="file://{canary}"\nx.ts'),
        "a list of files": f"ffconcat version 1.0\nfile '{canary}'\nduration 1\n".encode(),
        "a list of a pattern": b"ffconcat version 1.0\nfile '%d.png'\n",
        "a session description": SDP,
        "a DASH manifest": manifest(f"file://{canary}"),
        "a smooth-streaming reference": b"<SmoothStreamingMedia/>",
        "a Windows playlist": f"[Reference]\nRef1=file://{canary}\n".encode(),
        "subtitles": b"1\n00:00:00,000 --> 00:00:01,000\n<img src='file:///etc/passwd'>\n",
        "a filter script": f"movie={canary}[out0]".encode(),
    }
