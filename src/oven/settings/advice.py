"""What would be wrong in production with settings that are right in themselves."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from oven.settings.kinds import MIB
from oven.settings.reading import Settings

# Standard Webhooks asks for 24 bytes; below this many a secret can be guessed.
SHORT_SECRET = 16
NOBODY_TO_TELL = (
    "CALLBACK_AUTH_TOKEN is set, and nobody is listed who may be told it (OVEN_CALLBACK_HOSTS): "
    "/convert is closed"
)
# DigitalOcean's own cache, whose host the site does not take videos from.
CACHE_LABEL = ".cdn."


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What is known of the machine: the memory that there is for us; settings whose folders are in memory."""

    memory_bytes: int
    in_memory: frozenset[str]


def advise(settings: Settings, machine: Machine) -> list[str]:
    """Say in a sentence each what an operator would regret."""
    return [*_doors(settings), *_results(settings), *_room(settings, machine)]


def _doors(settings: Settings) -> list[str]:
    # Who comes through a socket counts as public, wherever they are.
    others = "everybody" if settings.socket else "all but clients on this machine"
    said = []
    for name, secret, what in (
        ("CALLBACK_SECRET", settings.callback_secret, "/bake is closed"),
        ("MP4_SERVICE_TOKEN", settings.convert_token, "/convert is closed"),
        (
            "OVEN_ADMIN_TOKEN",
            settings.admin_token,
            "the admin's routes, by which jobs are steered, are closed",
        ),
    ):
        value = secret.get_secret_value()
        if not value:
            said.append(f"{name} is not set: {what} to {others}")
        elif len(value.encode()) < SHORT_SECRET:
            said.append(f"{name} has fewer than {SHORT_SECRET} bytes: it can be guessed")
    if not settings.may_send_token:
        said.append(NOBODY_TO_TELL)
    if urlsplit(settings.jwks_url).scheme == "http":
        said.append("OVEN_JWKS_URL is plain http: whoever is between can let anybody in")
    if settings.egress_allow:
        shown = ", ".join(sorted(settings.egress_allow))
        said.append(f"OVEN_EGRESS_ALLOW lets callers' URLs reach {shown}, although private")
    return said


def _results(settings: Settings) -> list[str]:
    said = []
    url = urlsplit(settings.public_url)
    if not settings.blobs_bucket:
        said.append(
            "AT_BLOBS_SPACES_BUCKET is not set: results are kept on this machine, and go with their jobs"
        )
        if not url.hostname:
            said.append("OVEN_PUBLIC_URL is not set: results' URLs lead to this machine's own address")
    if url.scheme == "http":
        said.append("OVEN_PUBLIC_URL is plain http: browsers will not load results into https pages")
    if CACHE_LABEL in f".{settings.blobs_cdn}.":
        said.append("AT_BLOBS_CDN is the cache's own host, from which the site takes no videos")
    return said


def _room(settings: Settings, machine: Machine) -> list[str]:
    said = []
    budget_mb = settings.memory_budget_mb
    if budget_mb is not None and budget_mb * MIB > machine.memory_bytes:
        said.append(
            f"OVEN_MEMORY_BUDGET_MB is {budget_mb:,}, "
            f"and there are {machine.memory_bytes // MIB:,} MB for Oven"
        )
    said += [f"{name} is in memory, which jobs would fill" for name in sorted(machine.in_memory)]
    return said
