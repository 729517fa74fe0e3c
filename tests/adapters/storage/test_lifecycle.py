"""The rule of a bucket that removes what Oven would have: on a real server."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import anyio
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from oven.adapters.clock import wall_ms
from oven.adapters.storage import lifecycle
from oven.adapters.storage.lifecycle import LifecycleRule
from oven.adapters.storage.lifecycle_document import ExpiryRule
from oven.adapters.storage.s3 import S3Storage, open_s3
from tests.faulty import FaultyStore, faulty_store
from tests.s3 import S3Server

BUCKET = "lifecycle"
PUT = ("PUT", f"/{BUCKET}?lifecycle")
OURS = {
    "ID": "oven-shorts",
    "Filter": {"Prefix": "exports/"},
    "Status": "Enabled",
    "Expiration": {"Days": 2},
}
TAG = {"Key": "a", "Value": "b"}
THEIRS: list[dict[str, Any]] = [
    {"ID": "a", "Filter": {"Prefix": "tmp/"}, "Status": "Enabled", "Expiration": {"Days": 7}},
    {
        "ID": "b",
        "Filter": {"And": {"Prefix": "x/", "Tags": [TAG, {"Key": "c", "Value": "d"}]}},
        "Status": "Enabled",
        "Expiration": {"Days": 3},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 4},
    },
    {
        "ID": "c",
        "Filter": {"And": {"Prefix": "y/", "Tags": [TAG]}},
        "Status": "Disabled",
        "Expiration": {"Days": 3},
    },
    {
        "ID": "d",
        "Filter": {"Tag": TAG},
        "Status": "Enabled",
        "Expiration": {"Date": "2030-01-01T00:00:00Z"},
    },
]


@pytest.fixture
async def store(s3: S3Server) -> AsyncIterator[FaultyStore]:
    """An empty bucket without rules, behind a proxy that sees what is asked."""
    async with open_s3(s3.account()) as client, faulty_store(s3.endpoint) as made:
        await client.create_bucket(Bucket=BUCKET)
        await client.delete_bucket_lifecycle(Bucket=BUCKET)
        yield made
        for found in (await client.list_objects_v2(Bucket=BUCKET)).get("Contents", []):
            await client.delete_object(Bucket=BUCKET, Key=found["Key"])


@pytest.fixture
async def rule(s3: S3Server, store: FaultyStore) -> AsyncIterator[LifecycleRule]:
    async with open_s3(replace(s3.account(), endpoint=store.base)) as client:
        yield LifecycleRule(
            store=S3Storage(client=client, bucket=BUCKET, base_url=""),
            rule=ExpiryRule(name="oven-shorts", prefix="exports/", days=2),
            setting="OVEN_SHORTS_LIFECYCLE",
            now_ms=wall_ms,
        )


async def rules(of: LifecycleRule) -> list[dict[str, Any]]:
    answer = await of.store.client.get_bucket_lifecycle_configuration(Bucket=BUCKET)
    found: list[dict[str, Any]] = answer["Rules"]
    return sorted(found, key=lambda each: str(each["ID"]))


async def test_the_rule_is_set_once(rule: LifecycleRule, store: FaultyStore) -> None:
    """The next start finds it, and writes nothing; one that was changed is set again."""
    is_well, said = await rule.look()
    assert is_well
    assert "is set when Oven starts" in said
    assert PUT not in store.seen
    with capture_logs() as told:
        await rule.ensure()
    assert [line["event"] for line in told] == ["lifecycle_rule_set"]
    assert await rules(rule) == [OURS]
    assert store.seen.count(PUT) == 1
    with capture_logs() as told:
        await rule.ensure()
    assert told == []
    assert store.seen.count(PUT) == 1
    assert await rule.look() == (
        True,
        "the rule oven-shorts of lifecycle stands: what is below exports/ goes after 2 days",
    )
    later = replace(rule, rule=replace(rule.rule, days=4))
    await later.ensure()
    assert await rules(rule) == [OURS | {"Expiration": {"Days": 4}}]


async def test_the_operators_rules(rule: LifecycleRule) -> None:
    """Stay as they were, with all of their conditions, however often ours is set."""
    await rule.store.client.put_bucket_lifecycle_configuration(
        Bucket=BUCKET, LifecycleConfiguration={"Rules": THEIRS}
    )
    before = await rules(rule)
    for days in (2, 3, 2):
        await replace(rule, rule=replace(rule.rule, days=days)).ensure()
    assert await rules(rule) == [*before, OURS]


async def test_what_stands_there_and_is_not_ours(rule: LifecycleRule, store: FaultyStore) -> None:
    """Is never removed by a rule that was not there before: none is set, and the operator is told."""
    await rule.store.client.put_object(Bucket=BUCKET, Key="exports/2019.csv", Body=b"x")
    in_three_days = replace(rule, now_ms=lambda: wall_ms() + 3 * 86_400_000)
    with capture_logs() as (told):
        await in_three_days.ensure()
    assert [(line["event"], line["log_level"]) for line in told] == [("lifecycle_rule_missing", "warning")]
    assert "older than 2 days" in told[0]["message"]
    assert told[0]["detail"] == "exports/2019.csv"
    assert PUT not in store.seen
    is_well, said = await in_three_days.look()
    assert not is_well
    assert "older than 2 days" in said
    # What is younger is a short.
    await rule.ensure()
    assert await rules(rule) == [OURS]


def refusal(status: int, code: str) -> Any:
    async def refuse(_: web.Request) -> web.Response:
        body = f"<?xml version='1.0'?><Error><Code>{code}</Code></Error>"
        return web.Response(status=status, body=body.encode(), content_type="application/xml")

    return refuse


async def say_nothing_sensible(_: web.Request) -> web.Response:
    return web.Response(body=b"<html><body>a portal</body></html>", content_type="text/html")


async def say_nothing(_: web.Request) -> web.Response:
    # Not that there are no rules: written as if there were none, ours would be the only one.
    return web.Response(body=b"", content_type="application/xml")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (say_nothing, "INTERNAL"),
        (refusal(403, "AccessDenied"), "STORAGE_DENIED"),
        (refusal(501, "NotImplemented"), "UPLOAD_FAILED"),
        (refusal(400, "WhoKnows"), "STORAGE_DENIED"),
        (say_nothing_sensible, "INTERNAL"),
    ],
)
async def test_a_store_that_will_not(rule: LifecycleRule, store: FaultyStore, answer: Any, code: str) -> None:
    """Is told of by one warning, with what to do; nothing fails by it."""
    store.instead = answer
    with capture_logs() as told:
        await rule.ensure()
    assert [(line["event"], line["log_level"], line["code"]) for line in told] == [
        ("lifecycle_rule_missing", "warning", code)
    ]
    assert "OVEN_SHORTS_LIFECYCLE=false" in told[0]["hint"]
    is_well, said = await rule.look()
    assert not is_well
    assert "does not stand" in said
    assert PUT not in store.seen


async def test_a_store_that_says_nothing(
    rule: LifecycleRule, store: FaultyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is not waited for."""
    monkeypatch.setattr(lifecycle, "LIMIT_S", 0.1)

    async def hang(_: web.Request) -> web.Response:
        await anyio.sleep_forever()
        raise AssertionError

    store.instead = hang
    with capture_logs() as told:
        await rule.ensure()
    assert [(line["event"], line["code"]) for line in told] == [("lifecycle_rule_missing", "UPLOAD_TIMEOUT")]
