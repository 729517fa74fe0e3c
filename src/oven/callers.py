"""Who is let in, put together: the admin's token, API keys, users' JWTs."""

import secrets
from functools import partial

from yarl import URL

from oven.adapters.clock import wall_ms
from oven.adapters.database.api_keys import ApiKeyTable
from oven.adapters.database.engine import Database
from oven.adapters.egress import Egress, EgressPolicy
from oven.adapters.key_set import KeySet, fetch_key_set
from oven.adapters.user_tokens import UserTokens
from oven.pipeline.identity import Identity
from oven.settings import Settings


def identity_of(settings: Settings, database: Database) -> Identity:
    """Make what knows users."""
    return Identity(
        keys=ApiKeyTable(database=database),
        tokens=UserTokens(
            secret=settings.jwt_secret.get_secret_value(),
            key_set=key_set_of(settings.jwks_url) if settings.jwks_url else None,
            audience=settings.jwt_audience,
            issuer=settings.jwt_issuer,
        ),
        now_ms=wall_ms,
        new_hex=secrets.token_hex,
    )


def key_set_of(address: str) -> KeySet:
    """Make what gives a provider's public keys."""
    url = URL(address)
    # The operator's own word: it may be private, and plain http, as a provider on this machine is.
    egress = Egress(policy=EgressPolicy(hosts=frozenset({url.host or ""})))
    return KeySet(fetch=partial(fetch_key_set, egress, url), now_ms=wall_ms)
