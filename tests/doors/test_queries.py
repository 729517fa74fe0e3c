"""Names in queries that nobody knows."""

import pytest
from aiohttp.test_utils import make_mocked_request
from typing_extensions import TypedDict

from oven.doors.problems import FieldsError
from oven.doors.queries import check_names


class One(TypedDict, total=False):
    """A query of one name."""

    owner: str


class Two(One, total=False):
    """A query of two."""

    limit: int


@pytest.mark.parametrize(
    ("query", "kind", "told"),
    [
        ("", One, []),
        ("owner=a&owner=b", One, []),
        ("limit=1&owner=a", Two, []),
        ("limit=1", One, [("/limit", "limit is no filter; only owner is one")]),
        (
            "z&a=1",
            Two,
            [
                ("/a", "a is no filter; it must be one of limit, owner"),
                ("/z", "z is no filter; it must be one of limit, owner"),
            ],
        ),
    ],
)
def test_what_is_known(query: str, kind: type, told: list[tuple[str, str]]) -> None:
    """Passes; all else is named at once."""
    request = make_mocked_request("GET", f"/?{query}")
    if not told:
        check_names(request, kind)
        return
    with pytest.raises(FieldsError) as refused:
        check_names(request, kind)
    assert refused.value.errors == told
