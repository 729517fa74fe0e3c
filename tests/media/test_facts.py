"""What a probe says, in our words."""

from oven.media.facts import read_facts

PROBE = {
    "streams": [
        {
            "codec_type": "video",
            "codec_name": "h264",
            "profile": "High",
            "width": 192,
            "height": 96,
            "pix_fmt": "yuv420p",
            "nb_read_packets": "60",
            "start_time": "0.000000",
            "duration": "1.000000",
            "color_space": "bt709",
            "color_primaries": "bt709",
            "color_transfer": "bt709",
            "color_range": "tv",
        },
        {
            "codec_type": "audio",
            "codec_name": "aac",
            "sample_rate": "48000",
            "channels": 2,
            "start_time": "0.005",
            "duration": "1.002",
        },
        {"codec_type": "data"},
    ],
    "format": {"duration": "1.002", "size": "1234"},
    "boxes": ["ftyp", "moov", "free", "mdat"],
}


def test_a_whole_probe() -> None:
    """Streams by kind, numbers as numbers."""
    facts = read_facts(PROBE)
    assert facts.video[0].size == (192, 96)
    assert facts.video[0].packets == 60
    assert facts.video[0].colour == ("bt709", "bt709", "bt709", "tv")
    assert (facts.sound[0].sample_rate_hz, facts.sound[0].duration_s) == (48_000, 1.002)
    assert (facts.duration_s, facts.size_bytes) == (1.002, 1234)
    assert facts.is_faststart


def test_what_a_probe_does_not_know() -> None:
    """A recorder's WebM has no duration; that is no error."""
    facts = read_facts({"streams": [{"codec_type": "audio", "duration": "N/A"}], "format": {}})
    assert facts.sound[0].duration_s == 0
    assert not facts.is_faststart
    assert read_facts({}).video == ()


def test_an_index_at_the_end() -> None:
    """Data before the index is no fast start."""
    assert not read_facts(PROBE | {"boxes": ["ftyp", "mdat", "moov"]}).is_faststart
