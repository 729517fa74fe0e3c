"""The stores put together."""

from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from oven.adapters.storage.local import LocalStorage
from oven.adapters.storage.s3 import open_s3
from oven.domain.errors import BadInputError
from oven.recipes.steps import Target
from oven.settings import read_settings
from oven.stores import LOCAL_RESULTS, open_stores
from tests.s3 import ACCESS_KEY, SECRET_KEY, S3Server

BLOBS = {
    "AT_BLOBS_SPACES_BUCKET": "at-blobs-aesthetic-computer",
    "AT_BLOBS_SPACES_KEY": "k",
    "AT_BLOBS_SPACES_SECRET": "s",
}
ART = {"ART_SPACES_BUCKET": "art-aesthetic-computer", "ART_SPACES_KEY": "k", "ART_SPACES_SECRET": "s"}


async def results_url(folder: Path, **environment: str) -> str:
    local = LocalStorage(buckets={LOCAL_RESULTS: folder}, base_url="http://127.0.0.1:3000/files")
    async with open_stores(read_settings(environment), local) as stores:
        return stores.storage.url(Target(stores.results, "tapes/aBc.mp4"))


async def test_where_results_are_read(tmp_path: Path) -> None:
    """As the callers know it: on this machine, in the Space, on its own domain."""
    assert await results_url(tmp_path) == "http://127.0.0.1:3000/files/tapes/aBc.mp4"
    space = "https://at-blobs-aesthetic-computer.sfo3.digitaloceanspaces.com"
    assert await results_url(tmp_path, **BLOBS) == f"{space}/tapes/aBc.mp4"
    nyc3 = "https://nyc3.digitaloceanspaces.com"
    assert "computer.nyc3.digital" in await results_url(tmp_path, **BLOBS, AT_BLOBS_SPACES_ENDPOINT=nyc3)
    cdn = await results_url(tmp_path, **BLOBS, AT_BLOBS_CDN="at-blobs.aesthetic.computer")
    assert cdn == "https://at-blobs.aesthetic.computer/tapes/aBc.mp4"


async def test_sources_of_a_private_bucket(tmp_path: Path) -> None:
    """Are opened with its own key, by a link to it alone."""
    local = LocalStorage(buckets={LOCAL_RESULTS: tmp_path})
    async with open_stores(read_settings(BLOBS | ART), local) as stores:
        assert stores.sources is not None
        key = stores.sources.key_of("https://art-aesthetic-computer.sfo3.digitaloceanspaces.com/abcd1234.zip")
        assert key == "abcd1234.zip"
        link = await stores.sources.presign(key, expires_s=60)
        assert link.startswith(
            "https://art-aesthetic-computer.sfo3.digitaloceanspaces.com/abcd1234.zip?X-Amz-"
        )
        assert (
            stores.sources.key_of("https://at-blobs-aesthetic-computer.sfo3.digitaloceanspaces.com/a") is None
        )
        # What is only read from is not written to by anybody.
        assert set(stores.named) == {"AT_BLOBS_SPACES_BUCKET"}
    async with open_stores(read_settings(BLOBS), local) as stores:
        assert stores.sources is None


async def test_one_name_for_sources_and_results(tmp_path: Path) -> None:
    """Results go to the results' store, with its key, and have its address."""
    local = LocalStorage(buckets={LOCAL_RESULTS: tmp_path})
    both = (
        BLOBS
        | ART
        | {"ART_SPACES_BUCKET": "one", "AT_BLOBS_SPACES_BUCKET": "one", "AT_BLOBS_CDN": "c.example"}
    )
    async with open_stores(read_settings(both), local) as stores:
        assert stores.storage.url(Target(stores.results, "k")) == "https://c.example/k"
    named_as_ours = BLOBS | {"AT_BLOBS_SPACES_BUCKET": "results"}
    async with open_stores(read_settings(named_as_ours), local) as stores:
        assert stores.storage.url(Target(stores.results, "k")).startswith("https://results.sfo3.")


async def test_the_users_own_aws_settings_mean_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a profile that is not there nor a broken file nor a proxy."""
    (tmp_path / "config").write_text("[broken")
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    async with open_stores(read_settings(BLOBS), LocalStorage(buckets={})) as stores:
        assert stores.results == BLOBS["AT_BLOBS_SPACES_BUCKET"]


async def test_the_buckets_of_convert(tmp_path: Path) -> None:
    """Each with the one key, at its own address."""
    spaces = {"DO_SPACES_KEY": "k", "DO_SPACES_SECRET": "s", "OVEN_CONVERT_BUCKETS": "user-tapes, art-tapes"}
    async with open_stores(read_settings(spaces), LocalStorage(buckets={LOCAL_RESULTS: tmp_path})) as stores:
        assert sorted(stores.named) == ["OVEN_CONVERT_BUCKETS art-tapes", "OVEN_CONVERT_BUCKETS user-tapes"]
        url = stores.storage.url(Target("user-tapes", "auth0|1/wand.mp4"))
        assert url == "https://user-tapes.sfo3.digitaloceanspaces.com/auth0%7C1/wand.mp4"
    with pytest.raises(BadInputError, match="OVEN_CONVERT_BUCKETS needs DO_SPACES_KEY"):
        read_settings({"OVEN_CONVERT_BUCKETS": "user-tapes"})
    with pytest.raises(
        BadInputError, match="OVEN_CONVERT_BUCKETS has 'Bad_Name'; each must be a bucket's name"
    ):
        read_settings(spaces | {"OVEN_CONVERT_BUCKETS": "Bad_Name"})


async def test_the_rule_for_shorts(tmp_path: Path, s3: S3Server) -> None:
    """Is set in the bucket of assets, a day later than Oven removes; not where the operator sees to it."""
    media = {
        "S3_BUCKET": "shorts-kept",
        "S3_ENDPOINT": s3.endpoint,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    }
    local = LocalStorage(buckets={LOCAL_RESULTS: tmp_path})

    async def start(**environment: str) -> None:
        async with open_stores(read_settings(environment), local) as stores:
            await stores.keep_rules()

    async with open_s3(s3.account()) as client:
        await client.create_bucket(Bucket="shorts-kept")
        await start()
        await start(**media, OVEN_SHORTS_LIFECYCLE="false")
        with pytest.raises(ClientError, match="NoSuchLifecycleConfiguration"):
            await client.get_bucket_lifecycle_configuration(Bucket="shorts-kept")
        for hours, days in (("24", 2), ("1", 2), ("24.5", 3), ("168", 8)):
            await start(**media, OVEN_SHORT_KEEP_HOURS=hours)
            told = await client.get_bucket_lifecycle_configuration(Bucket="shorts-kept")
            (rule,) = told["Rules"]
            assert (rule["ID"], rule["Filter"]) == ("oven-shorts", {"Prefix": "exports/"})
            assert rule["Expiration"] == {"Days": days}
