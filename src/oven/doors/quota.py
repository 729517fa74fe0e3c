"""What a user may still begin today, in JSON."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from oven.domain.instants import iso
from oven.domain.quota import Quota
from oven.pipeline.instants import Instant


class QuotaJson(TypedDict):
    """How many jobs of a kind a user may begin in a day (UTC)."""

    limit: Annotated[int, Field(description="How many a day.", ge=0)]
    used: Annotated[int, Field(description="How many of today count.", ge=0)]
    remaining: Annotated[int, Field(description="How many more may be begun today.", ge=0)]
    resets_at: Annotated[Instant, Field(description="When the next day begins.")]


def quota_json(quota: Quota) -> QuotaJson:
    return {
        "limit": quota.limit,
        "used": quota.used,
        "remaining": quota.remaining,
        "resets_at": iso(quota.resets_ms),
    }
