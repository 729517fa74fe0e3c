"""The document's own examples, run as they stand."""

import re
import subprocess
import sys
from pathlib import Path

from oven.client import Oven
from tests.calls import call
from tests.client.conftest import IMAGE, VIDEO
from tests.daemons import running_daemon
from tests.site import Site

DOCUMENT = Path(__file__).parents[2] / "docs" / "client.md"
HOSTS = {"https://replicate.delivery/pbxt/abc123.mp4": VIDEO, "https://example.com/picture.png": IMAGE}


async def test_the_examples(tmp_path: Path, media: Site, clip: bytes) -> None:
    """One after the other, with this test's hosts and a real key in place of the document's."""
    script = "\n".join(re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL))
    for url, path in HOSTS.items():
        assert url in script
        script = script.replace(url, media.base + path)
    with running_daemon(tmp_path / "data", OVEN_ADMIN_TOKEN="s") as daemon:
        ask = Oven(daemon.base, "s").transport.ask
        key = (await call(ask, "POST", "/v1/keys", body={"owner": "bob"}))["key"]
        script = script.replace("oven_…", key).replace("http://127.0.0.1:3000", daemon.base)
        done = await call(
            subprocess.run,
            [sys.executable, "-W", "error", "-c", f"{script}\nprint(receive(b'', {{}}))"],
            cwd=tmp_path,
            env={"OVEN_URL": daemon.base, "OVEN_TOKEN": "s"},
            capture_output=True,
            text=True,
            check=False,
            timeout=50,
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "sunset.mp4").read_bytes() == clip
    assert (tmp_path / "shorter.mp4").stat().st_size
    lines = done.stdout.splitlines()
    assert lines[-1] == "401"
    assert "FIELD_INVALID" in done.stdout
    assert "['/tags']" in done.stdout
    assert re.fullmatch(r"(queued|started|finished) [0-9.]+ None", lines[-2])
