"""`oven serve`: the daemon."""

from collections.abc import Sequence

import anyio

from oven.adapters.logs import configure_logs
from oven.cli.terminal import complain, fail
from oven.domain.errors import OvenError
from oven.settings import Settings, read_settings, unused


def serve() -> None:
    """Accept jobs over HTTP, do them, call back; until SIGTERM."""
    # A server's parts take a third of a second and 40 MB: other commands go without them.
    from oven import daemon  # noqa: PLC0415

    failures: list[OvenError] = []

    async def run(settings: Settings) -> None:
        try:
            await daemon.serve(settings, lambda address: complain(f"oven: listening on {address}\n"))
        except* OvenError as group:
            failures.extend(error for error in group.exceptions if isinstance(error, OvenError))

    try:
        settings = read_settings()
        configure_logs()
        for note in notes(settings, unused()):
            complain(f"oven: {note}\n")
        anyio.run(run, settings)
    except OvenError as error:
        raise fail(error, as_json=False) from error
    if failures:
        raise fail(failures[0], as_json=False) from failures[0]


def notes(settings: Settings, without_effect: Sequence[str] = ()) -> list[str]:
    """Say what an operator may not expect of these settings.

    Args:
        settings: the operator's.
        without_effect: variables that are set and mean nothing here.

    """
    said = [f"data and outputs are kept in {settings.data_dir}"]
    if not settings.callback_secret.get_secret_value():
        said.append("CALLBACK_SECRET is not set: /bake is open to clients on this machine, closed to others")
    if not settings.admin_token.get_secret_value():
        said.append(
            "OVEN_ADMIN_TOKEN is not set: /v1/jobs is open to clients on this machine, closed to others"
        )
    if without_effect:
        said.append(f"{', '.join(without_effect)}: accepted, and not used; Oven keeps its queue itself")
    return said
