"""What Oven posts to receivers, proved to be from it (Standard Webhooks)."""

import base64
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from oven.client.errors import SignatureError

SECRET_PREFIX = "whsec_"  # noqa: S105 - a prefix, no secret


def verify_callback(body: bytes, headers: Mapping[str, str], secret: str) -> dict[str, Any]:
    """Prove a callback, or a post of progress → its JSON.

    A callback may come twice: know it by its `webhook-id`.

    Args:
        body: the bytes as they came, not parsed and written again.
        headers: the request's, in whatever case.
        secret: what was given as `callbackSecret`, whsec_… or plain.

    Raises:
        SignatureError: it is not from who knows the secret, is older than five minutes, or was changed.
        ValueError: there is no secret, which everybody would know.

    """
    if not secret:
        raise ValueError("a callback is proved by a secret; this one is empty")
    try:
        Webhook(_key(secret)).verify(body, dict(headers), json_parse=False)
        said = json.loads(body)
    except (WebhookVerificationError, ValueError, RecursionError) as error:
        raise SignatureError("SIGNATURE_INVALID", f"this is no callback of Oven's: {error}") from error
    if not isinstance(said, dict):
        raise SignatureError("SIGNATURE_INVALID", "this is no callback of Oven's: it is no JSON object")
    return said


def _key(secret: str) -> bytes:
    """Give the key as Oven does: of whsec_… the rest, decoded where it is base64; else the secret's bytes."""
    if secret.startswith(SECRET_PREFIX):
        with suppress(ValueError):
            if key := base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True):
                return key
    return secret.encode()
