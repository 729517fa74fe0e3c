"""An asset: a video, a sound or a picture that a user keeps here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

# Stands for a user where there is none: of the admin's own assets.
NOBODY = "_"
# In JSON: what a caller may keep with an asset.
MAX_METADATA_BYTES = 65_536


class AssetType(StrEnum):
    """What an asset is."""

    VIDEO = "video"
    AUDIO = "audio"
    IMAGE = "image"


class AssetStatus(StrEnum):
    """Where an asset stands: announced, on its way, there and proved, or never to come."""

    PENDING_UPLOAD = "PENDING_UPLOAD"
    UPLOADING = "UPLOADING"
    READY = "READY"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAsset:
    """An asset as it is announced; its object will stand under `key` in `bucket`.

    `metadata` is the caller's own, `facts` what is known of it already; the latter win.
    """

    id: str
    owner: str
    type: AssetType
    name: str
    status: AssetStatus
    bucket: str
    key: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    folder_id: str | None = None
    tags: tuple[str, ...] = ()
    # The store's own name of what a client sends in parts.
    upload: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetChange:
    """What becomes of an asset with the end of its job; `facts` win over the caller's metadata.

    `thumbnail_key` stands in the asset's own bucket.
    """

    id: str
    status: AssetStatus
    size_bytes: int = 0
    # SHA-256 in hex.
    checksum: str = ""
    thumbnail_key: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    # As a job's error stands in JSON.
    error: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """An asset as it is stored; instants are milliseconds since 1970, UTC.

    `metadata` is the caller's, `facts` what was found; `job_id` is the job that brings it, or brought it.
    """

    id: str
    owner: str
    type: AssetType
    name: str
    status: AssetStatus
    bucket: str
    key: str
    thumbnail_key: str
    size_bytes: int
    checksum: str
    metadata: Mapping[str, Any]
    facts: Mapping[str, Any]
    folder_id: str | None
    tags: tuple[str, ...]
    job_id: str
    error: Mapping[str, Any] | None
    created_ms: int
    updated_ms: int
    # The store's own name of what a client sends in parts.
    upload: str = ""
    deleted_ms: int | None = None

    @property
    def keys(self) -> list[str]:
        """List the keys of all its objects."""
        taken = [each["key"] for each in self.facts.get("thumbnails", ())]
        return [key for key in (self.key, self.thumbnail_key, *taken) if key]


def folder_of(owner: str, asset_id: str) -> str:
    """Give what the keys of an asset's objects begin with; of one that is the admin's own without an owner.

    >>> folder_of("alice", "550e8400")
    'media/alice/550e8400/'
    """
    return f"media/{owner or NOBODY}/{asset_id}/"
