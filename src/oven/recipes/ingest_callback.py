"""What a callback tells of an import: the members of its body, as the recipe makes them."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from oven.domain.asset import AssetType
from oven.recipes.tape_callback import Failed, JobId

AssetId = Annotated[str, Field(description="As the answer to the request had it.")]


class ImportEcho(TypedDict):
    """What the caller of an import knows it by."""

    asset_id: AssetId


class ImportReady(ImportEcho):
    """What is told of an asset that is there."""

    status: Literal["complete"]
    type: AssetType
    size: Annotated[int, Field(description="In bytes.")]
    checksum: Annotated[str, Field(description="SHA-256 in hex.")]
    metadata: Annotated[Mapping[str, Any], Field(description="What was found of it.")]


class ImportFailed(ImportEcho, Failed):
    """What is told of an asset that will not come."""


class ImportReadyJson(ImportReady):
    """The callback of an import that is done."""

    jobId: JobId


class ImportErrorJson(ImportFailed):
    """The callback of an import that failed, or was cancelled."""

    jobId: JobId
