"""The bake door: the site posts a tape, and is called back."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from oven.domain.errors import Code, UnauthorizedError
from oven.domain.job import Acceptance, Callback, NewJob
from oven.doors.access import require_loopback, same_secret
from oven.doors.bodies import read_object, require_texts
from oven.doors.ports import CheckUrl, Seal
from oven.doors.problems import JOB
from oven.doors.submission import (
    accepted_answer,
    identity,
    key_of,
    refuse,
    wrong_metadata,
    wrong_names,
    wrong_urls,
)
from oven.pipeline.service import Service
from oven.recipes.plan import Target
from oven.recipes.tape import TapeRequest

REQUIRED = ("mongoId", "slug", "zipUrl", "callbackUrl", "callbackSecret")


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

    async def submit(self, request: web.Request) -> web.Response:
        if not self.secret:
            require_loopback(request, "CALLBACK_SECRET")
        body = await read_object(request)
        given = require_texts(body, REQUIRED)
        if self.secret and not same_secret(given["callbackSecret"], self.secret):
            raise UnauthorizedError(Code.AUTH_INVALID, "callbackSecret is not the one that this Oven knows")
        new = self._new_job(body, given, key_of(request))
        accepted = await self.service.submit(new)
        record, how = accepted
        request[JOB] = record.id
        is_repeat = how is Acceptance.REPEAT
        return accepted_answer(
            accepted,
            {
                "status": "accepted",
                "jobId": record.id,
                "slug": given["slug"],
                "code": body.get("code"),
                "message": "the tape is being baked already" if is_repeat else "the tape will be baked",
            },
        )

    def _new_job(self, body: Mapping[str, Any], given: Mapping[str, str], key: str) -> NewJob:
        code, metadata = body.get("code"), body.get("metadata")
        urls = wrong_urls(given, {"zipUrl": self.check_source, "callbackUrl": self.check_callback})
        refuse([*wrong_names({"slug": given["slug"], "code": code}), *wrong_metadata(metadata)], urls)
        name = code or given["slug"]
        video = Target(self.bucket, f"tapes/{name}.mp4")
        echo = {"mongoId": given["mongoId"], "slug": given["slug"], "code": code}
        tape = TapeRequest(
            url=self.seal_url(given["zipUrl"]),
            video=video,
            thumbnail=Target(self.bucket, f"tapes/{name}-thumb.jpg"),
            metadata=metadata or {},
            echo=echo,
        )
        return NewJob(
            id=secrets.token_hex(16),
            kind="bake",
            owner="",
            identity=identity("bake", (given["zipUrl"], given["callbackUrl"]), echo, metadata),
            output_key=f"{video.bucket}/{video.key}",
            request=tape.as_json(),
            callback=Callback(
                url=self.seal_url(given["callbackUrl"]), sealed_secret=self.seal(given["callbackSecret"])
            ),
            key=key,
        )
