"""Jobs of one kind; how they are listed and found is asked over HTTP with the doors that show them."""

from typing import TYPE_CHECKING, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from oven.domain.caller import ADMIN, Caller, Scope
from oven.domain.errors import NotFoundError
from oven.domain.job import JobRecord
from oven.doors.runs import Runs
from tests.doors.test_jobs import RECORD

if TYPE_CHECKING:
    from oven.doors.access import Access
    from oven.pipeline.service import Service


class Records:
    """A service that knows one job."""

    async def get(self, job_id: str, *, owner: str | None) -> JobRecord:
        del job_id, owner
        return RECORD


class Everybody:
    """Lets everybody in, as the admin."""

    async def caller(self, request: web.Request, scope: Scope) -> Caller:
        del request, scope
        return ADMIN


async def test_a_job_of_another_kind_is_not_there() -> None:
    """It is told in the word by which callers know those of this kind."""
    request = make_mocked_request("GET", "/x/j", match_info={"id": "j"})
    runs = {
        kind: Runs(
            service=cast("Service", Records()), access=cast("Access", Everybody()), kind=kind, named="export"
        )
        for kind in ("bake", "short")
    }
    assert await runs["bake"].asked(request, Scope.READ) == RECORD
    with pytest.raises(NotFoundError, match="there is no such export"):
        await runs["short"].asked(request, Scope.READ)
