"""Every environment variable that Oven reads: the settings, and what is wrong with them."""

import difflib
import os
from collections.abc import Mapping

from pydantic import AliasChoices, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from oven.domain.errors import BadInputError, Code
from oven.settings.kinds import UNITS_SHOWN, is_size
from oven.settings.media import MediaSettings
from oven.settings.server import ServerSettings
from oven.settings.stores import StoreSettings
from oven.settings.tapes import TapeSettings

PREFIX = "OVEN_"
# Of a wrong value so many characters are shown.
SHOWN = 40
NUMERIC = {
    *("int_parsing", "int_from_float", "float_parsing", "finite_number", "int_parsing_size"),
    *("greater_than_equal", "greater_than", "less_than_equal", "less_than"),
}
# How alike two names must be, from 0 to 1, for one to be a slip of the other.
NEARNESS = 0.8
# What is set together.
STORES = (
    ("AT_BLOBS_SPACES_BUCKET", "AT_BLOBS_SPACES_KEY", "AT_BLOBS_SPACES_SECRET"),
    ("ART_SPACES_BUCKET", "ART_SPACES_KEY", "ART_SPACES_SECRET"),
    ("DO_SPACES_KEY", "DO_SPACES_SECRET"),
)
# What other services like these are configured with, and this one has no use for.
UNUSED = ("REDIS_URL", "WORKER_QUEUES", "WORKER_NAME")

# What the client reads (oven.client): a service that asks an Oven may share its environment with it.
OF_CLIENTS = ("OVEN_URL", "OVEN_TOKEN")


class Settings(ServerSettings, StoreSettings, TapeSettings, MediaSettings):
    """What an operator may set; each field's description says what it means, in which unit."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    @property
    def may_send_token(self) -> bool:
        """Whether the operator's own token, if there is one, has somebody who may be told it."""
        has_token = bool(self.callback_token.get_secret_value())
        return not has_token or bool(self.callback_hosts or self.egress_allow)


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from environment variables; an empty one counts as not set.

    Raises:
        BadInputError: SETTINGS_INVALID, naming every mistake.

    """
    given = {name: value for name, value in environment.items() if value.strip()}
    known = {*names(), *OF_CLIENTS}
    mistakes = [_unknown(name) for name in sorted(given) if name.startswith(PREFIX) and name not in known]
    settings: Settings | None = None
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        mistakes += [_wrong(complaint, given) for complaint in error.errors()]
    mistakes += _half_set(given)
    if "OVEN_CONVERT_BUCKETS" in given and "DO_SPACES_KEY" not in given:
        mistakes.append("OVEN_CONVERT_BUCKETS needs DO_SPACES_KEY and DO_SPACES_SECRET")
    if settings is None or mistakes:
        raise BadInputError(
            Code.SETTINGS_INVALID,
            f"{len(mistakes)} mistake{'s' * (len(mistakes) > 1)} in the settings: {'; '.join(mistakes)}",
            hint="docs/configuration.md lists every setting with its meaning, default and limits.",
        )
    return settings


def names() -> list[str]:
    """List the names of all environment variables that mean something; one may mean two things."""
    return list(dict.fromkeys(name for field in Settings.model_fields.values() for name in _names_of(field)))


def _names_of(field: FieldInfo) -> list[str]:
    alias = field.validation_alias
    return [str(name) for name in alias.choices] if isinstance(alias, AliasChoices) else [str(alias)]


def _half_set(given: Mapping[str, str]) -> list[str]:
    """Name what is missing of stores that are set in part: a bucket cannot be opened without its keys."""
    missing = []
    for needed in STORES:
        there = [name for name in needed if name in given]
        if there and len(there) < len(needed):
            lacking = " and ".join(name for name in needed if name not in given)
            missing.append(f"{there[0]} needs {lacking}")
    return missing


def unused(environment: Mapping[str, str] = os.environ) -> list[str]:
    """List the variables that are set, taken and without effect."""
    return [name for name in UNUSED if environment.get(name, "").strip()]


def _wrong(complaint: ErrorDetails, given: Mapping[str, str]) -> str:
    """Say of a setting what it is and what it may be."""
    name = str(complaint["loc"][0])
    if complaint["type"] == "value_error":
        return f"{name} {complaint['ctx']['error']}"
    field = next(field for field in Settings.model_fields.values() if name in _names_of(field))
    if complaint["type"] not in NUMERIC:
        return f"{name} is not what it must be: {complaint['msg'].lower()}"
    kind = "a whole number" if field.annotation is int else "a number"
    if is_size(field.metadata):
        kind = f"{kind} {UNITS_SHOWN}"
    bounds = {type(bound).__name__: bound for bound in field.metadata}
    at_least, above, at_most = (getattr(bounds.get(key), key.lower(), None) for key in ("Ge", "Gt", "Le"))
    allowed = f"from {at_least}" if above is None else f"above {above}"
    return f"{name} is {given[name][:SHOWN]!r}; it must be {kind} {allowed} to {at_most}"


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, names(), 1, NEARNESS)
    return f"{name} is no setting of Oven" + (f"; did you mean {near[0]}?" if near else "")
