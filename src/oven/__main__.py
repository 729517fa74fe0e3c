"""Lets `python -m oven` be the `oven` command."""

from oven.cli import main

if __name__ == "__main__":
    main()
