"""Input as strangers may write it, for hypothesis: nearly right, and wrong in every way we know."""

import json
import zlib
from typing import Any

from hypothesis import strategies as st

from tests import pngs, zips

# Parts of names that some program, somewhere, takes for more than a name.
NAME_PARTS = st.sampled_from(
    [
        "a",
        "frame-00000.png",
        "..",
        ".",
        "",
        "/",
        "\\",
        "C:",
        "~",
        "\0",
        "\n",
        "é",
        "e\u0301",
        "ß",
        "\u202e",
        "%2e",
    ]
)
NAMES = st.lists(NAME_PARTS | st.text(max_size=3), max_size=6).map("".join)
KEYS = st.lists(NAME_PARTS | st.text(max_size=3), max_size=6).map("/".join)
SMALL = st.integers(0, 300)
# Sizes, offsets and counts that programs stumble over.
ODD_NUMBERS = SMALL | st.sampled_from([0xFFFF, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF, 0x06054B50])
MAYBE_ODD = st.none() | ODD_NUMBERS

ENTRIES = st.builds(
    zips.Entry,
    name=NAMES.map(lambda name: name.encode("utf-8", "surrogatepass")),
    data=st.binary(max_size=200),
    method=st.sampled_from([zips.STORED] * 4 + [zips.DEFLATED] * 4 + [9, 14, 99]),
    flags=st.sampled_from([zips.UTF8] * 8 + [0, 1, 8, 0x20, 0x40, 0x2000]),
    needs=st.sampled_from([20, 20, 20, 45, 99]),
    mode=st.sampled_from([zips.REGULAR] * 4 + [0, 0o120777, 0o020666, 0o040755]),
    extra=st.just(b"") | st.binary(max_size=30),
    packed=st.none() | st.binary(max_size=50),
    crc=st.none() | ODD_NUMBERS,
    size=MAYBE_ODD,
    packed_size=MAYBE_ODD,
    local_name=st.none() | st.binary(max_size=5),
    at=MAYBE_ODD,
)
GOOD_ENTRIES = st.builds(
    zips.Entry,
    name=st.integers(0, 9).map(lambda number: b"frame-%05d.png" % number),
    data=st.binary(max_size=200),
    method=st.sampled_from([zips.STORED, zips.DEFLATED]),
)
ENDS = st.none() | st.builds(
    zips.End,
    count=st.none() | st.integers(0, 0xFFFF),
    size=MAYBE_ODD,
    offset=MAYBE_ODD,
    comment=st.binary(max_size=60),
    before=st.just(b"")
    | st.builds(zips.zip64_end, count=ODD_NUMBERS, size=ODD_NUMBERS, offset=ODD_NUMBERS, at=ODD_NUMBERS),
)
ARCHIVES = st.builds(
    zips.archive, st.lists(GOOD_ENTRIES | ENTRIES, max_size=6), end=ENDS, prefix=st.binary(max_size=5)
)

HEADERS = st.builds(
    pngs.header,
    st.integers(1, 9) | st.sampled_from([0, 64, 0x7FFFFFFF, 0xFFFFFFFF]),
    st.integers(1, 9),
    depth=st.sampled_from([8] * 6 + [1, 2, 4, 16, 3]),
    color=st.sampled_from([0, 2, 3, 4, 6, 5]),
    compression=st.sampled_from([0] * 9 + [1]),
    filtering=st.sampled_from([0] * 9 + [1]),
    interlace=st.sampled_from([0] * 6 + [1, 2]),
)
CHUNKS = st.one_of(
    st.builds(
        pngs.chunk, st.sampled_from([b"PLTE", b"tRNS", b"tEXt", b"acTL", b"ABCD"]), st.binary(max_size=12)
    ),
    st.binary(max_size=90).map(lambda raw: pngs.chunk(b"IDAT", zlib.compress(raw))),
    st.builds(pngs.pixels, st.integers(1, 9), st.integers(1, 9), pixel_bytes=st.integers(1, 4)),
    st.just(pngs.END),
    HEADERS,
)


@st.composite
def pictures(draw: st.DrawFn) -> bytes:
    """Give a PNG whose pixels often go with its header."""
    width, height = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    color, samples = draw(st.sampled_from([(0, 1), (2, 3), (4, 2), (6, 4), (3, 1)]))
    head = pngs.header(width, height, color=color, interlace=draw(st.sampled_from([0, 0, 0, 1])))
    middle = draw(st.lists(CHUNKS, max_size=2))
    if color == 3:
        middle.append(pngs.chunk(b"PLTE", draw(st.binary(min_size=3, max_size=3 * 256))))
    rows = pngs.pixels(width, height, pixel_bytes=samples, filter_type=draw(st.integers(0, 5)))
    return pngs.picture(
        draw(st.just(head) | HEADERS), *middle, rows, *draw(st.lists(CHUNKS, max_size=2)), pngs.END
    )


MILLISECONDS = st.one_of(
    st.floats(0, 100),
    st.floats(),
    st.integers(-(10**400), 10**400),
    st.none(),
    st.booleans(),
    st.text(max_size=3),
)
ROWS = st.fixed_dictionaries(
    {},
    optional={
        "frame": st.integers(),
        "filename": st.sampled_from([f"frame-{n}.png" for n in range(4)]) | NAMES | st.integers(),
        "duration": MILLISECONDS,
        "timestamp": MILLISECONDS,
    },
)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)
TIMINGS = st.lists(ROWS, max_size=6) | ROWS.map(lambda row: {"frames": [row]}) | ANYTHING

HOSTS = st.one_of(
    st.sampled_from(
        ["tapes.example", "127.0.0.1", "0x7f.1", "[::1]", "[::ffff:10.0.0.1]", "2130706433", "localhost"]
    ),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(lambda address: f"[{address}]"),
    st.text("a.-_0123456789:@[]%xX①。\\/?#\t ", max_size=20),
)
URLS = st.builds(
    "{}://{}{}{}{}".format,
    st.sampled_from(["https", "https", "https", "HTTPS", "http", "file", "ftp", ""]),
    st.sampled_from(["", "", "", "user@", "u:p@", "@"]),
    HOSTS,
    st.sampled_from(["", "", "", ":443", ":80", ":0", ":99999", ":x", ":"]),
    st.sampled_from(["", "/", "/x?sig=1", "/#", "/#x", "\\x", "?x", "/\r\nX: y"]) | st.text(max_size=5),
)
BODIES = st.one_of(
    st.binary(max_size=40),
    st.dictionaries(st.sampled_from(["mongoId", "slug", "zipUrl", "code", "x"]), ANYTHING).map(
        lambda value: json.dumps(value).encode()
    ),
    st.integers(1, 60).map(lambda depth: b'{"x":' * depth + b"1" + b"}" * depth),
    st.integers(1, 60).map(lambda depth: b'{"x":' + b"[" * depth + b"]" * depth + b"}"),
)
