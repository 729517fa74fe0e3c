"""What ffmpeg is asked for a preview."""

from dataclasses import replace

import pytest

from oven.domain.errors import BadInputError, Code
from oven.media.geometry import Size
from oven.media.glance import Extent, Glance
from oven.media.preview import PREVIEW_SIZE, STRATEGIES, take_preview
from oven.media.source import Source
from oven.media.stills import Taking
from tests.plans import FILM, PQ

KEY = Glance(4.0, 5.4, 4.14, is_key=True, extent=Extent.WHOLE, packets=())


def taking(source: Source = FILM, glance: Glance = KEY, end_s: float = 9.0) -> Taking:
    return take_preview(source, glance, start_s=1.0, end_s=end_s)


def test_one_decode() -> None:
    """From the key frame before; one frame of it becomes a picture a strategy."""
    words = taking().arguments
    assert words.count("-i") == 1
    assert words[words.index("-ss") + 1] == "4.140000"
    graph = words[words.index("-filter_complex") + 1]
    assert graph.startswith("[0:0]select='isnan(prev_selected_t)*gte(t,5.399000)',split=3[i0][i1][i2];")
    assert taking().outputs == ("center_crop.jpg", "letterbox.jpg", "blur.jpg")
    assert len(STRATEGIES) == 3
    assert Size(270, 480) == PREVIEW_SIZE


def test_frames_that_are_passed_over() -> None:
    """Those that no other is made from, on the way to one within its group."""
    assert "-skip_frame:v" not in taking().arguments
    words = taking(glance=KEY._replace(is_key=False)).arguments
    assert words[words.index("-skip_frame:v") + 1] == "noref"


def test_a_scene_that_is_longer_than_a_short() -> None:
    """May be trimmed to be one, so there is a preview of it."""
    assert taking(replace(FILM, duration_s=500.0), end_s=400.0).outputs


@pytest.mark.parametrize("source", [PQ, replace(FILM, video_index=None)])
def test_what_can_be_no_short(source: Source) -> None:
    """Has no preview either."""
    with pytest.raises(BadInputError) as caught:
        taking(source)
    assert caught.value.code in {Code.MEDIA_UNSUPPORTED, Code.MEDIA_TYPE_MISMATCH}
