"""What doors ask of the world, in our words."""

from collections.abc import Callable
from typing import Protocol

from aiohttp import web

from oven.recipes.steps import Target

Seal = Callable[[str], str]
# Finds the place of an object, by bucket and key, where a request may write to that bucket.
PlaceFor = Callable[[str, str], Target | None]


class Door(Protocol):
    """Some routes, with what answers them."""

    def routes(self) -> list[web.RouteDef]: ...


class CheckUrl(Protocol):
    """Checks a URL from a field before anything is accepted."""

    def __call__(self, text: str, name: str) -> object:
        """Refuse what may not be reached.

        Raises:
            BadInputError: URL_INVALID, URL_BLOCKED.

        """
        ...
