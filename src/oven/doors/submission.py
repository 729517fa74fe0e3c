"""What every door that makes jobs asks of a request, and how it tells repeats."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from aiohttp import web

from oven.domain.errors import BadInputError, Code
from oven.domain.job import Acceptance, Accepted
from oven.doors.description import Answer, Parameter
from oven.doors.problems import json_response

KEY_HEADER = "Idempotency-Key"
MAX_KEY_CHARS = 128
KEY = re.compile(rf"[\x20\x21\x23-\x7e]{{1,{MAX_KEY_CHARS}}}")
REPLAYED_HEADER = "Idempotency-Replayed"
QUOTED = re.compile(r'"[^"]*"')

KEY_PARAMETER = Parameter(
    name=KEY_HEADER,
    description="The caller's own for this request, quoted or bare: for a day it gives the same job.",
    schema={"type": "string", "pattern": f'^("{KEY.pattern}"|{KEY.pattern})$'},
)
REFUSALS = {
    422: f"The {KEY_HEADER} came with another request before.",
    503: "The queue is full, Oven is shutting down, or the operator has not opened this door.",
}


def accepts(shape: type) -> Mapping[int, Answer]:
    """Describe what a submission is answered."""
    replayed = {REPLAYED_HEADER: f"`true` where the {KEY_HEADER} was known, so that nothing was started."}
    return {202: Answer(when="The job is on disk, and will end exactly once.", shape=shape, headers=replayed)}


def key_of(request: web.Request) -> str:
    """Read the caller's own key for a request, quoted (RFC 8941) or bare; empty where there is none.

    Raises:
        BadInputError: FIELD_INVALID.

    """
    given = request.headers.get(KEY_HEADER)
    if given is None:
        return ""
    key = given[1:-1] if QUOTED.fullmatch(given) else given
    if not KEY.fullmatch(key):
        raise BadInputError(
            Code.FIELD_INVALID, f"{KEY_HEADER} must be 1 to {MAX_KEY_CHARS} printable characters of ASCII"
        )
    return key


def accepted_answer(accepted: Accepted, body: Mapping[str, Any], *, status: int = 202) -> web.Response:
    """Answer; of a replay the header says that nothing new was started."""
    answer = json_response(body, status=status)
    if accepted.how is Acceptance.REPLAY:
        answer.headers[REPLAYED_HEADER] = "true"
    return answer


def unless_usual(*, reuse: bool) -> tuple[str, ...]:
    """Give what else of a request is part of its identity: of one that asks for the usual, nothing."""
    return () if reuse else ("anew",)


def identity(door: str, urls: Sequence[str], *rest: Any) -> str:
    """Give what is equal for requests that ask for the same.

    The same file is the same request, although signed URLs differ each time in their queries.
    """
    asked = [door, [url.partition("?")[0] for url in urls], *rest]
    return hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()
