"""Writing to a store that does not always answer."""

import pytest

from oven.domain.errors import BadInputError, Code, TransientError
from oven.pipeline import persist as module
from oven.pipeline.persist import persist


async def test_until_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What passes is waited out; anything else is told at once."""
    monkeypatch.setattr(module, "PAUSE_S", 0.001)
    answers: list[Exception | int] = [*[TransientError(Code.STORE_UNAVAILABLE, "x")] * 3, 7]

    async def change() -> int:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert await persist(change) == 7
    answers.append(BadInputError(Code.NOT_FOUND, "x"))
    with pytest.raises(BadInputError):
        await persist(change)
