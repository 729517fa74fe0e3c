"""What tests of the client share: sites with a tape, with a video and a picture."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from oven.client import Oven
from tests.calls import call
from tests.pngs import END, PIXELS, header, picture
from tests.site import Site, running_site
from tests.tapes import small_entries, write_zip

VIDEO, IMAGE, MISSING = "/v.mp4", "/p.png", "/gone.mp4"


async def bake(oven: Oven, site: Site, name: str = "tape", **changes: object) -> str:
    """Have the site's tape baked → the job's id."""
    site.files[f"/{name}.zip"] = site.files["/tape.zip"]
    said = await call(oven.transport.ask, "POST", "/bake", body=site.ask(name, **changes))
    return str(said["jobId"])


@pytest.fixture
async def media(clip: bytes) -> AsyncIterator[Site]:
    """A site with a video and a picture."""
    async with running_site() as site:
        site.files = {VIDEO: clip, IMAGE: picture(header(), PIXELS, END)}
        yield site


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with running_site() as site:
        site.files["/tape.zip"] = write_zip(tmp_path / "t.zip", small_entries(12)).read_bytes()
        yield site
