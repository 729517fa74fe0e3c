"""The stores put together: which bucket is where, and opened with what."""

import math
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from oven.adapters.clock import wall_ms
from oven.adapters.private_source import PrivateSource
from oven.adapters.storage.addresses import bucket_url, is_path_style
from oven.adapters.storage.lifecycle import LifecycleRule
from oven.adapters.storage.lifecycle_document import ExpiryRule
from oven.adapters.storage.local import LocalStorage
from oven.adapters.storage.router import StorageRouter
from oven.adapters.storage.s3 import S3Account, S3Storage, open_s3
from oven.pipeline.storage import Storage
from oven.recipes.steps import Target
from oven.settings import Settings
from oven.settings.kinds import BUCKET

# Results that no bucket is set for are kept on this machine, under this name, which no bucket can have.
LOCAL_RESULTS = "local:results"
LOCAL_BUCKETS = "buckets"
# DigitalOcean signs for this region whichever datacenter a Space is in.
SPACES_REGION = "us-east-1"
# A net below Oven's own sweep: in the bucket of assets, a day later at least, what is below is shorts alone.
SHORTS_RULE, SHORTS = "oven-shorts", "exports/"
DAY_H = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Every store that is configured.

    `storage` is where results go, `results` the bucket of bakes, `media` that of assets, `sources` the
    private bucket that tapes may come from; `named` is every store that is written to, by the setting that
    names its bucket; `listed` are the buckets that a request may name; `shorts_rule` is what the bucket of
    assets should know of shorts, where that is Oven's to see to.
    """

    storage: StorageRouter
    results: str
    media: str
    sources: PrivateSource | None
    named: dict[str, tuple[str, Storage]]
    listed: frozenset[str]
    shorts_rule: LifecycleRule | None = None

    async def keep_rules(self) -> None:
        """See to it that buckets have the rules that they should; the log tells what is in the way."""
        if self.shorts_rule is not None:
            await self.shorts_rule.ensure()

    def place_for(self, bucket: str, key: str) -> Target | None:
        """Find the place of an object in a bucket that a request names; None where that may not be.

        Where no bucket is listed, any has a folder of its own among the local results.
        """
        if self.listed:
            return Target(bucket, key) if bucket in self.listed else None
        return Target(LOCAL_RESULTS, f"{LOCAL_BUCKETS}/{bucket}/{key}") if BUCKET.fullmatch(bucket) else None

    async def check(self) -> None:
        """Look whether results could be stored, and private sources read.

        Raises:
            OvenError: why not.

        """
        await self.storage.check()
        if self.sources is not None:
            await self.sources.storage.check_reading()


@asynccontextmanager
async def open_stores(settings: Settings, local: LocalStorage) -> AsyncIterator[Stores]:
    """Make a client for each account, once."""
    async with AsyncExitStack() as stack:

        async def bucket(account: S3Account, name: str, cdn: str = "") -> S3Storage:
            base = bucket_url(
                account.endpoint, name, region=account.region, addressing=settings.addressing, cdn=cdn
            )
            client = await stack.enter_async_context(open_s3(account))
            return S3Storage(client=client, bucket=name, base_url=base)

        stores: dict[str, Storage] = {LOCAL_RESULTS: local}
        named: dict[str, tuple[str, Storage]] = {}
        sources: PrivateSource | None = None
        shorts_rule: LifecycleRule | None = None
        if settings.blobs_bucket:
            account = _account(settings, settings.blobs_endpoint, settings.blobs_key, settings.blobs_secret)
            blobs = await bucket(account, settings.blobs_bucket, settings.blobs_cdn)
            stores[settings.blobs_bucket] = blobs
            named["AT_BLOBS_SPACES_BUCKET"] = (settings.blobs_bucket, blobs)
        if settings.art_bucket:
            account = _account(settings, settings.art_endpoint, settings.art_key, settings.art_secret)
            art = await bucket(account, settings.art_bucket)
            sources = PrivateSource(storage=art, bucket=settings.art_bucket, endpoint=settings.art_endpoint)
        if settings.media_bucket:
            account = _account(
                settings,
                settings.media_endpoint,
                settings.media_key,
                settings.media_secret,
                settings.media_region,
            )
            media = await bucket(account, settings.media_bucket, settings.media_cdn)
            stores[settings.media_bucket] = media
            named["S3_BUCKET"] = (settings.media_bucket, media)
            if settings.shorts_lifecycle:
                shorts_rule = _shorts_rule(media, settings.short_keep_hours)
        account = _account(settings, settings.spaces_endpoint, settings.spaces_key, settings.spaces_secret)
        for name in sorted(settings.convert_buckets):
            stores[name] = await bucket(account, name)
            named[f"OVEN_CONVERT_BUCKETS {name}"] = (name, stores[name])
        yield Stores(
            storage=StorageRouter(stores=stores),
            results=settings.blobs_bucket or LOCAL_RESULTS,
            media=settings.media_bucket or LOCAL_RESULTS,
            sources=sources,
            named=named,
            listed=settings.convert_buckets,
            shorts_rule=shorts_rule,
        )


def _shorts_rule(store: S3Storage, keep_hours: float) -> LifecycleRule:
    days = math.ceil(keep_hours / DAY_H) + 1
    rule = ExpiryRule(name=SHORTS_RULE, prefix=SHORTS, days=days)
    return LifecycleRule(store=store, rule=rule, setting="OVEN_SHORTS_LIFECYCLE", now_ms=wall_ms)


def _account(
    settings: Settings, endpoint: str, key: str, secret: SecretStr, region: str = SPACES_REGION
) -> S3Account:
    return S3Account(
        endpoint=endpoint,
        region=region,
        access_key=key,
        secret_key=secret.get_secret_value(),
        addressing="path" if endpoint and is_path_style(endpoint, settings.addressing) else "virtual",
    )
