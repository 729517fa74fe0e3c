"""Video and sound of many makes, made by ffmpeg when a test first asks for one."""

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from PIL import Image

PICTURES = ("-f", "lavfi", "-i", "testsrc=s=64x48:r=25:d=0.6")
SOUND = ("-f", "lavfi", "-i", "sine=d=0.6:r=48000")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
CENC = (
    *("-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "76a6c65c5ea762046bd749a2e632ccbb"),
    *("-encryption_kid", "a7e61c373e219033c21091fa607bf3b8"),
)
HDR10 = (
    "log-level=none:hdr10=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:max-cll=1000,400:"
    "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"
)
BT2020 = ("-color_primaries", "bt2020", "-colorspace", "bt2020nc")
MIX = (*PICTURES, *SOUND, *H264, "-c:a", "aac")

# What ffmpeg is told, by the name of the file; "@name" is another of these as its input.
ENCODED: Mapping[str, tuple[str, ...]] = {
    "plain.mp4": MIX,
    "faststart.mp4": ("-i", "@plain.mp4", "-c", "copy", "-movflags", "+faststart"),
    "fragmented.mp4": (*PICTURES, *H264, "-g", "5", "-movflags", "frag_keyframe+empty_moov"),
    "plain.mov": ("-i", "@plain.mp4", "-c", "copy"),
    "plain.3gp": ("-i", "@plain.mp4", "-c", "copy"),
    "plain.mkv": ("-i", "@plain.mp4", "-c", "copy"),
    "plain.ts": ("-i", "@plain.mp4", "-c", "copy"),
    "bluray.ts": ("-i", "@plain.mp4", "-c", "copy", "-mpegts_m2ts_mode", "1"),
    "plain.flv": ("-i", "@plain.mp4", "-c", "copy"),
    "plain.webm": (
        *(*PICTURES, *SOUND, "-c:v", "libvpx-vp9", "-pix_fmt", "yuv420p", "-deadline", "realtime"),
        *("-cpu-used", "8", "-c:a", "libopus"),
    ),
    "live.webm": ("-i", "@plain.webm", "-c", "copy", "-live", "1"),
    "plain.avi": (*PICTURES, *SOUND, "-c:v", "mpeg4", "-bf", "2", "-c:a", "mp3"),
    "plain.mp3": SOUND,
    "plain.wav": SOUND,
    "plain.m4a": SOUND,
    "plain.flac": SOUND,
    "plain.ogg": SOUND,
    "plain.aac": SOUND,
    "cover.mp3": (
        *(*SOUND, "-f", "lavfi", "-i", "color=red:s=64x64:d=0.04", "-map", "0:a", "-map", "1:v"),
        *("-c:v", "mjpeg", "-disposition:v", "attached_pic"),
    ),
    "cover.m4a": (
        *(*SOUND, "-f", "lavfi", "-i", "color=red:s=64x64:d=0.04", "-map", "0:a", "-map", "1:v"),
        *("-c:v", "mjpeg", "-disposition:v", "attached_pic"),
    ),
    "ten_tracks.mkv": (*PICTURES, *SOUND, "-map", "0:v", *("-map", "1:a") * 10, *H264, "-c:a", "aac"),
    "two_videos.mp4": (
        *(*PICTURES, "-f", "lavfi", "-i", "testsrc=s=32x32:r=25:d=0.6"),
        *("-map", "1:v", "-map", "0:v", *H264),
    ),
    "ac3.mp4": (*PICTURES, *SOUND, *H264, "-c:a", "ac3"),
    "silent.mp4": (*PICTURES, *H264),
    # The turn is counted against the clock: pictures are to be turned by 270° with it.
    "rotated.mp4": ("-i", "@plain.mp4", "-c", "copy", "-metadata:s:v", "rotate=90"),
    "anamorphic.mp4": (*PICTURES, "-vf", "setsar=4/3", *H264),
    "variable.mp4": (*PICTURES, "-vf", r"select=not(mod(n\,5))+not(mod(n\,3))", "-fps_mode", "vfr", *H264),
    "thirty.mkv": ("-f", "lavfi", "-i", "testsrc=s=64x48:r=30000/1001:d=0.6", *H264),
    "hdr10.mp4": (
        *(*PICTURES, "-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le"),
        *("-x265-params", HDR10, *BT2020, "-color_trc", "smpte2084"),
    ),
    "pq.mp4": (*PICTURES, *H264, *BT2020, "-color_trc", "smpte2084"),
    "hlg.mp4": (*PICTURES, *H264, *BT2020, "-color_trc", "arib-std-b67"),
    "encrypted.mp4": ("-i", "@plain.mp4", "-c", "copy", *CENC),
    "encrypted.m4a": ("-i", "@plain.m4a", "-c", "copy", "-f", "mp4", *CENC),
    "captions.mkv": ("-f", "srt", "-i", "@captions.srt"),
}


def _cut(source: str, share: float) -> Callable[["Makes"], bytes]:
    def make(makes: "Makes") -> bytes:
        whole = makes[source].read_bytes()
        return whole[: int(len(whole) * share)]

    return make


def _until(source: str, box: bytes) -> Callable[["Makes"], bytes]:
    """Cut a file where one of its boxes begins."""

    def make(makes: "Makes") -> bytes:
        whole = makes[source].read_bytes()
        return whole[: whole.rindex(box) - 4]

    return make


def _emptied(source: str) -> Callable[["Makes"], bytes]:
    """Give a file whose index is whole, and whose packets hold nothing."""

    def make(makes: "Makes") -> bytes:
        whole = makes[source].read_bytes()
        begin = whole.index(b"mdat") + 4
        end = begin - 8 + int.from_bytes(whole[begin - 8 : begin - 4])
        return whole[:begin] + bytes(end - begin) + whole[end:]

    return make


# What is no longer, or never was, a whole file of its kind.
SPOILT: Mapping[str, Callable[["Makes"], bytes]] = {
    "captions.srt": lambda _: b"1\n00:00:00,000 --> 00:00:00,500\nHello\n",
    "cut_faststart.mp4": _cut("faststart.mp4", 0.6),
    "cut.mp4": _cut("plain.mp4", 0.6),
    "no_index.mp4": _until("plain.mp4", b"moov"),
    "cut.mkv": _cut("plain.mkv", 0.6),
    "cut.avi": _cut("plain.avi", 0.6),
    "cut.wav": _cut("plain.wav", 0.6),
    "zeros.m4a": _emptied("plain.m4a"),
    "zeros.mp4": _emptied("silent.mp4"),
    "header_only.mp4": _until("faststart.mp4", b"mdat"),
    "ftyp_only.mp4": lambda makes: makes["faststart.mp4"].read_bytes()[:32],
    "picture.mp4": lambda makes: makes.picture("GIF"),
    "picture.avif": lambda _: b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf" + bytes(64),
    "playlist.mp4": lambda makes: b"#EXTM3U\n#EXTINF:1,\nfile://%s\n" % bytes(makes["plain.ts"]),
    "concat.mp4": lambda makes: b"ffconcat version 1.0\nfile %s\n" % bytes(makes["plain.ts"]),
    "session.mp4": lambda _: b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
    "dash.mp4": lambda _: b'<?xml version="1.0"?>\n<MPD type="static"></MPD>',
    "page.mp4": lambda _: b"<!DOCTYPE html><html><title>Not found</title></html>",
    "noise.mp4": lambda _: bytes(at * at * 31 % 251 for at in range(20_000)),
    "empty.mp4": lambda _: b"",
    "mdat_of_nothing.mov": lambda _: b"\x00\x00\x00\x08wide" + b"\x00\x00\x04\x00mdat" + bytes(1016),
}


class Makes:
    """Files by name, each made once."""

    def __init__(self, folder: Path, encoded: Mapping[str, tuple[str, ...]] = ENCODED) -> None:
        self.folder = folder
        self.encoded = encoded

    def __getitem__(self, name: str) -> Path:
        file = self.folder / name
        if not file.exists():
            if name in SPOILT:
                file.write_bytes(SPOILT[name](self))
            else:
                self._encode(file, self.encoded[name])
        return file

    def picture(self, kind: str) -> bytes:
        """Give a small picture, of a kind that Pillow writes."""
        file = self.folder / f"picture.{kind.lower()}"
        Image.new("RGB", (16, 16), "red").save(file, kind)
        return file.read_bytes()

    def _encode(self, file: Path, arguments: tuple[str, ...]) -> None:
        words = [str(self[word[1:]]) if word.startswith("@") else word for word in arguments]
        command: list[str | Path] = ["ffmpeg", "-nostdin", "-v", "fatal", *words, file]
        subprocess.run(command, check=True)
