"""The webhook of Replicate: what its predictions have put out becomes assets."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated

import anyio
import structlog
from aiohttp import web
from pydantic import Field, ValidationError
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from typing_extensions import TypedDict

from oven.domain.asset import Asset, AssetType
from oven.domain.caller import OWNER_RULE, is_owner
from oven.domain.errors import BadInputError, Code, ConflictError, NotFoundError, UnauthorizedError
from oven.domain.job import NewJob
from oven.domain.signing import is_signed_user
from oven.doors.access import require_loopback
from oven.doors.bodies import read_bytes
from oven.doors.description import Answer, Audience, Parameter, describes
from oven.doors.import_job import Wanted, import_job
from oven.doors.ports import Seal
from oven.doors.prediction import Prediction, wanted_of
from oven.doors.problems import MAX_BODY_BYTES, json_response
from oven.doors.submission import identity
from oven.doors.webhooks import SIGNATURE
from oven.pipeline.library import Library

SETTING = "REPLICATE_WEBHOOK_SECRET"
# Logs, and outputs that are texts, stand in a prediction, too.
MAX_LARGE_BYTES = 4 << 20
# Strangers may send large bodies before they are known for strangers.
LARGE_AT_ONCE = 4
HEADERS = tuple(Parameter(name=name, description=text) for name, text in SIGNATURE.items())
QUERY = (
    Parameter(name="user", description="For whom the assets are; the admin, where it is not given."),
    Parameter(
        name="signature",
        description="Beside `user`: HMAC-SHA256 in hex of `oven-replicate-user`, a newline and the user, by "
        f"the key of `{SETTING}`; `oven replicate-url` makes it.",
    ),
)
# JavaScript writes a prompt that was cut within an emoji so; it is no text in UTF-8.
HIGH, LOW = rb"\\u[dD][89abAB][0-9a-fA-F]{2}", rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
HALF_A_PAIR = re.compile(rb"%b(?!%b)|(?<!%b)%b" % (HIGH, LOW, HIGH.replace(b"{2}", b"[0-9a-fA-F]"), LOW))
log = structlog.get_logger("oven.replicate")


class PredictionAssetJson(TypedDict):
    """An asset of a prediction, on its way or there already."""

    id: str
    type: AssetType
    import_job_id: Annotated[str, Field(description="The job that brings it, or brought it.")]


class PredictionJson(TypedDict):
    """What a prediction has brought, in the order of its outputs; none where there is nothing to bring."""

    assets: list[PredictionAssetJson]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicateDoor:
    """`/api/v1/replicate/webhook`; `key` is what Replicate signs with, empty where none is known."""

    library: Library
    bucket: str
    key: bytes = field(repr=False)
    seal_url: Seal
    large: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(LARGE_AT_ONCE))

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/api/v1/replicate/webhook", self.receive)]

    @describes(
        "Take the outputs of a prediction",
        details="Posted by Replicate when a prediction ends. Each URL that it has put out becomes an asset; "
        "a repeat gives the assets of the first, and starts nothing. Whatever is authentic is answered 200, "
        "whether there is something in it or not.",
        audience=Audience.SIGNATURE,
        body=Prediction,
        query=QUERY,
        headers=HEADERS,
        answers={
            200: Answer(when="It is authentic, and its jobs, if any, are on disk.", shape=PredictionJson)
        },
        refusals={
            400: "The body broke off, or `user` can be no user.",
            503: "The queue is full, Oven is shutting down, or the operator has not opened this door.",
        },
    )
    async def receive(self, request: web.Request) -> web.Response:
        headers = self._headers(request)
        owner = self._owner(request)
        data = await self._read(request)
        if self.key:
            _verify(self.key, data, headers)
        prediction = _prediction(data)
        wanted = [] if prediction is None else wanted_of(prediction, owner)
        assets = await self._bring([self._new_job(each, owner) for each in wanted])
        if prediction is not None:
            log.info(
                "prediction_taken", prediction=prediction.id, status=prediction.status, assets=len(assets)
            )
        answer: PredictionJson = {"assets": [_asset_json(asset) for asset in assets]}
        return json_response(answer)

    def _headers(self, request: web.Request) -> dict[str, str]:
        """Take the headers that a webhook is signed by; without a key, look only where it comes from.

        Raises:
            ClosedError: DOOR_CLOSED.
            UnauthorizedError: AUTH_REQUIRED.

        """
        if not self.key:
            require_loopback(request, SETTING)
            return {}
        headers = {name: request.headers.get(name, "") for name in SIGNATURE}
        if missing := [name for name, value in headers.items() if not value]:
            raise UnauthorizedError(Code.AUTH_REQUIRED, f"the webhook is not signed: {missing[0]} is missing")
        return headers

    def _owner(self, request: web.Request) -> str:
        """Tell for whom a webhook is, as the address says which Replicate was given; empty for the admin.

        Raises:
            UnauthorizedError: AUTH_INVALID.
            BadInputError: FIELD_INVALID.

        """
        if not {"user", "signature"} & set(request.query):
            return ""
        user, signature = request.query.get("user", ""), request.query.get("signature", "")
        if self.key and not is_signed_user(self.key, user, signature=signature):
            raise UnauthorizedError(
                Code.AUTH_INVALID,
                "the address is not signed for this user",
                hint="oven replicate-url --user USER prints one that is.",
            )
        if not is_owner(user):
            raise BadInputError(Code.FIELD_INVALID, f"user must be {OWNER_RULE}")
        return user

    async def _read(self, request: web.Request) -> bytes:
        size = request.content_length
        if size is not None and size <= MAX_BODY_BYTES:
            return await read_bytes(request)
        async with self.large:
            return await read_bytes(request, MAX_LARGE_BYTES)

    def _new_job(self, wanted: Wanted, owner: str) -> NewJob:
        return import_job(
            wanted,
            owner=owner,
            bucket=self.bucket,
            sealed_url=self.seal_url(wanted.url),
            identity=identity("replicate", (), wanted.asset_id),
            # With quotes in it, it is a key that no caller of another door can send.
            key=f'"replicate {wanted.asset_id}"',
        )

    async def _bring(self, news: Sequence[NewJob]) -> list[Asset]:
        """Bring what has never been there, all of it or nothing → the assets that there are then.

        Raises:
            TransientError: QUEUE_FULL, SHUTTING_DOWN, STORE_UNAVAILABLE.

        """
        absent = [new for new in news if await self._find(new) is None]
        try:
            if absent:
                await self.library.service.submit_all(absent)
        except ConflictError:
            # Some were deleted, and do not come back; the others do not go with them.
            for new in absent:
                with suppress(ConflictError):
                    await self.library.service.submit(new)
        found = [await self._find(new) for new in news]
        return [asset for asset in found if asset is not None]

    async def _find(self, new: NewJob) -> Asset | None:
        if new.asset is None:
            return None
        try:
            return await self.library.get(new.asset.id, owner=new.owner)
        except NotFoundError:
            return None


def _verify(key: bytes, data: bytes, headers: dict[str, str]) -> None:
    """Let in what was signed with a key, five minutes ago at most.

    Raises:
        UnauthorizedError: AUTH_INVALID.

    """
    try:
        Webhook(key).verify(data, headers, json_parse=False)
    except (WebhookVerificationError, ValueError) as error:
        raise UnauthorizedError(
            Code.AUTH_INVALID,
            "the webhook is not signed by Replicate, or was more than five minutes ago",
            hint=f"The operator has to set {SETTING} to the secret of the account that sends it.",
            detail=str(error),
        ) from error


def _prediction(data: bytes) -> Prediction | None:
    """Read what is authentic; of what is no prediction nothing can be brought, now or later."""
    try:
        return Prediction.model_validate_json(HALF_A_PAIR.sub(rb"\\ufffd", data))
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False, include_context=False)[0]
        log.warning("prediction_not_understood", field=".".join(map(str, wrong["loc"])), reason=wrong["msg"])
        return None


def _asset_json(asset: Asset) -> PredictionAssetJson:
    return {"id": asset.id, "type": asset.type, "import_job_id": asset.job_id}
