"""One Caddy before one daemon, for all tests that stop neither."""

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from tests.daemons import Daemon, running_daemon
from tests.deploy.front import Place, new_place, running_caddy, visiting

ADMIN_TOKEN = "the-admins-token"
SECRETS = {
    "OVEN_ADMIN_TOKEN": ADMIN_TOKEN,
    "CALLBACK_SECRET": "the-sites-secret",
    "REPLICATE_WEBHOOK_SECRET": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz",
}


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return new_place(tmp_path_factory.mktemp("front"))


@pytest.fixture(scope="session")
def front(place: Place) -> Iterator[Daemon]:
    """The daemon behind Caddy, with its secrets set."""
    settings = {"OVEN_SOCKET": str(place.socket), "OVEN_PUBLIC_URL": place.base, **SECRETS}
    with running_daemon(place.folder / "data", **settings) as daemon, running_caddy(place):
        yield daemon


@pytest.fixture
async def visitor(place: Place, front: Daemon) -> AsyncIterator[aiohttp.ClientSession]:
    del front
    async with visiting(place) as client:
        yield client


@pytest.fixture
async def admin(place: Place, front: Daemon) -> AsyncIterator[aiohttp.ClientSession]:
    del front
    async with visiting(place, headers={"Authorization": f"Bearer {ADMIN_TOKEN}"}) as client:
        yield client
