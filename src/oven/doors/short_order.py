"""What is asked of exports of scenes: the fields of requests."""

from typing import Annotated

from pydantic import ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic.config import JsonDict

from oven.doors.complaints import Complaint, Kind, complain
from oven.doors.fields import Strict, Text
from oven.doors.scene_fields import Seconds
from oven.doors.telling import AskedToTell
from oven.media.short import Quality
from oven.media.strategies import StrategyName

MAX_BATCH = 50
# It follows who speaks; not built yet.
SMART = "smart"
EXAMPLE: JsonDict = {"aspect_ratio_strategy": "center_crop", "output_quality": "high"}
BATCH_EXAMPLE: JsonDict = {
    "exports": [
        {"scene_id": "550e8400-e29b-41d4-a716-446655440000", "aspect_ratio_strategy": "blur"},
        {
            "scene_id": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
            "output_quality": "medium",
            "trim": {"start_s": 2, "end_s": 17.5},
        },
    ]
}


def _strategy(value: object) -> StrategyName:
    if not isinstance(value, str) or value not in list(StrategyName):
        later = f"; {SMART} is not there yet" if value == SMART else ""
        raise complain(Complaint(kind=Kind.VALUE, about=f" must be one of {', '.join(StrategyName)}{later}"))
    return StrategyName(value)


def _quality(value: object) -> Quality:
    if not isinstance(value, str) or value not in list(Quality):
        raise complain(Complaint(kind=Kind.VALUE, about=f" must be one of {', '.join(Quality)}"))
    return Quality(value)


class Trim(Strict):
    """A part of a scene, in seconds from that's begin."""

    start_s: Annotated[Seconds, Field(alias="start_s")]
    end_s: Annotated[Seconds, Field(alias="end_s")]


class ShortOrder(AskedToTell, Strict):
    """How a scene becomes an upright film."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    aspect_ratio_strategy: Annotated[
        StrategyName,
        PlainValidator(_strategy),
        WithJsonSchema({"type": "string", "enum": list(StrategyName)}),
        Field(
            alias="aspect_ratio_strategy",
            description="`center_crop` loses the sides, `letterbox` has black bars, and `blur` the picture "
            "itself out of focus where those would be.",
        ),
    ] = StrategyName.CENTER_CROP
    output_quality: Annotated[
        Quality,
        PlainValidator(_quality),
        WithJsonSchema({"type": "string", "enum": list(Quality)}),
        Field(
            alias="output_quality",
            description="Up to 60 s have fewer than 60 MB (`high`) or 30 MB (`medium`), longer ones in "
            "proportion.",
        ),
    ] = Quality.HIGH
    trim: Annotated[Trim | None, Field(description="A part of the scene; all of it without.")] = None


class SceneOrder(ShortOrder):
    """One scene of several, and how it becomes an upright film."""

    model_config = ConfigDict(json_schema_extra={"examples": []})

    scene_id: Annotated[Text, Field(alias="scene_id")]


class ShortsOrder(Strict):
    """Several scenes, all of which are exported, or none."""

    model_config = ConfigDict(json_schema_extra={"examples": [BATCH_EXAMPLE]})

    exports: Annotated[list[SceneOrder], Field(min_length=1, max_length=MAX_BATCH)]
