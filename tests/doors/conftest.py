"""One daemon for all tests of doors, with its secrets set."""

import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from PIL import Image

from tests.daemons import Daemon, running_daemon
from tests.exports import Exporter, Shelf, exporting, filled_shelf

ADMIN = {"Authorization": "Bearer the admin's token", "X-Forwarded-For": "203.0.113.9"}
# What a proxy on this machine adds: the client behind it is not on loopback.
OUTSIDE = {"X-Forwarded-For": "203.0.113.9"}


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The daemon's folder."""
    return tmp_path_factory.mktemp("doors") / "data"


@pytest.fixture(scope="session")
def daemon(data: Path) -> Iterator[Daemon]:
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


@pytest.fixture(scope="session")
async def shelf(daemon: Daemon, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shelf]:
    """What can be exported, and what cannot."""
    picture = io.BytesIO()
    Image.new("RGBA", (16, 16), (200, 10, 10, 128)).save(picture, "PNG")
    async with (
        exporting(daemon, **ADMIN) as admin,
        filled_shelf(admin, tmp_path_factory.mktemp("shelf"), picture.getvalue()) as shelf,
    ):
        yield shelf


@pytest.fixture
async def alice(daemon: Daemon) -> AsyncIterator[Exporter]:
    """A user with a key of her own."""
    async with exporting(daemon, **ADMIN) as ask:
        _, key = await ask.ask("POST", "/v1/keys", json={"owner": "alice"})
        ask.headers["Authorization"] = f"Bearer {key['key']}"
        yield ask
