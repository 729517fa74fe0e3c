"""What doors that import stand on."""

from oven.domain.asset import AssetType
from oven.domain.job import Callback, NewJob
from oven.doors.import_job import Wanted
from oven.doors.importing import Importing
from oven.doors.telling import AskedToTell


def sealed(text: str) -> str:
    return f"sealed {text}" if text else ""


IMPORTING = Importing(
    bucket="b",
    check_source=lambda *_: None,
    check_callback=lambda *_: None,
    seal=sealed,
    seal_url=sealed,
)
FILM = Wanted(url="https://h/film.mp4?a", type=AssetType.VIDEO)


def job(wanted: Wanted = FILM, owner: str = "alice", callback: str = "", secret: str = "") -> NewJob:
    body = {"callbackUrl": callback, "callbackSecret": secret, "progressUrl": "https://h/p?q"}
    asked = AskedToTell.model_validate(body, context=IMPORTING.checks)
    return IMPORTING.job(wanted, owner=owner, asked=asked)


def test_what_is_sealed() -> None:
    """All addresses, and what signs the callback; without one there is no callback."""
    told = job(callback="https://h/done", secret="s")
    assert told.callback == Callback(url="sealed https://h/done", sealed_secret="sealed s")
    assert told.progress_url == "sealed https://h/p?q"
    assert told.request["url"] == "sealed https://h/film.mp4?a"
    assert job().callback is None
    unsigned = job(callback="https://h/done").callback
    assert unsigned is not None
    assert unsigned.sealed_secret == ""


def test_what_is_the_same() -> None:
    """The same file for the same owner, told at the same place, whatever the queries of its URLs."""
    same = job().identity
    assert job(Wanted(url="https://h/film.mp4?b", type=AssetType.VIDEO)).identity == same
    assert job(callback="https://h/done?a").identity == job(callback="https://h/done?b", secret="s").identity
    others = [
        job(owner="bob"),
        job(Wanted(url="https://h/other.mp4", type=AssetType.VIDEO)),
        job(Wanted(url="https://h/film.mp4", type=AssetType.AUDIO)),
        job(Wanted(url="https://h/film.mp4", type=AssetType.VIDEO, name="n")),
        job(callback="https://h/done"),
    ]
    assert len({same, *(each.identity for each in others)}) == len(others) + 1
