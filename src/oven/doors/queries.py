"""Queries: the names that a route knows, choices among words, and pages of lists."""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, TypeVar

from aiohttp import web
from pydantic import Field

from oven.doors.problems import FieldsError

DEFAULT_PAGE, MAX_PAGE = 50, 200
# When the last of a page was made, in milliseconds, and its id.
CURSOR = re.compile(r"([0-9]{1,15})\.([0-9A-Za-z-]{1,64})")

PageSize = Annotated[int, Field(ge=1, le=MAX_PAGE, description=f"How many; {DEFAULT_PAGE} by default.")]
Cursor = Annotated[
    str,
    Field(pattern=f"^({CURSOR.pattern})?$", description="Where the page before said that the next begins."),
]
Choice = TypeVar("Choice", bound=StrEnum)


def check_names(request: web.Request, query: type) -> None:
    """Let names alone pass that the TypedDict of a route's query has, so that no filter is lost in silence.

    Raises:
        FieldsError: FIELD_INVALID, with what is allowed.

    """
    known = sorted(query.__annotations__)
    if unknown := sorted(set(request.query) - set(known)):
        allowed = f"it must be one of {', '.join(known)}" if len(known) > 1 else f"only {known[0]} is one"
        raise FieldsError([(f"/{name}", f"{name} is no filter; {allowed}") for name in unknown])


def choices(request: web.Request, name: str, kind: type[Choice]) -> list[Choice]:
    """Read a filter that may be given several times.

    Raises:
        FieldsError: FIELD_INVALID, with what is allowed.

    """
    try:
        return [kind(value) for value in request.query.getall(name, [])]
    except ValueError as error:
        raise FieldsError([(f"/{name}", f"{name} must be one of {', '.join(kind)}")]) from error


def page_size(request: web.Request) -> int:
    """Read how many are asked for.

    Raises:
        FieldsError: FIELD_INVALID.

    """
    limit = request.query.get("limit", str(DEFAULT_PAGE))
    if not re.fullmatch(r"[0-9]{1,3}", limit) or not 1 <= int(limit) <= MAX_PAGE:
        raise FieldsError([("/limit", f"limit must be a number from 1 to {MAX_PAGE}")])
    return int(limit)


def page_start(request: web.Request) -> tuple[int, str] | None:
    """Read after what a page begins, by its instant and its id; None for the first.

    Raises:
        FieldsError: FIELD_INVALID.

    """
    text = request.query.get("cursor", "")
    if not text:
        return None
    found = CURSOR.fullmatch(text)
    if found is None:
        raise FieldsError([("/cursor", "cursor must be where an earlier page said that the next begins")])
    return int(found[1]), found[2]


def next_cursor(listed: Sequence[tuple[int, str]], limit: int) -> str | None:
    """Say where the next page begins, after a page of (instant, id); None where it was the last."""
    if len(listed) < limit:
        return None
    created_ms, last_id = listed[-1]
    return f"{created_ms}.{last_id}"
