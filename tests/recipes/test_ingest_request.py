"""What is asked of an import."""

import orjson

from oven.domain.asset import AssetType
from oven.recipes.ingest_request import REQUESTS, IngestRequest
from oven.recipes.steps import Target


def test_a_request_survives_json() -> None:
    """Written as a job keeps it and read again, it is the same."""
    asked = IngestRequest(
        asset_id="a1",
        type=AssetType.IMAGE,
        target=Target("b", "k"),
        thumbnails="f/",
        times_s=(0.5,),
        echo={"asset_id": "a1"},
    )
    assert REQUESTS.validate_python(orjson.loads(orjson.dumps(asked.as_json()))) == asked
    assert asked.label == "the image"
