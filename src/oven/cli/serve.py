"""`oven serve`: the daemon."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

import anyio

from oven.cli.terminal import complain, fail
from oven.domain.errors import BadInputError, Code, OvenError
from oven.settings import Settings, read_settings, unused
from oven.settings.advice import NOBODY_TO_TELL


def serve() -> None:
    """Accept jobs over HTTP, do them, call back; until SIGTERM."""
    # A server's parts take a third of a second and 40 MB: other commands go without them.
    from oven import daemon  # noqa: PLC0415
    from oven.adapters.log_file import LogFile  # noqa: PLC0415
    from oven.adapters.logs import configure_logs  # noqa: PLC0415
    from oven.adapters.notify import find_manager  # noqa: PLC0415
    from oven.app import budget_of  # noqa: PLC0415

    failures: list[OvenError] = []

    async def run(settings: Settings) -> None:
        manager = find_manager()
        try:
            with manager.attended("starting"):
                await daemon.serve(
                    settings,
                    manager,
                    lambda address: _say(settings, "daemon_started", f"listening on {address}"),
                )
        except* OvenError as group:
            failures.extend(error for error in group.exceptions if isinstance(error, OvenError))

    try:
        settings = read_settings()
        _check_address(settings)
        file = None
        if settings.log_dir is not None:
            file = LogFile(folder=settings.log_dir, days=settings.log_days, now=partial(datetime.now, UTC))
        configure_logs(file=file)
        for note in (*notes(settings, unused()), f"memory for all jobs together: {budget_of(settings)}"):
            _say(settings, "note_given", note)
        anyio.run(run, settings)
    except OvenError as error:
        raise fail(error, as_json=False) from error
    if failures:
        raise fail(failures[0], as_json=False) from failures[0]


def _say(settings: Settings, event: str, text: str) -> None:
    """Tell the operator: in words where only a terminal hears it, else in the log."""
    if sys.stderr is not None and sys.stderr.isatty() and settings.log_dir is None:
        complain(f"oven: {text}\n")
    else:
        import structlog  # noqa: PLC0415 - see above

        structlog.get_logger("oven.daemon").info(event, message=text)


def _check_address(settings: Settings) -> None:
    """Refuse a socket without an address for clients: local outputs have URLs, a socket's path is none.

    Raises:
        BadInputError: SETTINGS_INVALID.

    """
    if settings.socket is not None and not settings.public_url:
        raise BadInputError(
            Code.SETTINGS_INVALID,
            "OVEN_SOCKET needs OVEN_PUBLIC_URL",
            hint="Set it to the address under which the proxy before the socket is reached.",
        )


def notes(settings: Settings, without_effect: Sequence[str] = ()) -> list[str]:
    """Say what an operator may not expect of these settings.

    Args:
        settings: the operator's.
        without_effect: variables that are set and mean nothing here.

    """
    said = [f"data and outputs are kept in {settings.data_dir}"]
    to_whom = (
        "closed, for who comes through a socket counts as public"
        if settings.socket
        else "open to clients on this machine, closed to others"
    )
    if not settings.callback_secret.get_secret_value():
        said.append(f"CALLBACK_SECRET is not set: /bake is {to_whom}")
    if not settings.convert_token.get_secret_value():
        said.append(f"MP4_SERVICE_TOKEN is not set: /convert is {to_whom}")
    if not settings.may_send_token:
        said.append(NOBODY_TO_TELL)
    if not settings.replicate_secret.get_secret_value():
        said.append(f"REPLICATE_WEBHOOK_SECRET is not set: Replicate's webhook is {to_whom}")
    if not settings.admin_token.get_secret_value():
        said.append(f"OVEN_ADMIN_TOKEN is not set: the admin's routes are {to_whom}")
    if without_effect:
        said.append(f"{', '.join(without_effect)}: accepted, and not used; Oven keeps its queue itself")
    return said
