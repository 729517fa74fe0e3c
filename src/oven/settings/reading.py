"""Every environment variable that Oven reads: the settings, and what is wrong with them."""

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from pydantic import AliasChoices, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from oven.domain.errors import BadInputError, Code
from oven.settings.env_file import NAME, EnvFile, find_env_file, read_env_file
from oven.settings.kinds import UNITS_SHOWN, WrongItemError, is_size
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


@dataclass(frozen=True)
class Given:
    """What an operator has set: the variables of the environment, and of a file, whom the former overrule."""

    environment: Mapping[str, str]
    file: EnvFile | None

    @cached_property
    def variables(self) -> Mapping[str, str]:
        """All that count; an empty one counts as not set."""
        set_here = {name: value for name, value in self.environment.items() if value.strip()}
        in_file = {} if self.file is None else self.file.variables
        overruled = {name for name in in_file if name in set_here or _is_overruled(name, set_here)}
        kept = {name: in_file[name] for name in in_file.keys() - overruled if in_file[name].strip()}
        return set_here | kept

    def is_hidden(self, name: str) -> bool:
        """Whether a variable's value is not shown: it may be what stands on the next line of the file."""
        return name not in self.environment or not self.environment[name].strip()

    def where(self, name: str) -> str:
        """Give a variable's name, and where it stands if that is not the environment."""
        return f"{name} in {self.file.path}" if self.file and self.is_hidden(name) else name


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from environment variables, and from the file that they name.

    Raises:
        BadInputError: SETTINGS_INVALID, naming every mistake.

    """
    given = _gather(environment)
    variables, known = given.variables, {*names(), *OF_CLIENTS}
    mistakes = list(given.file.mistakes) if given.file else []
    mistakes += [
        _unknown(name, given.where(name))
        for name in sorted(variables)
        if name.startswith(PREFIX) and name not in known
    ]
    settings: Settings | None = None
    try:
        settings = Settings.model_validate(variables)
    except ValidationError as error:
        mistakes += [_wrong(complaint, given) for complaint in error.errors()]
    mistakes += _half_set(given)
    if "OVEN_CONVERT_BUCKETS" in variables and "DO_SPACES_KEY" not in variables:
        where = given.where("OVEN_CONVERT_BUCKETS")
        mistakes.append(f"{where} needs DO_SPACES_KEY and DO_SPACES_SECRET")
    if settings is None or mistakes:
        raise _invalid(mistakes)
    return settings


def _gather(environment: Mapping[str, str]) -> Given:
    """Read the file that the environment names, where it names one.

    Raises:
        BadInputError: SETTINGS_INVALID, it cannot be read: what else is wrong is not known without it.

    """
    path = find_env_file(environment)
    if path is None:
        return Given(environment, None)
    try:
        return Given(environment, read_env_file(path))
    except ValueError as error:
        raise _invalid([f"{path} ({NAME}) cannot be read: {error}"]) from error


def _is_overruled(name: str, environment: Mapping[str, str]) -> bool:
    """Whether the environment sets all that a variable of the file means, if by another name of it."""
    meant = [aliases for aliases in map(_names_of, Settings.model_fields.values()) if name in aliases]
    return bool(meant) and all(any(alias in environment for alias in aliases) for aliases in meant)


def _invalid(mistakes: list[str]) -> BadInputError:
    return BadInputError(
        Code.SETTINGS_INVALID,
        f"{len(mistakes)} mistake{'s' * (len(mistakes) > 1)} in the settings: {'; '.join(mistakes)}",
        hint="docs/configuration.md lists every setting with its meaning, default and limits.",
    )


def names() -> list[str]:
    """List the names of all environment variables that mean something; one may mean two things."""
    return list(dict.fromkeys(name for field in Settings.model_fields.values() for name in _names_of(field)))


def _names_of(field: FieldInfo) -> list[str]:
    alias = field.validation_alias
    return [str(name) for name in alias.choices] if isinstance(alias, AliasChoices) else [str(alias)]


def _half_set(given: Given) -> list[str]:
    """Name what is missing of stores that are set in part: a bucket cannot be opened without its keys."""
    missing = []
    for needed in STORES:
        there = [name for name in needed if name in given.variables]
        if there and len(there) < len(needed):
            lacking = " and ".join(name for name in needed if name not in given.variables)
            missing.append(f"{given.where(there[0])} needs {lacking}")
    return missing


def unused(environment: Mapping[str, str] = os.environ) -> list[str]:
    """List the variables that are set, taken and without effect.

    Raises:
        BadInputError: SETTINGS_INVALID, the file that the environment names cannot be read.

    """
    variables = _gather(environment).variables
    return [name for name in UNUSED if name in variables]


def _wrong(complaint: ErrorDetails, given: Given) -> str:
    """Say of a setting what it is and what it may be."""
    name = str(complaint["loc"][0])
    where, is_hidden = given.where(name), given.is_hidden(name)
    if complaint["type"] == "value_error":
        error = complaint["ctx"]["error"]
        return f"{where} {error.rule if is_hidden and isinstance(error, WrongItemError) else error}"
    field = next(field for field in Settings.model_fields.values() if name in _names_of(field))
    if complaint["type"] not in NUMERIC:
        return f"{where} is not what it must be: {complaint['msg'].lower()}"
    kind = "a whole number" if field.annotation in (int, int | None) else "a number"
    if is_size(field.metadata):
        kind = f"{kind} {UNITS_SHOWN}"
    bounds = {type(bound).__name__: bound for bound in field.metadata}
    at_least, above, at_most = (getattr(bounds.get(key), key.lower(), None) for key in ("Ge", "Gt", "Le"))
    allowed = f"from {at_least}" if above is None else f"above {above}"
    shown = "" if is_hidden else f"is {given.variables[name][:SHOWN]!r}; it "
    return f"{where} {shown}must be {kind} {allowed} to {at_most}"


def _unknown(name: str, where: str) -> str:
    near = difflib.get_close_matches(name, names(), 1, NEARNESS)
    return f"{where} is no setting of Oven" + (f"; did you mean {near[0]}?" if near else "")
