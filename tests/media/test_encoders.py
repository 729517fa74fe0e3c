"""How encoders are driven: the words, and what real encoders make of them."""

import json
import shlex
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest

from oven.media.edit import CappedCrf, EncodedSound, EncodedVideo, Rate, TargetSize
from oven.media.encode import Bitrate, Crf
from oven.media.encoders import Take, sound_words, stats_files, video_words
from oven.media.geometry import Size
from oven.media.operations import Format, Preset, SoundCodec, VideoCodec

H264, H265, VP9, AV1 = VideoCodec.H264, VideoCodec.H265, VideoCodec.VP9, VideoCodec.AV1
CODECS = (H264, H265, VP9, AV1)
USUAL = Crf(30)
CAPPED = CappedCrf(21.5, 800_000, 1_000_000)
SIZED = TargetSize(1_000_000, 800_000)
KEYS = "-g 600 -force_key_frames 'expr:gte(t,n_forced*10)'"
X265 = "log-level=error:pools=2:frame-threads=1:open-gop=0"
KEEPING = "undershoot-pct=10:overshoot-pct=10:recode-loop=3"
FITTING = [
    *((Format.MP4, codec) for codec in CODECS),
    *((Format.MOV, codec) for codec in (H264, H265)),
    *((Format.MKV, codec) for codec in CODECS),
    *((Format.WEBM, codec) for codec in (VP9, AV1)),
    (Format.AVI, H264),
]
MUXERS = {Format.MKV: "matroska"}
FRAMES = 10
QUIETLY = {"PATH": "/usr/bin:/bin", "SVT_LOG": "1"}


def words(codec: VideoCodec, rate: Rate = USUAL, **changes: Any) -> tuple[str, ...]:
    told: dict[str, Any] = {"format": Format.MP4, "threads": 2, "take": Take.ONLY}
    told |= {name: changes.pop(name) for name in told if name in changes}
    return video_words(pictures(codec, rate, **changes), **told)


def pictures(codec: VideoCodec, rate: Rate = USUAL, **changes: Any) -> EncodedVideo:
    given: dict[str, Any] = {"preset": Preset.MEDIUM, "depth": 8, "scaled": None, "size": Size(64, 64)}
    return EncodedVideo(codec=codec, rate=rate, **given | changes)


def sound(codec: SoundCodec, bitrate_bps: int | None = 96_000) -> EncodedSound:
    return EncodedSound(index=1, codec=codec, bitrate_bps=bitrate_bps, rate_hz=48_000, channels=2)


def made(arguments: tuple[str, ...], file: Path, *, ffmpeg: str = "ffmpeg") -> dict[str, Any]:
    """Encode, let nothing be said on stderr, and probe the one stream."""
    muxer = MUXERS.get(Format(file.suffix[1:]), file.suffix[1:])
    line = [ffmpeg, "-v", "error", "-nostdin", "-y", *arguments, "-f", muxer, str(file)]
    ran = subprocess.run(line, check=True, capture_output=True, text=True, env=QUIETLY, cwd=file.parent)
    assert ran.stderr == ""
    stream: dict[str, Any] = json.loads(probed(file, "-show_streams", "-count_packets", "-of", "json"))[
        "streams"
    ][0]
    return stream


def probed(file: Path, *asked: str) -> str:
    line = ["ffprobe", "-v", "error", *asked, str(file)]
    return subprocess.run(line, check=True, capture_output=True, text=True).stdout


def clip(depth: int = 8, clock: tuple[str, ...] = ("-fps_mode", "vfr")) -> tuple[str, ...]:
    pixels = "yuv420p10le" if depth > 8 else "yuv420p"
    tags = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"
    return (
        *("-f", "lavfi", "-i", "testsrc2=s=64x64:r=25", "-frames:v", str(FRAMES)),
        *("-vf", f"format={pixels},{tags}", *clock),
    )


@pytest.mark.parametrize(
    ("codec", "line"),
    [
        (H264, f"-c:v libx264 -pix_fmt yuv420p -preset medium -profile:v high {KEYS} -crf 30 -threads 2"),
        (
            H265,
            (
                f"-c:v libx265 -pix_fmt yuv420p -preset medium -profile:v main {KEYS} -forced-idr 1 -crf 30 "
                f"-x265-params {X265} -tag:v hvc1"
            ),
        ),
        (
            VP9,
            (
                f"-c:v libvpx-vp9 -pix_fmt yuv420p -deadline good -cpu-used 2 -profile:v 0 {KEYS} -crf 30 "
                "-b:v 0 -row-mt 1 -tile-columns 1 -threads 2"
            ),
        ),
        (AV1, "-c:v libsvtav1 -pix_fmt yuv420p -preset 7 -crf 30 -svtav1-params lp=2"),
    ],
)
def test_a_quality(codec: VideoCodec, line: str) -> None:
    """The whole of the words, once for each codec."""
    assert shlex.join(words(codec)) == line


def test_own_words() -> None:
    """Beside the preset's, and before those of a size."""
    own = ("subme=2", "me=dia")
    assert "-crf 30 -x264-params subme=2:me=dia -threads" in shlex.join(words(H264, own=own))
    sized = shlex.join(words(H264, SIZED, own=own))
    assert "-fastfirstpass 0 -x264-params subme=2:me=dia:ratetol=0.1 -threads" in sized


@pytest.mark.parametrize(
    ("codec", "rate", "take", "part"),
    [
        (H264, Crf(23.5), Take.ONLY, "-crf 23.5 -threads"),
        (H265, Crf(23.5), Take.ONLY, "-crf 23.5 -x265"),
        (VP9, Crf(0), Take.ONLY, "-crf 0 -b:v 0 -row"),
        (AV1, Crf(0), Take.ONLY, "-crf 0 -svtav1-params lp=2"),
        (H264, CAPPED, Take.ONLY, "-crf 21.5 -maxrate 800000 -bufsize 1000000 -threads 2"),
        (H265, CAPPED, Take.ONLY, "-crf 21.5 -maxrate 800000 -bufsize 1000000 -x265"),
        (VP9, CAPPED, Take.ONLY, "-crf 22 -b:v 800000 -maxrate 800000 -bufsize 1000000 -row"),
        (AV1, CAPPED, Take.ONLY, "-crf 22 -svtav1-params lp=2"),
        (H264, Bitrate(800_000), Take.ONLY, "-b:v 800000 -maxrate 1200000 -bufsize 1600000 -threads 2"),
        (H265, Bitrate(800_000), Take.FIRST, f"-maxrate 1200000 -bufsize 1600000 -x265-params {X265} -tag"),
        (
            VP9,
            Bitrate(800_000),
            Take.ONLY,
            "-b:v 800000 -minrate 800000 -maxrate 800000 -bufsize 1600000 -row-mt",
        ),
        (AV1, Bitrate(800_000), Take.ONLY, f"-b:v 800000 -svtav1-params lp=2:{KEEPING}"),
        (H264, SIZED, Take.ONLY, "-b:v 800000 -fastfirstpass 0 -x264-params ratetol=0.1 -threads"),
        (
            H264,
            SIZED,
            Take.FIRST,
            "-fastfirstpass 0 -x264-params ratetol=0.1:pass=1:stats=video.stats -threads",
        ),
        (
            H264,
            SIZED,
            Take.SECOND,
            "-fastfirstpass 0 -x264-params ratetol=0.1:pass=2:stats=in/video.stats -threads",
        ),
        (H265, SIZED, Take.ONLY, f"-b:v 800000 -x265-params {X265} -tag"),
        (
            H265,
            SIZED,
            Take.FIRST,
            f"-b:v 800000 -x265-params {X265}:pass=1:stats=video.stats:slow-firstpass=1 -tag",
        ),
        (H265, SIZED, Take.SECOND, f"-b:v 800000 -x265-params {X265}:pass=2:stats=in/video.stats -tag"),
        (VP9, SIZED, Take.SECOND, "-minrate 800000 -maxrate 800000 -bufsize 1600000 -row-mt"),
        (AV1, SIZED, Take.FIRST, f"-b:v 800000 -svtav1-params lp=2:{KEEPING}"),
    ],
)
def test_rates(codec: VideoCodec, rate: Rate, take: Take, part: str) -> None:
    """A bitrate with room for peaks; a size without, in two passes where the encoder can."""
    assert part in shlex.join(words(codec, rate, take=take))


def test_presets() -> None:
    """Seven words: x264's and x265's own, and what comes next to them."""
    said = {codec: [shlex.join(words(codec, preset=preset)) for preset in Preset] for codec in CODECS}
    for codec in (H264, H265):
        assert all(f" -preset {preset} " in line for preset, line in zip(Preset, said[codec], strict=True))
    assert [line.split(" -cpu-used ")[1][0] for line in said[VP9]] == list("8765421")
    assert [" realtime " in line for line in said[VP9]] == [True] * 3 + [False] * 4
    assert [line.split(" -preset ")[1].split()[0] for line in said[AV1]] == [
        *("12", "11", "10", "9"),
        *("8", "7", "6"),
    ]


@pytest.mark.parametrize(
    ("codec", "threads", "parts"),
    [
        (H264, 1, ["-threads 1"]),
        (H265, 1, ["pools=1:frame-threads=1:"]),
        (H265, 4, ["pools=4:frame-threads=2:"]),
        (H265, 16, ["pools=16:frame-threads=3:"]),
        (VP9, 1, ["-tile-columns 0 -threads 1"]),
        (VP9, 3, ["-tile-columns 2 -threads 3"]),
        (VP9, 128, ["-tile-columns 6 -threads 128"]),
        (AV1, 3, ["lp=3"]),
    ],
)
def test_threads_are_capped_in_the_encoder(codec: VideoCodec, threads: int, parts: list[str]) -> None:
    """Each in its own words."""
    line = shlex.join(words(codec, threads=threads))
    assert all(part in line for part in parts)


@pytest.mark.parametrize(
    ("format", "codec", "is_there", "part"),
    [
        (Format.MOV, H265, True, "-tag:v hvc1"),
        (Format.MKV, H265, False, "-tag:v"),
        (Format.AVI, H264, True, "-bf 0"),
        (Format.MKV, H264, False, "-bf"),
    ],
)
def test_containers(format: Format, codec: VideoCodec, is_there: bool, part: str) -> None:  # noqa: A002, FBT001
    """Apple wants H.265 by its name; AVI wants pictures in order."""
    assert (part in shlex.join(words(codec, format=format))) == is_there


def test_frames_that_come_unevenly() -> None:
    """Who counts frames is told how many there are a second; who looks at the clock need not be."""
    mean = Fraction(117, 10)
    assert ":open-gop=0:fps=117/10 " in shlex.join(words(H265, mean_rate=mean))
    assert "lp=2:fps-num=117:fps-denom=10" in shlex.join(words(AV1, mean_rate=mean))
    for codec in (H264, VP9):
        assert words(codec, mean_rate=mean) == words(codec)
    for codec in CODECS:
        assert (
            words(codec, mean_rate=Fraction(1000)) == words(codec, mean_rate=Fraction(1, 9)) == words(codec)
        )


@pytest.mark.parametrize(
    ("codec", "line"),
    [
        (SoundCodec.AAC, "-c:a aac -b:a 96000 -ar 48000 -ac 2"),
        (SoundCodec.MP3, "-c:a libmp3lame -b:a 96000 -ar 48000 -ac 2"),
        (SoundCodec.OPUS, "-c:a libopus -b:a 96000 -ar 48000 -ac 2"),
        (SoundCodec.FLAC, "-c:a flac -ar 48000 -ac 2 -strict experimental"),
    ],
)
def test_sound(codec: SoundCodec, line: str) -> None:
    """What is lossless has no bitrate."""
    assert shlex.join(sound_words(sound(codec, None if codec is SoundCodec.FLAC else 96_000))) == line


def test_words_are_for_what_is_encoded() -> None:
    """A copy is none of their business."""
    with pytest.raises(ValueError, match="copy"):
        words(VideoCodec.COPY)
    with pytest.raises(ValueError, match="none"):
        sound_words(sound(SoundCodec.NONE))


@pytest.mark.parametrize(
    ("format", "codec", "depth"),
    [*((*fit, 8) for fit in FITTING), *((Format.MP4, codec, 10) for codec in CODECS)],
)
def test_films(tmp_path: Path, format: Format, codec: VideoCodec, depth: int) -> None:  # noqa: A002
    """Real ones: of the codec, the depth, the profile and the colours that were asked for, without a word."""
    told = words(codec, format=format, depth=depth, preset=Preset.SUPERFAST)
    found = made((*clip(depth), *told), tmp_path / f"film.{format}")
    profiles = {
        H264: ("High", "High 10"),
        H265: ("Main", "Main 10"),
        VP9: ("Profile 0", "Profile 2"),
        AV1: ("Main", "Main"),
    }
    assert found["codec_name"] == {H265: "hevc"}.get(codec, codec)
    assert found["profile"] == profiles[codec][depth > 8]
    assert found["pix_fmt"] == ("yuv420p10le" if depth > 8 else "yuv420p")
    colors = [found[f"color_{name}"] for name in ("space", "transfer", "primaries", "range")]
    assert colors == ["bt709", "bt709", "bt709", "tv"]
    assert int(found["nb_read_packets"]) == FRAMES
    if codec is H265 and format in {Format.MP4, Format.MOV}:
        assert found["codec_tag_string"] == "hvc1"
    if format is Format.AVI:
        assert found["has_b_frames"] == 0


@pytest.mark.parametrize("codec", CODECS)
def test_films_of_a_new_ffmpeg(tmp_path: Path, codec: VideoCodec) -> None:
    """It knows the same words."""
    told = words(codec, SIZED, preset=Preset.SUPERFAST, take=Take.FIRST, mean_rate=Fraction(117, 10))
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    assert int(made((*clip(), *told), tmp_path / "film.mp4", ffmpeg=ffmpeg)["nb_read_packets"]) == FRAMES


@pytest.mark.parametrize(
    ("codec", "preset"), [(H264, Preset.SUPERFAST), *((codec, Preset.VERYFAST) for codec in CODECS)]
)
def test_two_passes(tmp_path: Path, codec: VideoCodec, preset: Preset) -> None:
    """The first is a film, and leaves what it says beside it; the second reads that."""
    rate = TargetSize(10_000, 200_000)
    made(
        (*clip(), *words(codec, rate, preset=preset, take=Take.FIRST, mean_rate=Fraction(25))),
        tmp_path / "film.mp4",
    )
    left = {file.name for file in tmp_path.iterdir()} - {"film.mp4"}
    assert left == set(stats_files(pictures(codec, rate, preset=preset)))
    (tmp_path / "in").mkdir()
    for name in left:
        (tmp_path / name).rename(tmp_path / "in" / name)
    told = words(codec, rate, preset=preset, take=Take.SECOND, mean_rate=Fraction(25))
    assert int(made((*clip(), *told), tmp_path / "film.mp4")["nb_read_packets"]) == FRAMES
    assert not [file for file in tmp_path.iterdir() if file.name not in {"film.mp4", "in"}]


@pytest.mark.parametrize(
    ("codec", "format", "name"),
    [
        (SoundCodec.AAC, Format.MP4, "aac"),
        (SoundCodec.MP3, Format.MP4, "mp3"),
        (SoundCodec.OPUS, Format.MP4, "opus"),
        (SoundCodec.FLAC, Format.MP4, "flac"),
        (SoundCodec.OPUS, Format.WEBM, "opus"),
        (SoundCodec.MP3, Format.AVI, "mp3"),
        (SoundCodec.FLAC, Format.MKV, "flac"),
    ],
)
def test_sounds(tmp_path: Path, codec: SoundCodec, format: Format, name: str) -> None:  # noqa: A002
    """Real ones, in their rate and with their channels."""
    silence = ("-f", "lavfi", "-i", "sine=r=44100:d=0.2")
    found = made((*silence, *sound_words(sound(codec))), tmp_path / f"sound.{format}")
    assert (found["codec_name"], found["sample_rate"], found["channels"]) == (name, "48000", 2)


def test_key_frames_in_time(tmp_path: Path) -> None:
    """Every ten seconds at most, at one frame a second as well."""
    source = ("-f", "lavfi", "-i", "color=s=64x64:r=1:d=25", "-pix_fmt", "yuv420p")
    for codec in (H264, H265, VP9):
        file = tmp_path / "film.mkv"
        made((*source, *words(codec, preset=Preset.ULTRAFAST)), file)
        packets = probed(file, "-show_entries", "packet=pts_time,flags", "-of", "csv=p=0")
        keys = [line.split(",")[0] for line in packets.split() if ",K" in line]
        assert [float(key) for key in keys] == [0, 10, 20]
