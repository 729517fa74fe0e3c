"""Lists of operations: all that is wrong is told at once, each at its place."""

from typing import Any

import pytest

from oven.domain.errors import Code
from oven.doors.bodies import parse_as
from oven.doors.fields import Asked
from oven.doors.operation_list import AskedEdit, Operations, refused_plan
from oven.doors.problems import FieldsError
from oven.media.operations import Compress, Moment, OptionError, Thumbnail, Trim, Watermark
from tests.doors.test_operation_fields import CHECKS, LOGO


class Body(Asked):
    """A request."""

    operations: Operations


def read(*operations: Any) -> AskedEdit:
    return parse_as(Body, {"operations": list(operations)}, CHECKS).operations


def refusal(*operations: Any) -> FieldsError:
    with pytest.raises(FieldsError) as refused:
        read(*operations)
    return refused.value


def test_what_is_asked() -> None:
    """In order, with the picture of each watermark by its operation's index."""
    mark = {"type": "watermark", "options": {"image": "https://a/b.png"}}
    asked = read({"type": "trim"}, mark, {"type": "watermark", "options": {"image": LOGO}})
    assert asked == AskedEdit((Trim(), Watermark(), Watermark()), {1: "https://a/b.png", 2: LOGO})


@pytest.mark.parametrize("options", [None, {}])
def test_options_may_be_left_out(options: object) -> None:
    """Where none is needed."""
    assert read({"type": "trim", "options": options}).operations == (Trim(),)


def test_all_that_is_wrong() -> None:
    """Is told together."""
    error = refusal(
        {"type": "compress", "options": {"crf": 99, "a/b~": 1}},
        {"type": "blur"},
        7,
        {"type": "watermark"},
        {"type": "trim", "start": 1},
        {"type": "thumbnail", "options": {"timestamps": [1, "x"]}},
        {"type": "convert", "options": []},
        {"options": {}},
    )
    assert error.code is Code.OPERATION_INVALID
    assert dict(error.errors) == {
        "/operations/0/options/crf": "operation 0 (compress): crf must be 0 to 63",
        "/operations/0/options/a~1b~0": "operation 0 (compress): a/b~ is no option of it; "
        "these are: crf, bitrate, quality, targetSize",
        "/operations/1/type": "operation 1: type must be one of "
        "transcode, convert, compress, watermark, trim, thumbnail",
        "/operations/2": "operation 2 must be an object with a type and options",
        "/operations/3/options/image": "operation 3 (watermark): image is missing",
        "/operations/4/start": "operation 4 (trim): start has to stand in its options, if anywhere",
        "/operations/5/options/timestamps/1": "operation 5 (thumbnail): timestamps[1] must be seconds (12.5) "
        'from 0 to 86400, or a text such as "12.5", "90s", "00:01:02.5", or "50%" of the whole',
        "/operations/6/options": "operation 6 (convert): options must be an object",
        "/operations/7/type": "operation 7: type must be one of "
        "transcode, convert, compress, watermark, trim, thumbnail",
    }


def test_a_url_alone() -> None:
    """Is refused by its own code, with its hint."""
    error = refusal({"type": "trim"}, {"type": "watermark", "options": {"image": "http://a/b"}})
    assert (error.code, error.hint) == (Code.URL_INVALID, "Choose another.")
    assert error.errors == [
        ("/operations/1/options/image", "operation 1 (watermark): image must be an https URL")
    ]


@pytest.mark.parametrize("given", [None, {}, "x", [], [{"type": "trim"}] * 21])
def test_no_list(given: object) -> None:
    """Of 1 to 20."""
    with pytest.raises(FieldsError, match="operations must be a list of 1 to 20 operations") as refused:
        parse_as(Body, {"operations": given}, CHECKS)
    assert refused.value.code is Code.OPERATION_INVALID


@pytest.mark.parametrize(
    ("option", "pointer", "said"),
    [
        ("crf", "/operations/1/options/crf", "operation 1 (compress): crf must be 0 to 51"),
        ("x/1", "/operations/1/options/x/1", "operation 1 (compress): x[1] must be 0 to 51"),
        ("", "/operations/1", "operation 1 (compress): must be 0 to 51"),
    ],
)
def test_what_planning_finds(option: str, pointer: str, said: str) -> None:
    """Has its place in the request, too."""
    operations = (Thumbnail(timestamps=(Moment(1),)), Compress())
    error = refused_plan(OptionError(1, option, "must be 0 to 51"), operations)
    assert (error.code, error.errors) == (Code.OPERATION_INVALID, [(pointer, said)])
    assert error.message == said


def test_the_description_tells_operations_by_their_types() -> None:
    """Each with the options that it has."""
    schema = Body.model_json_schema()
    listed = schema["properties"]["operations"]
    assert (listed["minItems"], listed["maxItems"]) == (1, 20)
    assert set(listed["items"]["discriminator"]["mapping"]) == {
        *("transcode", "convert", "compress", "watermark", "trim", "thumbnail"),
    }
    assert set(schema["$defs"]["CompressOptions"]["properties"]) == {
        "crf",
        "bitrate",
        "quality",
        "targetSize",
    }
