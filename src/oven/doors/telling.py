"""Who is told of a job: by its callback at the end, by posts of its progress meanwhile."""

from typing import Annotated, NamedTuple

from pydantic import Field

from oven.domain.job import Callback
from oven.doors.asset_fields import OptionalSecret
from oven.doors.fields import Asked, ProgressUrl
from oven.doors.ports import Seal


class Telling(NamedTuple):
    """Who is told of a job's end, and of its progress, by a sealed URL; `url` is the callback's, unsealed."""

    url: str = ""
    callback: Callback | None = None
    progress_url: str = ""


class AskedToTell(Asked):
    """The fields of a request that say who is told."""

    callback_url: Annotated[ProgressUrl, Field(description="Where the end is told, by https.")] = ""
    callback_secret: OptionalSecret = ""
    progress_url: ProgressUrl = ""

    def telling(self, *, seal: Seal, seal_url: Seal) -> Telling:
        """Give what is kept of these fields: nothing of it can be read by others."""
        callback = (
            Callback(
                url=seal_url(self.callback_url),
                sealed_secret=seal(self.callback_secret) if self.callback_secret else "",
            )
            if self.callback_url
            else None
        )
        return Telling(url=self.callback_url, callback=callback, progress_url=seal_url(self.progress_url))
