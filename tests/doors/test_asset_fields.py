"""The fields of requests about assets; what is refused is asked over HTTP in `test_media`."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from oven.domain.asset import AssetType
from oven.doors.asset_fields import AssetId, Folder, Label, Tags, Times, TypeField, UserId


@pytest.mark.parametrize(
    ("field", "given", "taken"),
    [
        (TypeField, "audio", AssetType.AUDIO),
        (Label, "a name", "a name"),
        (Label, None, None),
        (Label, "Screen Recording 3.04.05\u202fPM.mov", "Screen Recording 3.04.05\u202fPM.mov"),
        (Label, "👩\u200d🎨", "👩\u200d🎨"),
        (Folder, "", ""),
        (Tags, ["b", "a", "b"], ("b", "a")),
        (Tags, [], ()),
        (Times, [0, 1.5], (0.0, 1.5)),
        (Times, None, ()),
        (AssetId, "550E8400-E29B-41D4-A716-446655440000", "550e8400-e29b-41d4-a716-446655440000"),
        (UserId, "auth0|7", "auth0|7"),
    ],
)
def test_what_is_taken(field: Any, given: object, taken: object) -> None:
    """As it is used."""
    assert TypeAdapter(field).validate_python(given) == taken


@pytest.mark.parametrize("given", ["a\x00", "a\n", "a\x7f", "\ud83d", "a\u2028b", "a\u202eb", ""])
def test_what_is_no_name(given: str) -> None:
    """Characters that control, or turn the direction of writing, and halves of pairs."""
    with pytest.raises(ValidationError):
        TypeAdapter(Label).validate_python(given)
