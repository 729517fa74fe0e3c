"""Times that cannot be kept."""

import json
from collections.abc import Iterator
from typing import Any

from oven.domain.errors import Code
from tests.corpus.archives import MAX_FRAMES
from tests.corpus.case import BadTape, bad_tape
from tests.tapes import frame_names, small_entries

NAMES = frame_names(4)


def cases() -> Iterator[BadTape]:
    """Give every tape with bad times."""
    for name, text in (
        _no_json() | {name: json.dumps(value).encode() for name, value in _wrong().items()}
    ).items():
        yield bad_tape(f"times: {name}", Code.TIMING_INVALID, _timed(text), "timing.json")
    for name, value in _too_long().items():
        yield bad_tape(f"times: {name}", Code.DURATION_LIMIT, _timed(json.dumps(value).encode()))
    for name, value in {"of no frames": [], "of no frames, in an object": {"frames": []}}.items():
        yield bad_tape(f"times: {name}", Code.NO_FRAMES, _timed(json.dumps(value).encode()))


def _timed(text: bytes) -> dict[str, bytes]:
    return small_entries(4) | {"timing.json": text}


def _rows(**changes: Any) -> list[dict[str, Any]]:
    """Give good rows, the second of them changed; ... leaves a field out."""
    rows: list[dict[str, Any]] = [
        {"frame": n, "filename": name, "duration": 33.3, "timestamp": 33.3 * n}
        for n, name in enumerate(NAMES)
    ]
    rows[1] = {name: value for name, value in (rows[1] | changes).items() if value is not ...}
    return rows


def _no_json() -> dict[str, bytes]:
    rows = json.dumps(_rows())
    return {
        "nothing": b"",
        "a brace": b"{",
        "cut": rows[:-9].encode(),
        "twice": (rows * 2).encode(),
        "text": b"33.3 33.3 33.3 33.3",
        "YAML": b"- filename: frame-00000.png\n  duration: 33\n",
        "with a comment": b"// times\n" + rows.encode(),
        "with a comma too many": rows.replace("]", ",]").encode(),
        "in single quotes": rows.replace('"', "'").encode(),
        "NaN": rows.replace("33.3", "NaN", 1).encode(),
        "Infinity": rows.replace("33.3", "Infinity", 1).encode(),
        "a number of 10 000 digits": rows.replace("33.3", "9" * 10_000, 1).encode(),
        "1e999": rows.replace("33.3", "1e999", 1).encode(),
        "hexadecimal": rows.replace("33.3", "0x21", 1).encode(),
        "bytes that are no UTF-8": b'[{"filename": "\xff"}]',
        "UTF-16": rows.encode("utf-16"),
        "half a pair": b'[{"filename": "\\ud800", "duration": 9}]',
        "a control character": b'[{"filename": "a\nb", "duration": 9}]',
        "10 000 brackets": b"[" * 10_000,
        "nested 10 000 deep": b"[" * 10_000 + b"]" * 10_000,
        "nested 21 deep": b'[{"x":' + b"[" * 21 + b"]" * 21 + b"}]",
        "17 MB": b"[" + b" " * 17_000_000 + b"]",
        "zeros": bytes(500),
        "60 000 objects in one another": b"[" + b",".join([b'{"a":' * 19 + b"1" + b"}" * 19] * 3_200) + b"]",
        "a million empty lists": b"[" + b"[]," * 1_000_000 + b"[]]",
        "a million small objects": b"[" + b'{"a":1},' * 1_000_000 + b"{}]",
    }


def _wrong() -> dict[str, Any]:
    """Give times that are JSON, but no times."""
    fields: dict[str, dict[str, Any]] = {
        "a duration of -1": {"duration": -1},
        "a duration of -1e308": {"duration": -1e308},
        "a duration in words": {"duration": "33.3"},
        "a duration of true": {"duration": True},
        "a duration in a list": {"duration": [33.3]},
        "a timestamp in words": {"timestamp": "0"},
        "a timestamp of false": {"timestamp": False},
        "a timestamp that is an object": {"timestamp": {}},
        "no clock at all": {"timestamp": ..., "duration": ...},
        "a file that is not there": {"filename": "frame-00009.png"},
        "a file above": {"filename": "../frame-00001.png.x"},
        "an absolute file": {"filename": "/etc/passwd"},
        "a URL": {"filename": "http://203.0.114.7/x.png"},
        "a file by another case": {"filename": "Frame-00001.PNG"},
        "a file with NUL": {"filename": "frame-00001.png\0"},
        "a file that is a number": {"filename": 1},
        "a file that is empty": {"filename": ""},
        "a file that is the times": {"filename": "timing.json"},
        "a name of 100 000 characters": {"filename": "x" * 100_000},
        "one without a file": {"filename": ...},
    }
    return {name: _rows(**change) for name, change in fields.items()} | {
        "null": None,
        "true": True,
        "a number": 33.3,
        "a string": "frames",
        "an empty object": {},
        "frames that are an object": {"frames": {"0": {}}},
        "frames that are null": {"frames": None},
        "rows that are numbers": [33.3] * 4,
        "rows that are lists": [["frame-00000.png", 33.3]],
        "a row that is null": [*_rows()[:3], None],
        "too few, without names": [{"duration": 33.3}] * 3,
        "too many, without names": [{"duration": 33.3}] * 5,
        "one without times, the others by name": [*_rows()[:3], {}],
        "one frame, too often": _rows()[:1] * (MAX_FRAMES + 1),
        "100 000 rows": _rows()[:1] * 100_000,
    }


def _too_long() -> dict[str, Any]:
    return {
        "a frame of 11 days": _rows(duration=1e9, timestamp=...),
        "a frame of 1e308 ms": _rows(duration=1e308, timestamp=...),
        "all of 1e308 ms": [{"filename": name, "duration": 1e308} for name in NAMES],
        "601 s by timestamps": [
            {"filename": name, "timestamp": 200_400 * n, "duration": 33} for n, name in enumerate(NAMES)
        ],
        "a last frame of an hour": [*_rows()[:3], _rows()[3] | {"duration": 3.6e6}],
        "timestamps far apart": [
            {"filename": name, "timestamp": 1e300 * n, "duration": 33} for n, name in enumerate(NAMES)
        ],
        "timestamps since 1970 and before": [
            {"filename": name, "timestamp": -1.7e12 * (3 - n), "duration": 33} for n, name in enumerate(NAMES)
        ],
    }
