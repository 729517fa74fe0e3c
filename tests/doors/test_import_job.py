"""The job that brings an asset."""

import uuid

import pytest

from oven.domain.asset import AssetType
from oven.doors.import_job import Wanted, import_job, path_of
from oven.recipes.ingest_request import REQUESTS

URL = "https://h.example/a/caf%C3%A9.MOV?sig=canary"


def test_a_job_and_its_asset() -> None:
    """Both of one id, in one place, without the query of the URL."""
    wanted = Wanted(url=URL, type=AssetType.VIDEO, metadata={"a": 1}, tags=("t",), times_s=(1.5,))
    new = import_job(wanted, owner="alice", bucket="b", sealed_url="https://h.example/sealed", identity="i")
    asset, request = new.asset, REQUESTS.validate_python(new.request)
    assert asset is not None
    assert uuid.UUID(asset.id).version == 4
    assert (asset.owner, asset.name, asset.metadata, asset.tags) == ("alice", "café.MOV", {"a": 1}, ("t",))
    assert asset.key == f"media/alice/{asset.id}/original.mov"
    assert asset.facts == {"source_url": "https://h.example/a/caf%C3%A9.MOV"}
    assert (request.asset_id, request.target.key, request.url) == (
        *(asset.id, asset.key),
        "https://h.example/sealed",
    )
    assert (request.times_s, request.thumbnails) == ((1.5,), f"media/alice/{asset.id}/")
    assert (new.kind, new.owner, new.identity, new.key) == ("import", "alice", "i", "")
    assert new.output_key == f"b/{asset.key}"
    assert "canary" not in str(new)


def test_what_is_chosen() -> None:
    """The id, the name, whose it is; images have slots of their own."""
    wanted = Wanted(url="https://h/x", type=AssetType.IMAGE, name="n.png", asset_id="chosen")
    new = import_job(wanted, owner="", bucket="b", sealed_url="", identity="i", key="k")
    assert new.asset is not None
    assert (new.asset.id, new.asset.key) == ("chosen", "media/_/chosen/original.png")
    assert (new.kind, new.key) == ("image", "k")


@pytest.mark.parametrize(
    ("url", "path"), [("https://h/a%20b?c#d", "/a b"), ("https://h", ""), ("https://[", ""), ("", "")]
)
def test_paths(url: str, path: str) -> None:
    """Decoded; empty where there is none."""
    assert path_of(url) == path


def test_something_to_call_it_by() -> None:
    """What it is, where its URL has no name."""
    new = import_job(
        Wanted(url="https://h/", type=AssetType.AUDIO), owner="", bucket="b", sealed_url="", identity="i"
    )
    assert new.asset is not None
    assert new.asset.name == "audio"
