"""Children that are asked; what they do with pictures stands with them."""

import sys

import pytest

from oven.adapters.decoding import ask_child
from oven.domain.errors import Code, TransientError

PROGRAM = """
import json, sys
asked = json.load(sys.stdin)
print(json.dumps({"done": 1}), flush=True)
print(json.dumps({"done": 2}), flush=True)
print(json.dumps({"result": asked}))
"""


async def test_a_question_and_its_answer() -> None:
    """With how far it is in between."""
    heard: list[int] = []
    answer = await ask_child(
        [sys.executable, "-I", "-S", "-c", PROGRAM],
        {"a": 1},
        what="it",
        around=(),
        timeout_s=20,
        take=heard.append,
    )
    assert (answer, heard) == ({"result": {"a": 1}}, [1, 2])


@pytest.mark.parametrize(
    ("script", "stall_s", "code", "message"),
    [
        ("exit 3", None, Code.ENCODE_CRASHED, "the process that decodes the thing ended before it was done"),
        ("true", None, Code.ENCODE_CRASHED, "the process that decodes the thing ended before it was done"),
        ("sleep 60", None, Code.ENCODE_TIMEOUT, "decoding the thing took more than 0.3 s"),
        ("sleep 60", 0.1, Code.ENCODE_STALLED, "decoding the thing was stopped because it had not moved"),
    ],
)
async def test_no_answer(script: str, stall_s: float | None, code: Code, message: str) -> None:
    """Judges nothing: it is tried again."""
    with pytest.raises(TransientError) as caught:
        await ask_child(
            ["/bin/sh", "-c", script], {}, what="the thing", around=(), timeout_s=0.3, stall_s=stall_s
        )
    assert caught.value.code is code
    assert caught.value.message.startswith(message)
