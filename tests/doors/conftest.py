"""One daemon for all tests of doors, with its secrets set."""

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from tests.daemons import Daemon, running_daemon

ADMIN = {"Authorization": "Bearer the admin's token", "X-Forwarded-For": "203.0.113.9"}
# What a proxy on this machine adds: the client behind it is not on loopback.
OUTSIDE = {"X-Forwarded-For": "203.0.113.9"}


@pytest.fixture(scope="session")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    data = tmp_path_factory.mktemp("doors") / "data"
    settings = {"CALLBACK_SECRET": "sésame", "OVEN_ADMIN_TOKEN": "the admin's token"}
    with running_daemon(data, **settings) as daemon:
        yield daemon


@pytest.fixture(scope="session")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon without secrets."""
    with running_daemon(tmp_path_factory.mktemp("closed") / "data") as daemon:
        yield daemon


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session
