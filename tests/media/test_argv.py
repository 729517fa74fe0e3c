"""Command lines, whole, as text."""

import shlex
from fractions import Fraction
from typing import Any

import pytest

from oven.media.argv import Sound, encode_tape, probe, sound_rate
from oven.media.encode import PIXEL, Bitrate, Crf, Qp
from oven.media.geometry import Size, Upscale

X264 = PIXEL.params(2)


def encode(**changes: Any) -> str:
    given: dict[str, Any] = {
        "upscale": Upscale(source=Size(640, 480), scaled=Size(1920, 1440)),
        "rate": Fraction(60),
        "frames": 480,
        "transparent": False,
        "sound": Sound("wav", 48_000),
        "profile": PIXEL,
        "quality": PIXEL.quality,
        "threads": 2,
        "output": "video.mp4",
    }
    return shlex.join(encode_tape(**given | changes))


def test_a_tape_with_sound() -> None:
    """The commonest case."""
    assert encode() == (
        "-nostdin -hide_banner -v info -nostats -y -max_error_rate 1 -progress pipe:1 -stats_period 0.5 "
        "-threads 1 -reinit_filter 0 -max_pixels 268435456 -max_alloc 1073741824 "
        "-protocol_whitelist file -format_whitelist image2 -f image2 "
        "-pattern_type sequence -start_number 0 -ts_from_file ns -c:v png -i in/%06d.png "
        "-max_pixels 268435456 -max_alloc 1073741824 "
        "-protocol_whitelist file -format_whitelist wav -f wav -i file:in/sound.bin "
        "-filter_complex_threads 2 -filter_complex "
        "'[0:v:0]scale=in_range=pc:out_color_matrix=bt709:out_range=tv:"
        "flags=accurate_rnd+full_chroma_int+full_chroma_inp,"
        "format=yuv444p,scale=1920:1440:flags=neighbor,format=yuv444p,scale=flags=area,format=yuv420p,setsar=1,"
        "fps=60:round=near,"
        "trim=end_frame=480,setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv[v];"
        "[1:a:0]aresample=48000:async=1:first_pts=0,apad,atrim=end_sample=384000[a]' "
        "-map '[v]' -map '[a]' -map_metadata -1 -sn -dn -fps_mode passthrough "
        f"-c:v libx264 -preset ultrafast -profile:v high -qp 19 -g 600 "
        f"-x264-params {X264} -threads 2 "
        "-c:a aac -b:a 128000 -ac 2 -movflags +faststart -f mp4 file:video.mp4"
    )


def test_a_silent_transparent_tape_of_odd_size() -> None:
    """Alpha is laid over black first; the edge is repeated last, before chroma is halved."""
    line = encode(
        upscale=Upscale(source=Size(337, 175), scaled=Size(1011, 525)),
        rate=Fraction(30000, 1001),
        frames=3,
        transparent=True,
        sound=None,
    )
    assert (
        "'[0:v:0]format=gbrap,premultiply=inplace=1,format=gbrp,"
        "scale=in_range=pc:out_color_matrix=bt709:out_range=tv:"
        "flags=accurate_rnd+full_chroma_int+full_chroma_inp,"
        "format=yuv444p,scale=1011:525:flags=neighbor,format=yuv444p,pad=1012:526,"
        "fillborders=right=1:bottom=1:mode=smear,scale=flags=area,format=yuv420p,setsar=1,"
        "fps=30000/1001:round=near,"
        "trim=end_frame=3,setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv[v]' "
        "-map '[v]' -map_metadata -1 "
    ) in line
    assert "-c:a" not in line
    assert "sound" not in line


def test_a_bitrate_in_place_of_a_quality() -> None:
    """With a buffer of half a second, so that it is kept."""
    line = encode(quality=Bitrate(2_000_000))
    assert " -b:v 2000000 -maxrate 2000000 -bufsize 1000000 " in line
    assert "-crf" not in line


def test_threads_are_capped_everywhere() -> None:
    """Decoder, filters and encoder each."""
    words = encode(threads=1).split()
    assert words[words.index("-threads") + 1] == "1"
    assert words[words.index("-filter_complex_threads") + 1] == "1"
    assert "threads=1" in words[words.index("-x264-params") + 1]


def test_sound_is_cut_to_the_sample() -> None:
    """480 frames at 30000/1001 are 16.016 s, 768768 samples."""
    assert "atrim=end_sample=768768[a]" in encode(rate=Fraction(30000, 1001))


def test_sound_rates_that_players_take_are_kept() -> None:
    """Others become 48 kHz."""
    assert [sound_rate(rate) for rate in (48_000, 44_100, 22_050, 192_000)] == [
        48_000,
        44_100,
        48_000,
        48_000,
    ]


def test_probe() -> None:
    """The demuxer is forced, and nothing but this file is opened."""
    assert shlex.join(probe("video.mp4", demuxer="mov", sound_s=None)) == (
        "-hide_banner -v error -max_pixels 268435456 -max_alloc 1073741824 "
        "-protocol_whitelist file -format_whitelist mov -f mov -count_packets "
        "-show_entries stream=codec_type,codec_name,profile,width,height,pix_fmt,nb_read_packets,"
        "nb_read_frames,start_time,duration,color_space,color_primaries,color_transfer,color_range,sample_rate,channels,channel_layout:stream_tags=:"
        "format=duration,size:format_tags= -of json file:video.mp4"
    )


def test_probing_sound() -> None:
    """The first stream of sound alone, decoded for as long as a tape may be."""
    line = shlex.join(probe("sound.bin", demuxer="wav", sound_s=600))
    assert " -f wav -select_streams a:0 -read_intervals %+600 -count_frames -count_packets " in line


def test_pairs_of_other_speakers() -> None:
    """Taken as left and right, which the resampler would refuse to do."""
    assert "[1:a:0]channelmap=0|1:stereo,aresample=" in encode(
        sound=Sound("wav", 48_000, 0.0, is_odd_pair=True)
    )


@pytest.mark.parametrize(("scaled", "is_halved"), [(2, True), (3, False), (5, False), (6, True)])
def test_chroma_of_squares_with_even_sides(scaled: int, is_halved: bool) -> None:  # noqa: FBT001
    """It is repeated like luma; else it is the mean of what a sample covers."""
    line = encode(upscale=Upscale(source=Size(64, 48), scaled=Size(64 * scaled, 48 * scaled)))
    assert ("scale=flags=area" not in line) == is_halved


def test_quality_in_the_command() -> None:
    """A quantiser, a constant quality, or a bitrate with a buffer of half a second."""
    assert " -qp 12 " in encode(quality=Qp(12))
    assert " -crf 24.5 " in encode(quality=Crf(24.5))
    assert " -b:v 1000 -maxrate 1000 -bufsize 500 " in encode(quality=Bitrate(1000))


@pytest.mark.parametrize(("rate", "frames"), [(Fraction(24), 240), (Fraction(30000, 1001), 300)])
def test_a_key_frame_every_ten_seconds(rate: Fraction, frames: int) -> None:
    """At any rate."""
    assert f" -g {frames} " in encode(rate=rate)
