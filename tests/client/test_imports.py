"""What is asked for with an import, as the API takes it."""

from uuid import UUID

from oven.client.imports import written

ID = "550e8400-e29b-41d4-a716-446655440000"


def test_a_body() -> None:
    """Has the API's names, ids as text, and nothing that was not given."""
    assert written(
        {
            "url": "https://example.com/v.mp4",
            "name": None,
            "asset_id": UUID(ID),
            "user_id": ID,
            "tags": (),
            "metadata": {"prompt": None},
            "callback_url": "https://example.com/done",
            "callback_secret": "s",
            "progress_url": "https://example.com/p",
        }
    ) == {
        "url": "https://example.com/v.mp4",
        "asset_id": ID,
        "user_id": ID,
        "tags": (),
        "metadata": {"prompt": None},
        "callbackUrl": "https://example.com/done",
        "callbackSecret": "s",
        "progressUrl": "https://example.com/p",
    }
