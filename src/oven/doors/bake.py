"""The bake door: the site posts a tape, and is called back."""

import secrets
from dataclasses import dataclass
from typing import Annotated, Literal

from aiohttp import web
from pydantic import ConfigDict, Field
from pydantic.config import JsonDict
from typing_extensions import TypedDict

from oven.domain.job import Acceptance, Callback, NewJob
from oven.doors.access import require_loopback
from oven.doors.bodies import read_as
from oven.doors.description import Audience, describes
from oven.doors.fields import (
    Asked,
    CallbackUrl,
    Checks,
    Metadata,
    Name,
    OptionalName,
    ProgressUrl,
    Reuse,
    Secret,
    SourceUrl,
    Text,
)
from oven.doors.ports import CheckUrl, Seal
from oven.doors.problems import JOB
from oven.doors.submission import (
    KEY_PARAMETER,
    REFUSALS,
    accepted_answer,
    accepts,
    identity,
    key_of,
    unless_usual,
)
from oven.doors.webhooks import OF_BAKE
from oven.pipeline.service import Service
from oven.recipes.steps import Target
from oven.recipes.tape import TapeRequest
from oven.recipes.tape_callback import BakeEcho
from oven.recipes.tape_metadata import followed

EXAMPLE: JsonDict = {
    "mongoId": "507f1f77bcf86cd799439011",
    "slug": "2025.10.17.14.20.0.123",
    "code": "aBc",
    "zipUrl": "https://example.com/tape.zip",
    "callbackUrl": "https://example.com/done",
    "callbackSecret": "the operator's CALLBACK_SECRET",
}


class BakeRequest(Asked):
    """A tape to bake, and whom to call when it is done."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    mongo_id: Annotated[
        Text, Field(description="The caller's own name for the tape; the callback repeats it.")
    ]
    slug: Annotated[Name, Field(description="The tape's name, where it has no code.")]
    code: Annotated[OptionalName, Field(description="The tape's name, when given.")] = None
    zip_url: Annotated[SourceUrl, Field(description="The tape, by https.")]
    callback_url: Annotated[CallbackUrl, Field(description="Where the end is told, by https.")]
    callback_secret: Annotated[
        Secret,
        Field(
            description="Must equal the operator's CALLBACK_SECRET where that is set; signs the callback.",
            repr=False,
        ),
    ]
    progress_url: ProgressUrl = ""
    metadata: Annotated[Metadata, Field(description="As in a tape's metadata.json, over which it wins.")] = (
        None
    )
    reuse: Reuse = True


class BakeAccepted(TypedDict):
    """A bake that will be done, or is being done already."""

    status: Literal["accepted"]
    jobId: str
    slug: str
    code: str | None
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BakeDoor:
    """`POST /bake`; closed without its secret, but to clients on this machine."""

    service: Service
    secret: str
    bucket: str
    check_source: CheckUrl
    check_callback: CheckUrl
    seal: Seal
    seal_url: Seal

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/bake", self.submit)]

    @describes(
        "Bake a tape",
        details="Makes an MP4 and a thumbnail of a recorder's tape, stores them, and calls back.\n\n"
        "The same request again while its job is active gives that job, and starts nothing.",
        audience=Audience.SECRET,
        body=BakeRequest,
        headers=(KEY_PARAMETER,),
        answers=accepts(BakeAccepted),
        refusals=REFUSALS,
        sends=OF_BAKE,
    )
    async def submit(self, request: web.Request) -> web.Response:
        if not self.secret:
            require_loopback(request, "CALLBACK_SECRET")
        checks = Checks(source=self.check_source, callback=self.check_callback, secret=self.secret)
        asked = await read_as(BakeRequest, request, checks)
        new = self._new_job(asked, key_of(request))
        accepted = await self.service.submit(new)
        record, how = accepted
        request[JOB] = record.id
        is_repeat = how is Acceptance.REPEAT
        said: BakeAccepted = {
            "status": "accepted",
            "jobId": record.id,
            "slug": asked.slug,
            "code": asked.code,
            "message": "the tape is being baked already" if is_repeat else "the tape will be baked",
        }
        return accepted_answer(accepted, said)

    def _new_job(self, asked: BakeRequest, key: str) -> NewJob:
        name = asked.code or asked.slug
        video = Target(self.bucket, f"tapes/{name}.mp4")
        echo = BakeEcho(mongoId=asked.mongo_id, slug=asked.slug, code=asked.code)
        tape = TapeRequest(
            url=self.seal_url(asked.zip_url),
            video=video,
            thumbnail=Target(self.bucket, f"tapes/{name}-thumb.jpg"),
            metadata=followed(asked.metadata or {}),
            echo=echo,
            reuse=asked.reuse,
        )
        return NewJob(
            id=secrets.token_hex(16),
            kind="bake",
            owner="",
            identity=identity(
                "bake",
                (asked.zip_url, asked.callback_url),
                echo,
                asked.metadata,
                *unless_usual(reuse=asked.reuse),
            ),
            output_key=f"{video.bucket}/{video.key}",
            request=tape.as_json(),
            callback=Callback(
                url=self.seal_url(asked.callback_url), sealed_secret=self.seal(asked.callback_secret)
            ),
            key=key,
            progress_url=self.seal_url(asked.progress_url),
        )
