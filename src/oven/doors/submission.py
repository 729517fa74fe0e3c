"""What every door that takes tapes asks of a request, and how it tells repeats."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from aiohttp import web

from oven.domain.errors import BadInputError, Code
from oven.domain.job import Acceptance, Accepted
from oven.doors.bodies import is_text
from oven.doors.ports import CheckUrl
from oven.doors.problems import FieldsError, json_response
from oven.recipes.tape_metadata import size_complaints

NAME = re.compile(r"(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
KEY_HEADER = "Idempotency-Key"
MAX_KEY_CHARS = 128
KEY = re.compile(rf"[\x20\x21\x23-\x7e]{{1,{MAX_KEY_CHARS}}}")
QUOTED = re.compile(r'"[^"]*"')
# A pointer, and what is wrong there.
Complaint = tuple[str, str]
BadUrl = tuple[str, BadInputError]


def wrong_names(names: Mapping[str, object]) -> list[Complaint]:
    """Complain of names that cannot stand in the key of an object; absent ones are none."""
    allowed = (
        "must be letters, digits, dots, dashes and underscores, at most 128, "
        "the first a letter or digit, without .."
    )
    return [
        (f"/{field}", f"{field} {allowed}")
        for field, value in names.items()
        if value is not None and not (is_text(value) and NAME.fullmatch(value))
    ]


def wrong_metadata(metadata: object) -> list[Complaint]:
    """Complain of metadata that is no object, or asks for a size that cannot be."""
    if metadata is None:
        return []
    if not isinstance(metadata, Mapping):
        return [("/metadata", "metadata must be an object")]
    return [
        (f"/metadata/{complaint.split()[0]}", f"metadata: {complaint}")
        for complaint in size_complaints(metadata)
    ]


def wrong_urls(given: Mapping[str, str], checks: Mapping[str, CheckUrl]) -> list[BadUrl]:
    """Complain of URLs that may not be reached, each with the check's own error."""
    wrong: list[BadUrl] = []
    for name, check in checks.items():
        try:
            check(given[name], name)
        except BadInputError as error:
            wrong.append((f"/{name}", error))
    return wrong


def refuse(wrong: Sequence[Complaint], urls: Sequence[BadUrl] = ()) -> None:
    """Raise all complaints at once, where there are any.

    Raises:
        FieldsError: FIELD_INVALID; URL_INVALID or URL_BLOCKED where nothing but URLs is wrong.

    """
    told = [*wrong, *((pointer, error.message) for pointer, error in urls)]
    if told and wrong:
        raise FieldsError(told)
    if told:
        raise FieldsError(told, code=urls[0][1].code, hint=urls[0][1].hint)


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


def accepted_answer(accepted: Accepted, body: Mapping[str, Any]) -> web.Response:
    """Answer 202; of a replay the header says that nothing new was started."""
    answer = json_response(body, status=202)
    if accepted.how is Acceptance.REPLAY:
        answer.headers["Idempotency-Replayed"] = "true"
    return answer


def identity(door: str, urls: Sequence[str], *rest: Any) -> str:
    """Give what is equal for requests that ask for the same.

    The same tape is the same request, although signed URLs differ each time in their queries.
    """
    asked = [door, [url.partition("?")[0] for url in urls], *rest]
    return hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()
