"""A file of settings in the form of dotenv: what it says, and what is wrong with how it says it."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv.parser import Binding, parse_stream

# What names the file.
NAME = "OVEN_ENV_FILE"
# Where systemd puts what LoadCredential= gives to a service, and the credential's name.
CREDENTIALS, CREDENTIAL = "CREDENTIALS_DIRECTORY", "oven.env"
# Settings are short: what is larger is another file.
MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvFile:
    """The variables of a file, and its mistakes, which repeat nothing of it: what stands there is secret."""

    path: Path
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    mistakes: tuple[str, ...] = ()


def find_env_file(environment: Mapping[str, str]) -> Path | None:
    """Give the file that the environment names, or else the one that the service manager gave, if it did."""
    if named := environment.get(NAME, "").strip():
        return Path(named).absolute()
    if folder := environment.get(CREDENTIALS, "").strip():
        given = Path(folder, CREDENTIAL)
        return given if _is_there(given) else None
    return None


def _is_there(path: Path) -> bool:
    """Whether there is something, be it what may not be looked at: then reading it says so."""
    try:
        path.lstat()
    except OSError as error:
        return not isinstance(error, FileNotFoundError | NotADirectoryError)
    return True


def read_env_file(path: Path) -> EnvFile:
    """Read a file; nothing in a value stands for another variable, and of two lines the last one counts.

    Raises:
        ValueError: why it cannot be read.

    """
    try:
        with path.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
        # Editors of Windows begin with a mark, and end lines with two signs.
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ValueError("it is not UTF-8") from error
    except OSError as error:
        raise ValueError((error.strerror or str(error)).lower()) from error
    if len(content) > MAX_BYTES:
        raise ValueError(f"it has more than {MAX_BYTES:,} bytes")
    if "\0" in text:
        raise ValueError("it is no text")
    variables: dict[str, str] = {}
    mistakes: list[str] = []
    for binding in parse_stream(io.StringIO(text)):
        if binding.error or (binding.key is not None and binding.value is None):
            mistakes.append(f"line {_line(binding)} in {path} is not NAME=VALUE")
        elif binding.key == NAME:
            mistakes.append(f"{NAME} in {path} has no effect there; set it in the environment")
        elif binding.key is not None and binding.value is not None:
            variables[binding.key] = binding.value
    return EnvFile(path=path, variables=variables, mistakes=tuple(mistakes))


def _line(binding: Binding) -> int:
    """Give the line on which a statement begins; empty lines before it are counted to it."""
    text = binding.original.string
    return binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")
