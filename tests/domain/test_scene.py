"""A scene, and when it may be."""

import pytest

from oven.domain.errors import Code
from oven.domain.scene import MAX_VIDEO_S, Scene, SceneError, check_times


@pytest.mark.parametrize(
    ("asked", "video_s", "kept"),
    [
        ((0.0, 10.0), 10.0, (0.0, 10.0)),
        ((0.0, 10.1), 10.0, (0.0, 10.0)),
        ((9.9, 10.0), 10.0, (9.9, 10.0)),
        # Of binary fractions the difference is 0.09999999999999998.
        ((0.2, 0.3), 0.3, (0.2, 0.3)),
        ((0.0, 0.1), 0.1, (0.0, 0.1)),
        # Longer than a short may be, but a scene all the same.
        ((0.0, 7_200.0), 7_200.0, (0.0, 7_200.0)),
        ((5.0, MAX_VIDEO_S), 0.0, (5.0, MAX_VIDEO_S)),
    ],
)
def test_times_that_can_be(asked: tuple[float, float], video_s: float, kept: tuple[float, float]) -> None:
    """They are kept as they are; an end just behind the video's becomes that."""
    assert check_times(*asked, video_s) == kept


@pytest.mark.parametrize(
    ("asked", "video_s", "wrong"),
    [
        ((5.0, 5.0), 10.0, {"end_s": "end_s must be at least 0.1 s after start_s"}),
        ((5.0, 2.0), 10.0, {"end_s": "end_s must be at least 0.1 s after start_s"}),
        ((5.0, 5.099), 10.0, {"end_s": "end_s must be at least 0.1 s after start_s"}),
        ((0.0, 10.2), 10.0, {"end_s": "end_s must be at most 10, where the video ends"}),
        ((9.95, 10.1), 10.0, {"start_s": "start_s must be at most 9.9, for the video ends soon after"}),
        (
            (12_346.0, 12_347.0),
            12_345.6789,
            {
                "start_s": "start_s must be at most 12345.578, for the video ends soon after",
                "end_s": "end_s must be at most 12345.679, where the video ends",
            },
        ),
        ((0.0, 1e308), 0.0, {"end_s": "end_s must be at most 86400, where the video ends"}),
        (
            (0.0, 0.08),
            0.08,
            {"start_s": "the video is shorter than a scene may be, which is 0.1 s at least"},
        ),
    ],
)
def test_times_that_cannot_be(asked: tuple[float, float], video_s: float, wrong: dict[str, str]) -> None:
    """All that is wrong is told, each at its field, with what would be right."""
    with pytest.raises(SceneError) as refused:
        check_times(*asked, video_s)
    assert dict(refused.value.errors) == wrong
    assert refused.value.code is Code.FIELD_INVALID


def test_a_length() -> None:
    """Is what decimals make of it."""
    scene = Scene(
        id="s", asset_id="a", owner="o", name="", start_s=0.2, end_s=0.3, created_ms=0, updated_ms=0
    )
    assert scene.duration_s == 0.1
