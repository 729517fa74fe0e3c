"""What a callback tells of a tape: the members of its body, as recipes make them and receivers read them."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from oven.domain.errors import Code
from oven.recipes.tape_metadata import JobWarning

MongoId = Annotated[str, Field(description="As the request had it.")]
JobId = Annotated[str, Field(description="As the answer to the request had it.")]


class BakeEcho(TypedDict):
    """What the caller of a bake knows it by."""

    mongoId: MongoId
    slug: str
    code: str | None


class ConvertEcho(TypedDict):
    """What the caller of a conversion knows it by."""

    mongoId: MongoId


class Converted(TypedDict):
    """What is told of a conversion that is done."""

    status: Literal["complete"]
    mp4Url: str
    duration: Annotated[float, Field(description="The video's, in seconds.")]
    size: Annotated[int, Field(description="The video's, in bytes.")]
    resolution: Annotated[
        list[int], Field(min_length=2, max_length=2, description="Width and height, in pixels.")
    ]


class Baked(Converted):
    """What is told of a bake that is done."""

    thumbnailUrl: Annotated[str | None, Field(description="Null where none could be made.")]
    frames: int
    rate: Annotated[str, Field(description="Frames a second: a whole number, or a fraction such as 30/1.")]
    warnings: Annotated[list[JobWarning], Field(description="What else there is to say.")]


class Failed(TypedDict):
    """What is told of a job that failed, or was cancelled."""

    status: Literal["error"]
    error: Annotated[str, Field(description="What is wrong, for people.")]
    errorCode: Annotated[Code, Field(description="What is wrong, for programs.")]


class SentOfBake(BakeEcho):
    """What stands in each callback of a bake; the first two are put in when it is sent."""

    jobId: JobId
    secret: Annotated[str, Field(description="The request's `callbackSecret`.")]


class BakeCompleteJson(SentOfBake, Baked):
    """The callback of a bake that is done."""


class BakeErrorJson(SentOfBake, Failed):
    """The callback of a bake that failed, or was cancelled."""


class ConvertCompleteJson(ConvertEcho, Converted):
    """The callback of a conversion that is done."""

    jobId: JobId


class ConvertErrorJson(ConvertEcho, Failed):
    """The callback of a conversion that failed, or was cancelled."""

    jobId: JobId
