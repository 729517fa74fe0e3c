"""The convert door: a service posts a tape with its token, and names the bucket."""

import secrets
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from aiohttp import web
from pydantic import ConfigDict, Field
from pydantic.config import JsonDict
from typing_extensions import TypedDict

from oven.domain.caller import OWNER_RULE, is_owner
from oven.domain.errors import ClosedError, Code
from oven.domain.job import Callback, NewJob
from oven.doors.access import require_loopback, require_token
from oven.doors.bodies import read_as
from oven.doors.description import Audience, describes
from oven.doors.fields import Asked, CallbackUrl, Checks, Metadata, Name, ProgressUrl, Reuse, SourceUrl, Text
from oven.doors.ports import CheckUrl, PlaceFor, Seal
from oven.doors.problems import JOB, FieldsError
from oven.doors.submission import (
    KEY_PARAMETER,
    REFUSALS,
    accepted_answer,
    accepts,
    identity,
    key_of,
    unless_usual,
)
from oven.doors.webhooks import OF_CONVERT
from oven.pipeline.service import Service
from oven.recipes.tape import TapeRequest
from oven.recipes.tape_callback import ConvertEcho
from oven.recipes.tape_metadata import followed

NO_BUCKET = (
    "bucket is not on this Oven's list, or no bucket's name: 3 to 63 lower-case letters, digits, dots, dashes"
)

# As far as every list of buckets agrees.
BUCKET_SCHEMA = {"minLength": 3, "maxLength": 63, "pattern": "^[a-z0-9.-]*$"}

EXAMPLE: JsonDict = {
    "mongoId": "507f1f77bcf86cd799439011",
    "bucket": "tapes",
    "slug": "wand-1729177200000",
    "zipUrl": "https://example.com/user/tape.zip",
    "callbackUrl": "https://example.com/done",
    "metadata": {"scaledSize": [1920, 1440]},
}


class ConvertRequest(Asked):
    """A tape to make 30 frames a second of, the bucket that it goes to, and whom to call when it is done."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    mongo_id: Annotated[
        Text, Field(description="The caller's own name for the tape; the callback repeats it.")
    ]
    bucket: Annotated[
        Text,
        Field(
            description="One of the operator's OVEN_CONVERT_BUCKETS; any where none is listed.",
            json_schema_extra=BUCKET_SCHEMA,
        ),
    ]
    slug: Annotated[Name, Field(description="The video's name.")]
    zip_url: Annotated[
        SourceUrl,
        Field(description="The tape, by https; the first of several segments of its path is the user."),
    ]
    callback_url: Annotated[CallbackUrl, Field(description="Where the end is told, by https.")]
    progress_url: ProgressUrl = ""
    metadata: Annotated[Metadata, Field(description="As in a tape's metadata.json, over which it wins.")] = (
        None
    )
    reuse: Reuse = True


class ConvertAccepted(TypedDict):
    """A conversion that will be done, or is being done already."""

    status: Literal["accepted"]
    jobId: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertDoor:
    """`POST /convert`; closed without its token, but to clients on this machine.

    Also closed where callbacks carry a token of the operator's, and no host is named that may know it.
    `place_for` gives the place of an object in a bucket that the request names, if that is on the list.
    """

    service: Service
    token: str
    is_safe: bool
    place_for: PlaceFor
    check_source: CheckUrl
    check_callback: CheckUrl
    seal_url: Seal

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/convert", self.submit)]

    @describes(
        "Convert a tape",
        details="Makes an MP4 of 30 frames a second of a recorder's tape, stores it in the bucket as "
        "`{user}/{slug}.mp4`, and calls back.\n\n"
        "The same request again while its job is active gives that job, and starts nothing.",
        audience=Audience.SERVICE,
        body=ConvertRequest,
        headers=(KEY_PARAMETER,),
        answers=accepts(ConvertAccepted),
        refusals=REFUSALS,
        sends=OF_CONVERT,
    )
    async def submit(self, request: web.Request) -> web.Response:
        self._check_open(request)
        checks = Checks(source=self.check_source, callback=self.check_callback)
        asked = await read_as(ConvertRequest, request, checks)
        accepted = await self.service.submit(self._new_job(asked, key_of(request)))
        request[JOB] = accepted.record.id
        said: ConvertAccepted = {"status": "accepted", "jobId": accepted.record.id}
        return accepted_answer(accepted, said)

    def _check_open(self, request: web.Request) -> None:
        if not self.is_safe:
            raise ClosedError(
                Code.DOOR_CLOSED,
                "this door is closed",
                hint="The operator has to list who may be told CALLBACK_AUTH_TOKEN in OVEN_CALLBACK_HOSTS.",
            )
        if self.token:
            require_token(request, self.token, "the service's")
        else:
            require_loopback(request, "MP4_SERVICE_TOKEN")

    def _new_job(self, asked: ConvertRequest, key: str) -> NewJob:
        target = self.place_for(asked.bucket, f"{_folder_of(asked.zip_url)}{asked.slug}.mp4")
        if target is None:
            raise FieldsError([("/bucket", NO_BUCKET)])
        echo = ConvertEcho(mongoId=asked.mongo_id)
        tape = TapeRequest(
            url=self.seal_url(asked.zip_url),
            video=target,
            metadata=followed(asked.metadata or {}),
            echo=echo,
            reuse=asked.reuse,
        )
        return NewJob(
            id=secrets.token_hex(16),
            kind="convert",
            owner="",
            identity=identity(
                "convert",
                (asked.zip_url, asked.callback_url),
                echo,
                list(target),
                asked.metadata,
                *unless_usual(reuse=asked.reuse),
            ),
            output_key=f"{target.bucket}/{target.key}",
            request=tape.as_json(),
            callback=Callback(url=self.seal_url(asked.callback_url), is_bearer=True),
            key=key,
            progress_url=self.seal_url(asked.progress_url),
        )


def _folder_of(url: str) -> str:
    """Give the user's folder: the first of two or more segments of the source's path, with its slash.

    Raises:
        FieldsError: FIELD_INVALID.

    """
    segments = [segment for segment in urlsplit(url).path.split("/") if segment]
    if len(segments) < 2:  # noqa: PLR2004 - a user, and a tape
        return ""
    user = unquote(segments[0])
    if not is_owner(user):
        raise FieldsError(
            [("/zipUrl", f"zipUrl's path begins with a user that cannot be a folder: {OWNER_RULE}")]
        )
    return f"{user}/"
