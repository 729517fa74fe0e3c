"""What is asked for with an import, as the API takes it."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict
from uuid import UUID

from oven.client.answers import AssetType

# What seeds named in their own way, and the API keeps so.
WRITTEN = {
    "callback_url": "callbackUrl",
    "callback_secret": "callbackSecret",
    "progress_url": "progressUrl",
}


class ImportOptions(TypedDict, total=False):
    """What may be said of an import beside its URL; what is None is left out.

    `thumbnail_times` are seconds; `asset_id` is the caller's own choice: asked for again, it is the same
    asset. `user_id` is for whom the admin imports; a user's own key imports for that user.
    """

    name: str | None
    metadata: Mapping[str, Any] | None
    folder_id: str | UUID | None
    tags: Sequence[str]
    thumbnail_times: Sequence[float]
    asset_id: str | UUID | None
    user_id: str | UUID | None
    callback_url: str | None
    callback_secret: str | None
    progress_url: str | None


class Import(ImportOptions):
    """One of several imports."""

    url: str
    type: NotRequired[AssetType]


def written(options: Mapping[str, Any]) -> dict[str, Any]:
    """Give the body of a request."""
    return {
        WRITTEN.get(name, name): str(value) if isinstance(value, UUID) else value
        for name, value in options.items()
        if value is not None
    }
