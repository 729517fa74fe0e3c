"""The table of API keys."""

from pathlib import Path

from oven.adapters.database.api_keys import ApiKeyTable
from oven.adapters.database.engine import open_database
from oven.domain.caller import Scope
from oven.pipeline.identity import ApiKey


async def test_kept_and_listed(tmp_path: Path) -> None:
    """Newest first, all or an owner's; also by the next process."""
    made = [
        ApiKey(
            id=f"k{number}",
            owner=owner,
            scopes=frozenset({Scope.READ}),
            digest="d",
            created_ms=number,
            expires_ms=number + 5,
        )
        for number, owner in enumerate(("alice", "bob", "alice"))
    ]
    async with open_database(tmp_path) as database:
        for key in made:
            await ApiKeyTable(database=database).add(key)
    async with open_database(tmp_path) as database:
        table = ApiKeyTable(database=database)
        assert await table.all() == made[::-1]
        assert await table.all(owner="alice") == [made[2], made[0]]
        assert await table.get("k1") == made[1]
        assert (await table.get("k3"), await table.revoke("k3", now_ms=1)) == (None, None)
