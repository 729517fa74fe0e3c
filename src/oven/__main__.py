"""The entry of the `oven` command and of `python -m oven`."""

import signal


def main() -> None:
    """Start the command line; until it listens for signals itself, Ctrl-C just ends it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from oven.cli import main as command_line  # noqa: PLC0415 - importing takes a moment; see above

    command_line()


if __name__ == "__main__":
    main()
