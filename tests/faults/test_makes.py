"""Files of many makes, imported into a daemon: each is there with its facts, or is refused rightly."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.daemons import running_daemon
from tests.imports import importing, running_host
from tests.media_makes import Makes

# What becomes of each: some of its facts.
VIDEOS: Mapping[str, Mapping[str, Any]] = {
    "plain.mp4": {"format": "mp4", "codec": "h264", "audio_codec": "aac"},
    "faststart.mp4": {"format": "mp4", "width": 64, "height": 48, "rotation": 0},
    "fragmented.mp4": {"format": "mp4", "frame_rate": 25.0},
    "plain.mov": {"format": "mov"},
    "plain.3gp": {"format": "3gp"},
    "plain.mkv": {"format": "mkv"},
    "plain.webm": {"format": "webm", "codec": "vp9", "audio_codec": "opus"},
    "live.webm": {"format": "webm"},
    "plain.avi": {"format": "avi", "codec": "mpeg4", "audio_codec": "mp3"},
    "plain.ts": {"format": "mpegts"},
    "plain.flv": {"format": "flv"},
    "ten_tracks.mkv": {"audio_tracks": 10, "video_tracks": 1},
    "two_videos.mp4": {"video_tracks": 2, "width": 32, "height": 32},
    "ac3.mp4": {"audio_codec": "ac3"},
    "silent.mp4": {"audio_tracks": 0},
    "rotated.mp4": {"width": 48, "height": 64, "rotation": 270},
    "anamorphic.mp4": {"width": 85, "height": 48, "pixel_aspect_ratio": "4:3", "coded_width": 64},
    "variable.mp4": {"variable_frame_rate": True},
    "hdr10.mp4": {"hdr": "hdr10"},
    "hlg.mp4": {"hdr": "hlg"},
}
SOUNDS: Mapping[str, Mapping[str, Any]] = {
    **{f"plain.{kind}": {"format": kind} for kind in ("mp3", "wav", "m4a", "flac", "ogg", "aac")},
    "cover.mp3": {"format": "mp3", "audio_tracks": 1},
}
REFUSED = {
    "plain.wav": "MEDIA_TYPE_MISMATCH",
    "cover.mp3": "MEDIA_TYPE_MISMATCH",
    "encrypted.mp4": "MEDIA_ENCRYPTED",
    "cut_faststart.mp4": "MEDIA_TRUNCATED",
    "no_index.mp4": "MEDIA_TRUNCATED",
    "cut.mkv": "MEDIA_TRUNCATED",
    "cut.avi": "MEDIA_TRUNCATED",
    "header_only.mp4": "MEDIA_INVALID",
    "empty.mp4": "MEDIA_INVALID",
    "picture.mp4": "MEDIA_UNSUPPORTED",
    "playlist.mp4": "MEDIA_UNSUPPORTED",
    "concat.mp4": "MEDIA_UNSUPPORTED",
    "dash.mp4": "MEDIA_UNSUPPORTED",
    "noise.mp4": "MEDIA_UNSUPPORTED",
}


async def test_every_make(makes: Makes, tmp_path: Path) -> None:
    """As what it was imported for; one that is refused leaves nothing behind, and keeps nobody waiting."""
    wanted = [
        *(("video", name) for name in (*VIDEOS, *REFUSED)),
        *(("audio", name) for name in (*SOUNDS, "plain.mp4")),
    ]
    async with running_host() as host:
        host.files = {f"/{name}": makes[name].read_bytes() for _, name in wanted}
        asked = [{"url": f"{host.base}/{name}", "type": kind, "name": name} for kind, name in wanted]
        with running_daemon(tmp_path / "data") as daemon:
            async with importing(daemon) as ask:
                status, said = await ask.ask(
                    "POST", "/api/v1/media/import-from-url/batch", json={"imports": asked}
                )
                assert status == 202, said
                settled = [await ask.settled(asset["id"]) for asset in said["assets"]]
            daemon.stop()
    results = dict(zip(wanted, settled, strict=True))
    wrong = []
    for (kind, name), asset in results.items():
        expected = (VIDEOS if kind == "video" else SOUNDS).get(name)
        if expected is None:
            code = "MEDIA_TYPE_MISMATCH" if kind == "audio" else REFUSED[name]
            if (asset["status"], (asset["error"] or {}).get("code")) != ("FAILED", code):
                wrong.append((kind, name, asset["status"], asset["error"], code))
            continue
        found = {member: asset["metadata"].get(member) for member in expected}
        has_picture = asset["thumbnail_url"] is not None
        if asset["status"] != "READY" or found != expected or has_picture != (kind == "video"):
            wrong.append((kind, name, asset["status"], found, asset["error"]))
    assert wrong == []
    ready = [asset["id"] for asset in settled if asset["status"] == "READY"]
    kept = tmp_path / "data" / "private" / "local:results" / "media" / "_"
    assert sorted(folder.name for folder in kept.iterdir() if any(folder.iterdir())) == sorted(ready)
