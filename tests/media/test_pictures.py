"""What becomes of moving pictures."""

from fractions import Fraction

import pytest

from oven.media.edit import EncodedVideo, Light
from oven.media.encoders import Take, video_words
from oven.media.operations import Format
from oven.media.pictures import frames_of
from oven.media.planning import plan_edit
from tests.plans import MAX_PIXELS, SOURCES, operations_of


@pytest.mark.parametrize(
    ("duration_s", "rate", "frames"), [(10.0, 25.0, 250), (1.0, Fraction(30000, 1001), 30), (0.001, None, 1)]
)
def test_how_many_frames(duration_s: float, rate: float | Fraction | None, frames: int) -> None:
    """One at least, whatever the rate is."""
    assert frames_of(duration_s, rate) == frames


def test_what_was_measured_of_light() -> None:
    """HDR10's static metadata goes to the encoder that carries it, in its own words."""
    source = SOURCES["hdr10"]
    edit = plan_edit(source, operations_of("compress crf=30"), max_pixels=MAX_PIXELS)
    assert isinstance(edit.video, EncodedVideo)
    assert edit.video.light == source.light == Light("G(1,2)B(3,4)R(5,6)WP(7,8)L(9,1)", "1000,400")
    words = video_words(edit.video, format=Format.MP4, threads=2, take=Take.ONLY)
    said = words[words.index("-x265-params") + 1]
    assert said.endswith(":hdr10=1:master-display=G(1,2)B(3,4)R(5,6)WP(7,8)L(9,1):max-cll=1000,400")
