"""Who is told of a job."""

from oven.domain.job import Callback
from oven.doors.fields import Checks
from oven.doors.telling import AskedToTell, Telling


def telling(**body: str) -> Telling:
    asked = AskedToTell.model_validate(body, context=Checks(source=allow, callback=allow))
    return asked.telling(seal=lambda text: f"sealed {text}", seal_url=lambda url: f"sealed {url}")


def allow(text: str, name: str) -> None:
    """Let any address be told."""
    del text, name


def test_nobody() -> None:
    """Unless it is asked for; a secret alone tells nobody."""
    assert telling() == telling(callbackSecret="s") == Telling(progress_url="sealed ")


def test_what_is_kept_can_be_read_by_nobody_else() -> None:
    """URLs and the secret are sealed; the plain URL is for comparing requests."""
    said = telling(callbackUrl="https://h/?q", callbackSecret="s", progressUrl="https://h/p")
    callback = Callback(url="sealed https://h/?q", sealed_secret="sealed s")
    assert said == Telling("https://h/?q", callback, "sealed https://h/p")
    assert telling(callbackUrl="https://h/").callback == Callback(url="sealed https://h/")
