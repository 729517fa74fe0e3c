"""Two daemons for the main app: one keeps its results itself, one in a real S3 store."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from oven.adapters.storage.s3 import open_s3
from tests.daemons import Daemon, running_daemon
from tests.s3 import ACCESS_KEY, SECRET_KEY, S3Server
from tests.site import Site, running_site
from tests.tapes import tape_entries, write_zip

BUCKET = "user-aesthetic-computer"
TOKEN, CALLBACK, ADMIN = "7f3c of the service", "91d0 of callbacks", "5ab2 of the admin"
TAPE = "/auth0|123/wand-1729177200000.zip"
FRAMES = 25
# What a recorder writes of its last frame, whatever it was.
LAST_S = 0.01667
SETTINGS = {
    "MP4_SERVICE_TOKEN": TOKEN,
    "CALLBACK_AUTH_TOKEN": CALLBACK,
    "OVEN_CALLBACK_HOSTS": "127.0.0.1",
    "OVEN_ADMIN_TOKEN": ADMIN,
}


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """With nothing listed: any bucket is a folder."""
    with running_daemon(tmp_path_factory.mktemp("local") / "data", **SETTINGS) as daemon:
        yield daemon


@pytest.fixture(scope="session")
async def cloud(s3: S3Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Daemon]:
    """With one bucket listed, which is there."""
    async with open_s3(s3.account()) as client:
        await client.create_bucket(Bucket=BUCKET)
    spaces = {
        "OVEN_CONVERT_BUCKETS": BUCKET,
        "DO_SPACES_KEY": ACCESS_KEY,
        "DO_SPACES_SECRET": SECRET_KEY,
        "DO_SPACES_ENDPOINT": s3.endpoint,
    }
    with running_daemon(tmp_path_factory.mktemp("cloud") / "data", **SETTINGS, **spaces) as daemon:
        yield daemon


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """The main app's site, with one user's tape: 64 × 48 at 20 frames a second."""
    async with running_site() as made:
        tape = tape_entries([50.0 * number for number in range(FRAMES)], width=64, height=48)
        tape["metadata.json"] = json.dumps({"piece": "wand"}).encode()
        made.files[TAPE] = write_zip(tmp_path / "t.zip", tape).read_bytes()
        yield made
