"""What is asked of an export, as a job keeps it."""

import pytest
from pydantic import ValidationError

from oven.media.geometry import Size
from oven.media.operations import Compress, Convert, Format, Moment, Thumbnail, Transcode, Trim, Watermark
from oven.recipes.export_request import REQUESTS, ExportRequest, MarkSource
from oven.recipes.steps import Target


def test_json() -> None:
    """Every operation comes back from JSON as what it was."""
    asked = ExportRequest(
        asset_id="a1",
        source=Target("b", "k"),
        operations=(
            Transcode(size=Size(640, 360)),
            Convert(format=Format.WEBM),
            Compress(target_bytes=1_000_000),
            Watermark(opacity=0.5),
            Trim(start=Moment(10, "%"), duration=Moment(2.5)),
            Thumbnail(timestamps=(Moment(50, "%"),)),
        ),
        marks=(MarkSource(target=Target("b", "logo")),),
        folder=Target("b", "renditions/alice/j1/"),
        name="film",
        duration_s=2.5,
        echo={"videoId": "a1"},
    )
    assert REQUESTS.validate_python(asked.as_json()) == asked


def test_an_operation_that_nobody_knows() -> None:
    """A job of a later Oven is not taken for another one."""
    with pytest.raises(ValidationError):
        REQUESTS.validate_python({"operations": [{"type": "dub"}]})
