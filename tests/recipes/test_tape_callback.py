"""What a callback tells of a tape."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from oven.recipes.tape_callback import (
    BakeCompleteJson,
    BakeErrorJson,
    ConvertCompleteJson,
    ConvertErrorJson,
)

KNOWN = {"mongoId", "jobId", "status"}
VIDEO = {"mp4Url", "duration", "size", "resolution"}
WRONG = {"error", "errorCode"}
OF_BAKE = {"slug", "code", "secret"}


@pytest.mark.parametrize(
    ("shape", "members"),
    [
        (ConvertCompleteJson, KNOWN | VIDEO),
        (ConvertErrorJson, KNOWN | WRONG),
        (BakeCompleteJson, KNOWN | OF_BAKE | VIDEO | {"thumbnailUrl", "frames", "rate", "warnings"}),
        (BakeErrorJson, KNOWN | OF_BAKE | WRONG),
    ],
)
def test_its_members(shape: Any, members: set[str]) -> None:
    """Are all there, each time: receivers ask for none in vain."""
    schema = TypeAdapter(shape).json_schema()
    assert set(schema["properties"]) == set(schema["required"]) == members
