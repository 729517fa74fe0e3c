"""`oven replicate-url`: where Replicate is to send its webhooks."""

from typing import Annotated
from urllib.parse import urlencode

import typer

from oven.cli.terminal import fail, write
from oven.domain.caller import OWNER_RULE, is_owner
from oven.domain.errors import BadInputError, Code, OvenError
from oven.domain.signing import sign_user, signing_key
from oven.settings import Settings, read_settings

PATH = "/api/v1/replicate/webhook"


def replicate_url(
    *,
    user: Annotated[
        str | None, typer.Option(metavar="USER", help="Whose the assets will be; the admin's without it.")
    ] = None,
) -> None:
    """Print the address to give to Replicate as the webhook of predictions."""
    try:
        write(f"{address(read_settings(), user)}\n")
    except OvenError as error:
        raise fail(error, as_json=False) from error


def address(settings: Settings, user: str | None) -> str:
    """Give the address of the webhook, signed for a user where there is one.

    Raises:
        BadInputError: SETTINGS_INVALID, FIELD_INVALID.

    """
    secret = settings.replicate_secret.get_secret_value()
    for name, value in (("OVEN_PUBLIC_URL", settings.public_url), ("REPLICATE_WEBHOOK_SECRET", secret)):
        if not value:
            raise BadInputError(
                Code.SETTINGS_INVALID,
                f"{name} is not set",
                hint="It has to be set as it is for the daemon; docs/configuration.md says how.",
            )
    if user is None:
        return f"{settings.public_url}{PATH}"
    if not is_owner(user):
        raise BadInputError(Code.FIELD_INVALID, f"USER must be {OWNER_RULE}")
    query = urlencode({"user": user, "signature": sign_user(signing_key(secret), user)})
    return f"{settings.public_url}{PATH}?{query}"
