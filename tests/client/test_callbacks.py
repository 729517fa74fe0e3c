"""Callbacks, proved by the receiver as Oven signs them."""

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import anyio.to_thread
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from oven.client import Oven, SignatureError, verify_callback
from oven.domain.signing import signing_key
from tests.daemons import running_daemon
from tests.site import running_site
from tests.tapes import small_entries, write_zip

BASE64 = base64.b64encode(b"24 bytes that nobody kno").decode()
SECRETS = ["a secret that the site knows", f"whsec_{BASE64}", "whsec_", "whsec_no base64", "whsec_é", BASE64]


def signed(body: bytes, secret: str, *, age_s: float = 0.0) -> dict[str, str]:
    """Sign as Oven does."""
    at = datetime.now(UTC) - timedelta(seconds=age_s)
    signature = Webhook(signing_key(secret)).sign("m", at, body.decode())
    return {
        "Webhook-Id": "m",
        "WEBHOOK-TIMESTAMP": str(int(at.timestamp())),
        "webhook-signature": signature,
    }


async def test_callbacks_of_an_oven(tmp_path: Path) -> None:
    """What a daemon really sends is proved, by secrets of every form, and by no other."""
    async with running_site() as site:
        tape = write_zip(tmp_path / "t.zip", small_entries()).read_bytes()
        with running_daemon(tmp_path / "data") as daemon:
            oven = Oven(daemon.base)
            for number, secret in enumerate(SECRETS):
                site.files[f"/t{number}.zip"] = tape
                ask = site.ask(f"t{number}", callbackSecret=secret)
                submit = partial(oven.transport.ask, "POST", "/bake", body=ask)
                await anyio.to_thread.run_sync(submit)
            for callback in await site.wait_for(len(SECRETS)):
                sent = json.loads(callback.body)
                secret = SECRETS[int(sent["slug"].removeprefix("t"))]
                assert oven.verify_callback(callback.body, callback.headers, secret) == sent
                with pytest.raises(SignatureError):
                    verify_callback(callback.body, callback.headers, secret + "x")
                with pytest.raises(SignatureError):
                    verify_callback(callback.body + b" ", callback.headers, secret)


@given(st.text(min_size=1) | st.binary().map(lambda key: f"whsec_{base64.b64encode(key).decode()}"))
def test_any_secret(secret: str) -> None:
    """Gives the key that Oven signs with."""
    try:
        headers = signed(b"{}", secret)
    except UnicodeEncodeError:
        return
    assert verify_callback(b"{}", headers, secret) == {}


@pytest.mark.parametrize("age_s", [-400, 400])
def test_another_time(age_s: float) -> None:
    """Five minutes from now it is a callback no more: somebody may have kept it."""
    with pytest.raises(SignatureError, match="too"):
        verify_callback(b"{}", signed(b"{}", "s", age_s=age_s), "s")


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,é"},
        {"webhook-signature": "v1,AA=="},
        {"webhook-signature": "v2,a v1,b,c"},
        {"WEBHOOK-TIMESTAMP": "soon"},
        {"WEBHOOK-TIMESTAMP": "nan"},
        {"Webhook-Id": ""},
    ],
)
def test_bad_headers(change: dict[str, str]) -> None:
    """Are refused, and raise nothing else."""
    with pytest.raises(SignatureError):
        verify_callback(b"{}", {**signed(b"{}", "s"), **change}, "s")


@pytest.mark.parametrize("body", [b"[]", b"{", b"null"])
def test_what_oven_does_not_send(body: bytes) -> None:
    """Is no callback, although it is signed."""
    with pytest.raises(SignatureError):
        verify_callback(body, signed(body, "s"), "s")


def test_bytes_that_are_no_text() -> None:
    """Are no callback."""
    with pytest.raises(SignatureError):
        verify_callback(b"\xff", signed(b"{}", "s"), "s")


def test_no_secret() -> None:
    """Proves nothing: everybody knows it."""
    with pytest.raises(ValueError, match="empty"):
        verify_callback(b"{}", {}, "")
