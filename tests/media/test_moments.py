"""Pictures of the result."""

import pytest

from oven.media.edit import Still
from oven.media.geometry import Size
from oven.media.moments import settle_stills
from oven.media.operations import Moment, OptionError, StillFormat, Thumbnail
from oven.media.wish import Said


def settle(*asked: Thumbnail) -> tuple[Still, ...]:
    said = [Said(each, index, "") for index, each in enumerate(asked)]
    return settle_stills(said, duration_s=8.0, frame_s=0.04, size=Size(1280, 720), max_pixels=1_000_000)


def test_numbers() -> None:
    """They go through all operations; endings are those of their kind."""
    stills = settle(
        Thumbnail(timestamps=(Moment(1.0), Moment(25.0, "%"))),
        Thumbnail(timestamps=(Moment(3.0),), format=StillFormat.PNG, size=Size(99, 99)),
    )
    assert stills == (
        Still("thumbnail-1.jpg", 1.0, None, StillFormat.JPEG),
        Still("thumbnail-2.jpg", 2.0, None, StillFormat.JPEG),
        Still("thumbnail-3.png", 3.0, Size(99, 99), StillFormat.PNG),
    )


@pytest.mark.parametrize("moment", [Moment(100, "%"), Moment(8.0), Moment(8.09), Moment(7.99)])
def test_the_end(moment: Moment) -> None:
    """Of the end there is the last frame."""
    assert settle(Thumbnail(timestamps=(moment,)))[0].at_s == pytest.approx(7.96)


@pytest.mark.parametrize("moment", [Moment(8.2), Moment(-1), Moment(101, "%"), Moment(float("nan"))])
def test_no_such_moment(moment: Moment) -> None:
    """It is refused by its place in the list."""
    with pytest.raises(OptionError) as caught:
        settle(Thumbnail(timestamps=(Moment(1), moment)))
    assert (caught.value.index, caught.value.option) == (0, "timestamps/1")
