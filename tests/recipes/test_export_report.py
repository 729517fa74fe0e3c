"""What is told of an export that is done."""

from dataclasses import replace
from typing import Any

import pytest

from oven.domain.errors import BadInputError, Code
from oven.media.edit_argv import still_file
from oven.media.edit_check import Film
from oven.media.geometry import Size
from oven.recipes.export_report import artifacts, report, stills_made
from tests.edits import COPY, PICTURES, STILLS, WHOLE

FILM = Film(
    size_bytes=1_000,
    video={"codec_name": "h264", "width": 64, "height": 48, "startS": 0.0, "endS": 3.0, "bytes": 900},
    sound=None,
)
STORED = {"bucket": "b", "contentType": "t", "isPublic": False, "sizeBytes": 5, "sha256": "s"}


def results(**changes: Any) -> dict[str, Any]:
    files = ("video", *(still.file for still in STILLS))
    return {
        "encode": {"sizeBytes": 1_000, "extras": {still_file(still): 5 for still in STILLS}},
        "decode": {"frames": 90, "complaints": 0},
        **{f"publish-{file}": {**STORED, "key": f"e/{file}"} for file in files},
        **changes,
    }


def test_a_silent_film() -> None:
    """Has no codec of sound, and no distance to it."""
    told = report(WHOLE, FILM, results())
    assert told["video"] is not None
    assert told["verification"] is not None
    assert (told["video"]["audioCodec"], told["verification"]["audioOffset"]) == (None, None)
    assert [still["key"] for still in told["thumbnails"]] == [f"e/{still.file}" for still in STILLS]
    assert told["warnings"] == []


def test_pictures_that_could_not_be_taken() -> None:
    """Are told, and missing; where there is nothing else, and not one, the job is of no use."""
    some = results(encode={"sizeBytes": 1_000, "extras": {"1-thumbnail-2.png": 5}})
    told = report(WHOLE, FILM, some)
    assert [still["format"] for still in told["thumbnails"]] == ["png"]
    assert ["0.000 s" in warning["message"] for warning in told["warnings"]] == [True, False]
    with pytest.raises(BadInputError) as refused:
        stills_made(PICTURES, {"encode": {"sizeBytes": 0, "extras": {}}})
    assert refused.value.code is Code.MEDIA_INVALID


def test_a_damaged_copy() -> None:
    """Is the source's own damage, which is told."""
    told = report(COPY, FILM, results(decode={"frames": 6, "complaints": 2}))
    assert told["warnings"][-1]["code"] == "EXPORT_NOTE"
    assert "is damaged" in told["warnings"][-1]["message"]


def test_a_copy_that_is_turned() -> None:
    """Is told as large as it is shown."""
    turned = replace(COPY, upright=Size(48, 64))
    told = report(turned, FILM, results())["video"]
    assert told is not None
    assert (told["width"], told["height"]) == (48, 64)


def test_artifacts() -> None:
    """All that was published, by names without endings."""
    names = {artifact.name for artifact in artifacts(results())}
    assert names == {"video", "thumbnail-1", "thumbnail-2", "thumbnail-3"}
