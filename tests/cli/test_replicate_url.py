"""`oven replicate-url`: an address that the daemon takes."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from oven.cli.replicate_url import PATH
from oven.domain.signing import sign_user
from tests.commands import run
from tests.routes import written_routes

BASE = "https://oven.example/media"
SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"


def test_an_address(environment: dict[str, str], tmp_path: Path) -> None:
    """Of the route that there is; for a user it is signed, whatever is in their name."""
    assert ("post", PATH) in written_routes()
    env = environment | {"OVEN_PUBLIC_URL": BASE, "REPLICATE_WEBHOOK_SECRET": SECRET}
    done = run("replicate-url", env=env, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{BASE}{PATH}\n", "")
    done = run("replicate-url", "--user", "auth0|a b+c&d", env=env, cwd=tmp_path)
    place, _, query = done.stdout.strip().partition("?")
    signature = sign_user(b"012345678901234567890123", "auth0|a b+c&d")
    assert (done.returncode, place) == (0, f"{BASE}{PATH}")
    assert parse_qs(query) == {"user": ["auth0|a b+c&d"], "signature": [signature]}
    assert urlsplit(done.stdout.strip()).fragment == ""


@pytest.mark.parametrize(
    ("settings", "user", "said"),
    [
        ({"REPLICATE_WEBHOOK_SECRET": SECRET}, "a", "OVEN_PUBLIC_URL is not set [SETTINGS_INVALID]"),
        ({"OVEN_PUBLIC_URL": BASE}, "a", "REPLICATE_WEBHOOK_SECRET is not set [SETTINGS_INVALID]"),
        ({"REPLICATE_WEBHOOK_SECRET": SECRET, "OVEN_PUBLIC_URL": BASE}, "../a", "USER must be one segment"),
    ],
)
def test_what_is_missing(
    environment: dict[str, str], tmp_path: Path, settings: dict[str, str], user: str, said: str
) -> None:
    """Is told by name; nothing is printed that would not be taken."""
    done = run("replicate-url", "--user", user, env=environment | settings, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
