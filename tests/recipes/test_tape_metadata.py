"""What metadata asks for, and whether it agrees."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oven.domain.errors import BadInputError, Code
from oven.media.timing import constant_timing
from oven.recipes.plan import Limits
from oven.recipes.tape_metadata import choose_upscale, followed, mismatches, size_complaints

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 9) | st.floats(0, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
NAMES = st.sampled_from(["scaledSize", "scale", "frameCount", "totalDuration", "piece"])
METADATA = st.dictionaries(NAMES, VALUES)


def choose(
    limits: Limits, source: tuple[int, int] = (64, 48), **asked: Any
) -> tuple[tuple[int, int], list[str]]:
    given: dict[str, Any] = {"size": None, "scale": None, "metadata": {}, "archive_metadata": None}
    upscale, warnings = choose_upscale(source, limits=limits, **given | asked)
    return upscale.scaled, [warning["code"] for warning in warnings]


@pytest.mark.parametrize(
    ("asked", "scaled"),
    [
        ({}, (192, 144)),
        ({"archive_metadata": {"scale": 2}}, (128, 96)),
        ({"archive_metadata": {"scale": 2, "scaledSize": [70, 50]}}, (70, 50)),
        ({"archive_metadata": {"scale": 2}, "metadata": {"scale": 4}}, (256, 192)),
        ({"metadata": {"scaledSize": [128.0, 96]}, "archive_metadata": {"scale": 9}}, (128, 96)),
        ({"scale": 1, "metadata": {"scale": 4}}, (64, 48)),
        ({"size": (10, 11), "metadata": {"scale": 4}}, (10, 11)),
        ({"archive_metadata": ["not", "an", "object"]}, (192, 144)),
    ],
)
def test_who_decides(limits: Limits, asked: dict[str, Any], scaled: tuple[int, int]) -> None:
    """The caller's size, the caller's scale, the request's metadata, the archive's, the default."""
    assert choose(limits, **asked) == (scaled, [])


@pytest.mark.parametrize(
    "metadata",
    [
        {"scale": 0},
        {"scale": 1.5},
        {"scale": "3"},
        {"scale": True},
        {"scaledSize": [1]},
        {"scaledSize": [1, 2, 3]},
        {"scaledSize": [0, 5]},
        {"scaledSize": "12"},
        {"scaledSize": {"width": 1}},
        {"scaledSize": [1, float("inf")]},
        {"scaledSize": [1e300, 1e300]},
        {"scale": 1e200},
        {"scale": 10**400},
    ],
)
def test_senseless_metadata(limits: Limits, metadata: dict[str, Any]) -> None:
    """The request's own is refused by name; the archive's is not followed, and that is told."""
    with pytest.raises(BadInputError, match="metadata: scale") as caught:
        choose(limits, metadata=metadata)
    assert caught.value.code is Code.FIELD_INVALID
    assert choose(limits, archive_metadata=metadata) == ((192, 144), ["METADATA_INVALID"])


def test_a_scale_that_cannot_be(limits: Limits) -> None:
    """Too large is refused where the caller asks for it, and not followed where the archive does."""
    assert choose(limits, archive_metadata={"scale": 9999}) == ((192, 144), ["METADATA_INVALID"])
    with pytest.raises(BadInputError) as caught:
        choose(limits, metadata={"scale": 9999})
    assert caught.value.code is Code.FRAME_TOO_LARGE


def test_a_good_scale_beside_a_bad_size(limits: Limits) -> None:
    """The one is followed, the other told."""
    metadata = {"scaledSize": {"width": 100, "height": 60}, "scale": 5}
    assert choose(limits, archive_metadata=metadata) == ((320, 240), ["METADATA_INVALID"])


def test_the_default_scale_gives_way_to_the_limit(limits: Limits) -> None:
    """A large source is scaled less, and that is told; what was asked for is refused instead."""
    assert choose(limits, source=(2022, 1056)) == ((4044, 2112), ["SCALE_REDUCED"])
    assert choose(limits, source=(4000, 3000)) == ((4000, 3000), ["SCALE_REDUCED"])
    with pytest.raises(BadInputError) as caught:
        choose(limits, source=(2022, 1056), scale=3)
    assert caught.value.code is Code.FRAME_TOO_LARGE


@pytest.mark.parametrize(
    ("metadata", "codes"),
    [
        (None, []),
        ({}, []),
        ({"frameCount": 60, "totalDuration": 1.0}, []),
        ({"frameCount": 60, "totalDuration": 1000}, []),
        ({"totalDuration": 1.2}, []),
        ({"frameCount": 59}, ["METADATA_MISMATCH"]),
        ({"totalDuration": 4.0}, ["METADATA_MISMATCH"]),
        ({"frameCount": "60", "totalDuration": None}, []),
        ([], ["METADATA_INVALID"]),
    ],
)
def test_mismatches(metadata: object, codes: list[str]) -> None:
    """Counts and totals, in seconds or milliseconds; never more than a warning."""
    assert [warning["code"] for warning in mismatches(metadata, constant_timing(60))] == codes


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({}, {}),
        ({"scaledSize": [4, 6], "scale": 2, "piece": "wand"}, {"scaledSize": [4, 6], "scale": 2}),
        ({"scaledSize": [4.0, 6.0], "scale": {"x": []}}, {"scaledSize": [4, 6]}),
        ({"scaledSize": [[]], "frameCount": 9.5, "totalDuration": "8"}, {"frameCount": 9.5}),
        ({"frameCount": True, "totalDuration": None, "scale": 3.0}, {"scale": 3.0}),
    ],
)
def test_what_is_kept(given: dict[str, Any], kept: dict[str, Any]) -> None:
    """What is read, and nothing that could be large."""
    assert followed(given) == kept


@given(metadata=METADATA)
def test_what_is_kept_says_the_same(metadata: dict[str, Any]) -> None:
    """Whatever is left out made no difference."""
    if not size_complaints(metadata):
        timing = constant_timing(9)
        assert mismatches(followed(metadata), timing) == mismatches(metadata, timing)
        assert not size_complaints(followed(metadata))
