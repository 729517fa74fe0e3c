"""Sources in a private bucket of the operator's, read with its own access key."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from oven.adapters.egress import Egress, EgressPolicy
from oven.adapters.storage.addresses import key_in_bucket
from oven.recipes.steps import Target

# The stores' client takes a third of a second to load: commands that open no store go without it.
if TYPE_CHECKING:
    from oven.adapters.storage.s3 import S3Storage


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateSource:
    """One bucket; its store is the operator's own, wherever it is."""

    storage: "S3Storage"
    bucket: str
    endpoint: str

    def key_of(self, url: str) -> str | None:
        """Give the key of the object that a URL names, None where it is not one of this bucket."""
        return key_in_bucket(url, self.endpoint, self.bucket)

    async def presign(self, key: str, *, expires_s: int) -> str:
        return await self.storage.presign(Target(self.bucket, key), expires_s=expires_s)

    def egress(self) -> Egress:
        """Give the way to this store, which may be on a private network, and to nothing else there."""
        host = urlsplit(self.endpoint).hostname or ""
        return Egress(policy=EgressPolicy(hosts=frozenset({host, f"{self.bucket}.{host}"})))
