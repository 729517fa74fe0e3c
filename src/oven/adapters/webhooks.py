"""Messages to addresses of callers: checked, signed (Standard Webhooks), and posted once."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

import aiohttp
from standardwebhooks.webhooks import Webhook

from oven.adapters.egress import Egress
from oven.adapters.sealing import Sealer
from oven.domain.job import Callback
from oven.domain.signing import signing_key

CONNECT_TIMEOUT_S = 5.0
# Of an answer no more is read.
ANSWER_BYTES = 4_096
SUCCESS = range(200, 300)


class Answer(NamedTuple):
    """A receiver's answer; `retry_after` as it was written, empty where it was not."""

    status: int
    retry_after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Posts to receivers; `hosts` are the only ones where there are any.

    `token` is the operator's own, for the messages that go with it.
    """

    egress: Egress
    sealer: Sealer
    hosts: frozenset[str]
    token: str
    now_ms: Callable[[], int]

    async def post(
        self, message_id: str, to: Callback, body: Callable[[str], bytes], *, name: str, timeout_s: float
    ) -> Answer:
        """Send a message once; redirects are not followed.

        Args:
            message_id: its webhook-id.
            to: where, and signed by what.
            body: gives the bytes, of the secret that signs them.
            name: the field that the address came in.
            timeout_s: for all of it, the answer included.

        Raises:
            OvenError: why there was no answer.

        """
        token = self.token if to.is_bearer else ""
        url = self.egress.check(
            self.sealer.open_url(to.url), name, only=self.hosts, must_be_listed=bool(token)
        )
        secret = token or (self.sealer.open(to.sealed_secret) if to.sealed_secret else "")
        data = body(secret)
        headers = {"Content-Type": "application/json", **self._signature(message_id, data, secret)}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        limits = aiohttp.ClientTimeout(total=timeout_s, sock_connect=CONNECT_TIMEOUT_S)
        async with self.egress.request("POST", url, limits=limits, headers=headers, body=data) as response:
            # The status decides; what comes after it is read for politeness alone.
            with suppress(aiohttp.ClientError, OSError):
                await response.content.read(ANSWER_BYTES)
            return Answer(response.status, response.headers.get("Retry-After", ""))

    def _signature(self, message_id: str, body: bytes, secret: str) -> dict[str, str]:
        if not secret:
            return {}
        at = datetime.fromtimestamp(self.now_ms() // 1000, UTC)
        signature = Webhook(signing_key(secret)).sign(message_id, at, body.decode())
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signature,
        }


def host_of(url: str) -> str:
    """Give the host of a URL, with its port; of what is none, the whole."""
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return url
