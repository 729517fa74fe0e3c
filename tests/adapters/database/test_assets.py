"""The table of assets, beside what every such table promises (`tests/contract/test_assets.py`)."""

from pathlib import Path

from oven.adapters.database.assets import AssetTable
from oven.adapters.database.engine import open_database
from oven.domain.asset import AssetStatus
from oven.pipeline.assets import AssetFilter
from tests.contract.test_assets import asset


async def test_tags_are_found_as_they_are(tmp_path: Path) -> None:
    """Whatever characters are in them, and by their whole; one that is given twice is there once."""
    odd = ('a","b', "a\\", "%", "Ölmühle")
    async with open_database(tmp_path) as database:
        table = AssetTable(database=database)
        await table.add(asset(tags=(*odd, "%"), status=AssetStatus.PENDING_UPLOAD), now_ms=1)
        for tag in odd:
            assert len(await table.page(AssetFilter(tags=[tag]), owner=None, limit=9)) == 1
        for tag in ("b", "ölmühle", "a"):
            assert await table.page(AssetFilter(tags=[tag]), owner=None, limit=9) == []
