"""The names in queries: what a route does not know it refuses, so that no filter is lost in silence."""

from aiohttp import web

from oven.doors.problems import FieldsError


def check_names(request: web.Request, query: type) -> None:
    """Let names alone pass that the TypedDict of a route's query has.

    Raises:
        FieldsError: FIELD_INVALID, with what is allowed.

    """
    known = sorted(query.__annotations__)
    if unknown := sorted(set(request.query) - set(known)):
        allowed = f"it must be one of {', '.join(known)}" if len(known) > 1 else f"only {known[0]} is one"
        raise FieldsError([(f"/{name}", f"{name} is no filter; {allowed}") for name in unknown])
