"""Jobs of one kind, as the door that has made them lists and finds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from aiohttp import web

from oven.domain.caller import Scope
from oven.domain.errors import Code, NotFoundError
from oven.domain.job import JobRecord, JobState
from oven.doors.access import Access
from oven.doors.queries import Choice, check_names, choices, next_cursor, page_size, page_start
from oven.pipeline.service import Service


class Page(NamedTuple):
    """Some jobs, newest first, and where the next page begins; None on the last."""

    records: Sequence[JobRecord]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """What there is of a `kind` for who asks; `named` is how callers say it, such as "export"."""

    service: Service
    access: Access
    kind: str
    named: str

    async def page(
        self, request: web.Request, query: type, statuses: Mapping[JobState, Choice], words: type[Choice]
    ) -> Page:
        """List those that a request asks for.

        Args:
            request: with the filter `status`, a page's size and a cursor.
            query: the TypedDict of what it may ask for.
            statuses: in the door's words, how a job of each state stands.
            words: all of those.

        Raises:
            FieldsError: FIELD_INVALID.
            OvenError: as `Access.caller`.

        """
        caller = await self.access.caller(request, Scope.READ)
        check_names(request, query)
        wanted = choices(request, "status", words)
        limit = page_size(request)
        records = await self.service.page(
            owner=caller.owner,
            states=[state for state, status in statuses.items() if status in wanted],
            kind=self.kind,
            before=page_start(request),
            limit=limit,
        )
        return Page(records, next_cursor([(record.created_ms, record.id) for record in records], limit))

    async def asked(self, request: web.Request, scope: Scope) -> JobRecord:
        """Find the one that a request names.

        Raises:
            NotFoundError: NOT_FOUND, also of jobs of other kinds.
            OvenError: as `Access.caller`.

        """
        caller = await self.access.caller(request, scope)
        missing = NotFoundError(Code.NOT_FOUND, f"there is no such {self.named}")
        try:
            record = await self.service.get(request.match_info["id"], owner=caller.owner)
        except NotFoundError as error:
            raise missing from error
        if record.kind != self.kind:
            raise missing
        return record
