"""What would be wrong in production."""

import pytest

from oven.settings import read_settings
from oven.settings.advice import Machine, advise

GOOD = {
    "CALLBACK_SECRET": "twenty-four bytes or more",
    "MP4_SERVICE_TOKEN": "twenty-four bytes or more",
    "OVEN_ADMIN_TOKEN": "twenty-four bytes or more",
    "AT_BLOBS_SPACES_BUCKET": "blobs",
    "AT_BLOBS_SPACES_KEY": "k",
    "AT_BLOBS_SPACES_SECRET": "s",
}
LARGE = Machine(memory_bytes=2 << 30, in_memory=frozenset())


def said(changes: dict[str, str] | None = None, machine: Machine = LARGE) -> str:
    return "\n".join(advise(read_settings(GOOD | (changes or {})), machine))


def test_nothing_to_say() -> None:
    """Of a machine that is set up well."""
    assert said() == ""
    assert said({"OVEN_PUBLIC_URL": "https://oven.example.com", "AT_BLOBS_CDN": "at-blobs.example.com"}) == ""


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"CALLBACK_SECRET": ""}, "CALLBACK_SECRET is not set: /bake is closed to all but clients on this"),
        ({"MP4_SERVICE_TOKEN": ""}, "MP4_SERVICE_TOKEN is not set: /convert is closed to all but clients"),
        ({"CALLBACK_AUTH_TOKEN": "x"}, "nobody is listed who may be told it (OVEN_CALLBACK_HOSTS)"),
        ({"OVEN_ADMIN_TOKEN": "short"}, "OVEN_ADMIN_TOKEN has fewer than 16 bytes: it can be guessed"),
        ({"OVEN_EGRESS_ALLOW": "10.0.0.0/8"}, "lets callers' URLs reach 10.0.0.0/8, although private"),
        ({"OVEN_PUBLIC_URL": "http://x.example"}, "OVEN_PUBLIC_URL is plain http"),
        ({"OVEN_JWKS_URL": "http://x.example/jwks.json"}, "OVEN_JWKS_URL is plain http"),
        ({"AT_BLOBS_CDN": "b.sfo3.cdn.digitaloceanspaces.com"}, "from which the site takes no videos"),
        (
            {"OVEN_MEMORY_BUDGET_MB": "3800"},
            "OVEN_MEMORY_BUDGET_MB is 3,800, and there are 2,048 MB for Oven",
        ),
    ],
)
def test_what_would_be_regretted(changes: dict[str, str], sentence: str) -> None:
    """In a sentence each, by the setting's name."""
    assert sentence in said(changes)
    assert len(said(changes).splitlines()) == 1


def test_doors_behind_a_socket() -> None:
    """Are closed to everybody, for nobody who comes through it is on this machine."""
    behind = {"OVEN_SOCKET": "/run/oven.sock", "OVEN_PUBLIC_URL": "https://oven.example.com"}
    assert (
        said(behind | {"CALLBACK_SECRET": ""}) == "CALLBACK_SECRET is not set: /bake is closed to everybody"
    )


def test_results_on_this_machine() -> None:
    """Go with their jobs, and their URLs lead to where nobody else is."""
    sentences = advise(read_settings({}), LARGE)
    assert [sentence.split(":")[0] for sentence in sentences] == [
        "CALLBACK_SECRET is not set",
        "MP4_SERVICE_TOKEN is not set",
        "OVEN_ADMIN_TOKEN is not set",
        "AT_BLOBS_SPACES_BUCKET is not set",
        "OVEN_PUBLIC_URL is not set",
    ]


def test_folders_in_memory() -> None:
    """Jobs would fill it."""
    machine = Machine(memory_bytes=2 << 30, in_memory=frozenset({"TEMP_DIR"}))
    assert said(machine=machine) == "TEMP_DIR is in memory, which jobs would fill"
