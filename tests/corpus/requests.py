"""Requests that are refused at once: bodies, fields, URLs, queries, paths, tokens."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import jwt

from oven.domain.errors import Code
from tests.corpus.case import BadRequest

# What a proxy on this machine adds: the client behind it is not on loopback.
OUTSIDE = {"X-Forwarded-For": "203.0.113.9"}
SECRET = "sésame öffne dich"
ADMIN = "the admin's token"
AS_ADMIN = {**OUTSIDE, "Authorization": f"Bearer {ADMIN}"}
SERVICE = "the service's token"
AS_SERVICE = {**OUTSIDE, "Authorization": f"Bearer {SERVICE}"}
# Whoever has this says who is a user.
PROVIDER = "the secret of a provider of identities"
USER = {"sub": "a", "exp": 9_999_999_999}
JOB = "0" * 32
IMPORT = "/api/v1/media/import-from-url"
EXPORTS = "/api/exports"
GOOD: dict[str, Any] = {
    "mongoId": "507f1f77bcf86cd799439011",
    "slug": "2025.10.17.14.20.0.123",
    "zipUrl": "https://tapes.example/tape.zip",
    "callbackUrl": "https://tapes.example/done",
    "callbackSecret": SECRET,
}
# URLs that are none, or none for us.
NO_URLS = {
    "text": "x",
    "a path": "/etc/passwd",
    "a path on this host": "//tapes.example/x",
    "file": "file:///etc/passwd",
    "ftp": "ftp://tapes.example/x",
    "gopher": "gopher://127.0.0.66:6379/_FLUSHALL",
    "javascript": "javascript:alert(1)",
    "data": "data:application/zip;base64,UEsFBg==",
    "ws": "wss://tapes.example/x",
    "plain http": "http://tapes.example/x",
    "no host": "https:///x",
    "nothing behind the scheme": "https://",
    "a user": "https://user@tapes.example/x",
    "a password": "https://user:pw@tapes.example/x",
    "an empty user": "https://@tapes.example/x",
    "a user that looks like a host": "https://tapes.example:443@127.0.0.66/x",
    "a fragment": "https://tapes.example/#x",
    "SSH's port": "https://tapes.example:22/x",
    "mail's port": "https://tapes.example:25/x",
    "port 80": "https://tapes.example:80/x",
    "port 0": "https://tapes.example:0/x",
    "a port too high": "https://tapes.example:99999/x",
    "a port below zero": "https://tapes.example:-1/x",
    "a port in words": "https://tapes.example:https/x",
    "a space in its host": "https://tapes .example/x",
    "an escape in its host": "https://tapes%2eexample/x",
    "an empty label": "https://tapes..example/x",
    "a dot first": "https://.example/x",
    "a dash first": "https://-tapes.example/x",
    "a label of 64": "https://" + "a" * 64 + ".example/x",
    "a host of 300": "https://" + "a." * 150 + "example/x",
    "a broken IPv6 address": "https://[::1/x",
    "no IPv6 address": "https://[tapes]/x",
    "broken Punycode": "https://xn--a/x",
    "a backslash for a slash": "https:\\\\127.0.0.66\\x",
    "a backslash in its host": "https://tapes.example\\@127.0.0.66/x",
    "loopback in circles": "https://①②⑦.⓪.⓪.⑥⑥/x",
    "loopback in full width": "https://\uff11\uff12\uff17.0.0.66/x",
    "loopback with ideographic dots": "https://127。0。0。66/x",
    "2 049 characters": "https://tapes.example/" + "x" * 2_027,
}
# 127.0.0.66 and other addresses that are not public, in many spellings; seen before anything is done.
BLOCKED = {
    "loopback": "127.0.0.66",
    "loopback, short": "127.66",
    "loopback, in one number": "2130706498",
    "loopback, hexadecimal": "0x7f000042",
    "loopback, octal": "017700000102",
    "loopback, mixed": "0x7f.0.0102",
    "loopback, with a dot": "127.0.0.66.",
    "loopback, at its end": "127.255.255.254",
    "IPv6 loopback": "[::1]",
    "IPv6 loopback, long": "[0:0:0:0:0:0:0:1]",
    "IPv4 in IPv6": "[::ffff:127.0.0.66]",
    "IPv4 in IPv6, hexadecimal": "[::ffff:7f00:42]",
    "IPv4 compatible": "[::127.0.0.66]",
    "translated": "[64:ff9b::7f00:42]",
    "translated, locally": "[64:ff9b:1::1]",
    "6to4": "[2002:7f00:42::]",
    "Teredo": "[2001:0:7f00:42::1]",
    "no address": "[::]",
    "any": "0.0.0.0",
    "zero": "0",
    "ten": "10.0.0.1",
    "172.16": "172.16.0.1",
    "172.31": "172.31.255.255",
    "192.168": "192.168.1.1",
    "carriers'": "100.64.0.1",
    "the cloud's own": "169.254.169.254",
    "the cloud's own, in one number": "2852039166",
    "the cloud's own in IPv6": "[fd00:ec2::254]",
    "link-local": "[fe80::1]",
    "link-local, with a zone": "[fe80::1%25eth0]",
    "site-local": "[fec0::1]",
    "unique": "[fc00::1]",
    "many": "224.0.0.1",
    "many, IPv6": "[ff02::1]",
    "all": "255.255.255.255",
    "reserved": "240.0.0.1",
    "for documents": "192.0.2.1",
    "for documents, IPv6": "[2001:db8::1]",
    "for benchmarks": "198.18.0.1",
    "relays": "192.88.99.1",
}


def by_admin(
    name: str, code: Code, path: str, body: str, *, method: str = "POST", status: int = 400, says: str = ""
) -> BadRequest:
    """Give a request of the admin's that is refused; `body` is JSON, or what is to be taken for it."""
    return BadRequest(
        name=f"{method} {path}: {name}",
        code=code,
        status=status,
        method=method,
        path=path,
        body=body.encode(),
        headers=AS_ADMIN,
        says=says,
    )


def cases() -> Iterator[BadRequest]:
    """Give every bad request."""
    yield from _urls()
    yield from _bodies()
    yield from _fields()
    yield from _conversions()
    yield from _imports()
    yield from _strangers()
    yield from _keys()
    yield from _queries()
    yield from _paths()
    yield from _dates()


def _bake(name: str, code: Code, change: dict[str, Any], *, status: int = 400, says: str = "") -> BadRequest:
    asked = {field: value for field, value in (GOOD | change).items() if value is not ...}
    body = json.dumps(asked).encode()
    return BadRequest(name=name, code=code, status=status, body=body, headers=OUTSIDE, says=says)


def _urls() -> Iterator[BadRequest]:
    for field in ("zipUrl", "callbackUrl"):
        for name, url in NO_URLS.items():
            yield _bake(f"{field}: {name}", Code.URL_INVALID, {field: url}, says=field)
        for name, host in BLOCKED.items():
            yield _bake(f"{field}: {name}", Code.URL_BLOCKED, {field: f"https://{host}/x"}, says=field)


def _bodies() -> Iterator[BadRequest]:
    good = json.dumps(GOOD).encode()
    bodies = {
        "nothing": b"",
        "a space": b" ",
        "a brace": b"{",
        "cut": good[:-5],
        "twice": good * 2,
        "an array": b"[" + good + b"]",
        "null": b"null",
        "a number": b"7",
        "a string": b'"mongoId"',
        "a form": b"mongoId=1&slug=2&zipUrl=3",
        "XML": b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]><x>&y;</x>",
        "bytes that are no UTF-8": good[:-1] + b', "x": "\xff"}',
        "UTF-16": json.dumps(GOOD).encode("utf-16"),
        "NaN": good[:-1] + b', "x": NaN}',
        "Infinity": good[:-1] + b', "x": -Infinity}',
        "half a pair": good[:-1] + b', "x": "\\ud800"}',
        "10 000 brackets": b"[" * 10_000,
        "nested 10 000 deep": b'{"x":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        "nested 21 deep": good[:-1] + b', "x":' + b"[" * 21 + b"]" * 21 + b"}",
        "with a comment": b"/* */" + good,
        "with a mark of byte order": b"\xef\xbb\xbf" + good,
        "a control character in a string": good[:-1] + b', "x": "a\x01b"}',
    }
    for path in ("/bake", "/bake-status", "/bake-complete", "/convert", IMPORT, f"{IMPORT}/batch", EXPORTS):
        headers = AS_ADMIN if path.startswith("/api") else AS_SERVICE
        for name, body in bodies.items():
            yield BadRequest(
                name=f"{path}: {name}",
                code=Code.BODY_INVALID,
                status=400,
                path=path,
                body=body,
                headers=headers,
            )
        large = BadRequest(
            name=f"{path}: a megabyte",
            code=Code.BODY_TOO_LARGE,
            status=413,
            path=path,
            body=b" " * (1 << 20),
            headers=headers,
        )
        yield large
        for coding in ("gzip", "deflate", "br", "x-unknown"):
            yield BadRequest(
                name=f"{path}: compressed by {coding}",
                code=Code.UNSUPPORTED_MEDIA,
                status=415,
                path=path,
                body=gzip.compress(bytes(1 << 20)),
                headers={**headers, "Content-Encoding": coding},
            )


def _fields() -> Iterator[BadRequest]:
    names = {
        "a folder above": "../x",
        "two dots": "a..b",
        "a slash": "a/b",
        "a backslash": "a\\b",
        "a dash first": "-rf",
        "a dot first": ".ssh",
        "a space": "a b",
        "129 characters": "a" * 129,
        "line breaks": "a\r\nX: y",
        "NUL": "a\0b",
        "right to left": "a\u202eb",
        "an accent": "é",
        "a percent sign": "%2e%2e",
        "a query": "a?x",
        "a number": 7,
        "a list": ["a"],
        "an object": {"a": 1},
        "true": True,
    }
    for field in ("slug", "code"):
        for name, value in names.items():
            yield _bake(f"{field}, a name: {name}", Code.FIELD_INVALID, {field: value}, says=field)
    for field in ("mongoId", "slug", "zipUrl", "callbackUrl", "callbackSecret"):
        for name, value in {"missing": ..., "null": None, "empty": ""}.items():
            yield _bake(f"{field}: {name}", Code.FIELD_INVALID, {field: value}, says=f"{field} is missing")
        for name, value in {
            "a list": [],
            "control characters": "a\x1b[31m",
            "5 000 characters": "a" * 5_000,
        }.items():
            yield _bake(f"{field}: {name}", Code.FIELD_INVALID, {field: value}, says=field)
    sizes = {
        "a size of one": {"scaledSize": [64]},
        "a size below zero": {"scaledSize": [-1, 64]},
        "half a pixel": {"scaledSize": [64.5, 64]},
        "a scale of nothing": {"scale": 0},
        "a scale in words": {"scale": "3"},
        "a scale beyond all": {"scale": 1e9},
    }
    for name, value in ({"text": "x", "a list": [1], "a number": 1} | sizes).items():
        yield _bake(f"metadata: {name}", Code.FIELD_INVALID, {"metadata": value}, says="metadata")


def _conversions() -> Iterator[BadRequest]:
    good: dict[str, Any] = {name: GOOD[name] for name in ("mongoId", "slug", "zipUrl", "callbackUrl")} | {
        "bucket": "art"
    }
    changes: dict[str, tuple[dict[str, Any], str]] = {
        "no bucket": ({"bucket": None}, "bucket is missing"),
        "a bucket above": ({"bucket": "../x"}, "bucket"),
        "a bucket in capitals": ({"bucket": "ART"}, "bucket"),
        "a bucket of nobody": ({"bucket": "a"}, "bucket"),
        "a slug above": ({"slug": "../x"}, "slug"),
        "a user above": ({"zipUrl": "https://tapes.example/%2e%2e/x.zip"}, "zipUrl"),
        "a user with a slash": ({"zipUrl": "https://tapes.example/a%2fb/x.zip"}, "zipUrl"),
        "a user with NUL": ({"zipUrl": "https://tapes.example/a%00/x.zip"}, "zipUrl"),
        "no mongoId": ({"mongoId": ""}, "mongoId is missing"),
        "metadata in words": ({"metadata": "x"}, "metadata"),
    }
    for name, (change, says) in changes.items():
        yield BadRequest(
            name=f"/convert: {name}",
            code=Code.FIELD_INVALID,
            status=400,
            path="/convert",
            body=json.dumps(good | change).encode(),
            headers=AS_SERVICE,
            says=says,
        )


def _imports() -> Iterator[BadRequest]:
    changes: dict[str, dict[str, Any]] = {
        "type: another": {"type": "film"},
        "type: a number": {"type": 1},
        "type: a list": {"type": ["video"]},
        "name: empty": {"name": ""},
        "name: line breaks": {"name": "a\r\nX: y"},
        "name: NUL": {"name": "a\0b"},
        "name: right to left": {"name": "a\u202eb"},
        "name: 256 characters": {"name": "a" * 256},
        "metadata: a list": {"metadata": [1]},
        "metadata: more than 64 KiB": {"metadata": {"a": "x" * 65_536}},
        "folder_id: a number": {"folder_id": 7},
        "folder_id: empty": {"folder_id": ""},
        "tags: a text": {"tags": "a"},
        "tags: 51": {"tags": [str(n) for n in range(51)]},
        "tags: of 65 characters": {"tags": ["a" * 65]},
        "tags: a tag in a tag": {"tags": [["a"]]},
        "thumbnail_times: before the start": {"thumbnail_times": [-0.001]},
        "thumbnail_times: 21": {"thumbnail_times": [0] * 21},
        "thumbnail_times: after a day": {"thumbnail_times": [86_401]},
        "thumbnail_times: true": {"thumbnail_times": [True]},
        "thumbnail_times: in words": {"thumbnail_times": ["1"]},
        "thumbnail_times: of a sound": {"thumbnail_times": [1], "type": "audio"},
        "asset_id: a path": {"asset_id": "../x"},
        "asset_id: no UUID": {"asset_id": "0" * 32},
        "asset_id: a line break behind": {"asset_id": f"{'0' * 8}-0000-0000-0000-{'0' * 12}\n"},
        "user_id: a path": {"user_id": "a/../b"},
        "user_id: dots": {"user_id": ".."},
        "user_id: NUL": {"user_id": "a\0"},
        "user_id: 256 characters": {"user_id": "a" * 256},
    }
    good = {"url": "https://tapes.example/film.mp4"}
    for name, change in changes.items():
        field = name.partition(":")[0]
        for path, body in ((IMPORT, good | change), (f"{IMPORT}/batch", {"imports": [good, good | change]})):
            yield BadRequest(
                name=f"{path}, {name}",
                code=Code.FIELD_INVALID,
                status=400,
                path=path,
                body=json.dumps(body).encode(),
                headers=AS_ADMIN,
                says=field,
            )
    for name, imports in {"none": [], "51": [good] * 51, "an object": good, "texts": ["x"]}.items():
        yield BadRequest(
            name=f"{IMPORT}/batch: {name}",
            code=Code.FIELD_INVALID,
            status=400,
            path=f"{IMPORT}/batch",
            body=json.dumps({"imports": imports}).encode(),
            headers=AS_ADMIN,
        )
    for code, urls in ((Code.URL_INVALID, NO_URLS.values()), (Code.URL_BLOCKED, _blocked())):
        for url in urls:
            yield BadRequest(
                name=f"{IMPORT}: {url[:80]}",
                code=code,
                status=400,
                path=IMPORT,
                body=json.dumps({"url": url}).encode(),
                headers=AS_ADMIN,
                says="url",
            )


def _blocked() -> list[str]:
    return [f"https://{host}/x" for host in BLOCKED.values()]


def _strangers() -> Iterator[BadRequest]:
    for name, secret in {
        "another": "sesame",
        "of other case": SECRET.upper(),
        "the beginning": SECRET[:-1],
    }.items():
        yield _bake(f"secret: {name}", Code.AUTH_INVALID, {"callbackSecret": secret}, status=401)
    tokens = {
        "another": "Bearer x",
        "none": "Bearer ",
        "of another scheme": f"Basic {ADMIN}",
        "the secret": f"Bearer {SECRET}".encode().decode("latin-1"),
        "an accent": "Bearer \xe9",
        "twice": f"Bearer {ADMIN} {ADMIN}",
        "a key of nobody's": f"Bearer oven_{'0' * 16}_{'0' * 64}",
        "a key without an end": "Bearer oven_",
        "a key that is code": "Bearer oven_' OR 1=1 --_x",
        "a user's, unsigned": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIiwiZXhwIjo5OTk5OTk5OTk5fQ.",
        "a user's, of another provider": f"Bearer {jwt.encode(USER, 'x' * 32)}",
        "a user's, without an end": f"Bearer {jwt.encode({'sub': 'a'}, PROVIDER)}",
        "a user's who is a path": f"Bearer {jwt.encode(USER | {'sub': '../a'}, PROVIDER)}",
        "of another key set": "Bearer eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.e30.x",
        "of three holes": "Bearer ..",
    }
    routes = [
        ("GET", "/v1/jobs"),
        ("GET", f"/v1/jobs/{JOB}"),
        ("GET", f"/v1/jobs/{JOB}/timeline"),
        ("DELETE", f"/v1/jobs/{JOB}"),
        ("POST", f"/v1/jobs/{JOB}/retry"),
        ("POST", f"/v1/jobs/{JOB}/callback/replay"),
        ("GET", f"/v1/jobs/{JOB}/events"),
        ("GET", "/metrics"),
        ("GET", "/v1/keys"),
        ("POST", "/v1/keys"),
        ("DELETE", "/v1/keys/x"),
        ("POST", "/convert"),
        ("POST", IMPORT),
        ("POST", f"{IMPORT}/batch"),
        ("GET", "/api/v1/media"),
        ("PATCH", "/api/v1/media/0"),
        ("DELETE", "/api/v1/media/0"),
    ]
    for method, path in routes:
        yield BadRequest(
            name=f"{method} {path} by nobody",
            code=Code.AUTH_REQUIRED,
            status=401,
            method=method,
            path=path,
            headers=OUTSIDE,
        )
        for name, token in tokens.items():
            yield BadRequest(
                name=f"{method} {path}, token: {name}",
                code=Code.AUTH_INVALID,
                status=401,
                method=method,
                path=path,
                headers={**OUTSIDE, "Authorization": token},
            )
    for method, path in routes:
        is_job = path.startswith(f"/v1/jobs/{JOB}") and "timeline" not in path
        # What is a user's own is there for users, too.
        if path not in {"/v1/jobs", "/convert"} and not path.startswith("/api/v1/media"):
            yield BadRequest(
                name=f"{method} {path} by a user",
                code=Code.NOT_FOUND if is_job else Code.FORBIDDEN,
                status=404 if is_job else 403,
                method=method,
                path=path,
                headers={**OUTSIDE, "Authorization": f"Bearer {jwt.encode(USER, PROVIDER)}"},
            )
    yield BadRequest(
        name="/ws from another site's page",
        code=Code.ORIGIN_REFUSED,
        status=403,
        method="GET",
        path="/ws",
        headers={**OUTSIDE, "Origin": "https://evil.example"},
    )


def _keys() -> Iterator[BadRequest]:
    wrong: dict[str, dict[str, object]] = {
        "no owner": {"owner": None},
        "an owner that is a path": {"owner": "a/../b"},
        "an owner that is a number": {"owner": 7},
        "a long owner": {"owner": "a" * 256},
        "no scope": {"scopes": []},
        "an unknown scope": {"scopes": ["admin"]},
        "scopes that are a text": {"scopes": "read"},
        "scopes of scopes": {"scopes": [["read"]]},
        "no day": {"expiresInDays": 0},
        "too many days": {"expiresInDays": 1 << 70},
        "half a day": {"expiresInDays": 0.5},
        "a day in words": {"expiresInDays": "1"},
        "true days": {"expiresInDays": True},
    }
    for name, changes in wrong.items():
        yield BadRequest(
            name=f"key: {name}",
            code=Code.FIELD_INVALID,
            status=400,
            path="/v1/keys",
            headers=AS_ADMIN,
            body=json.dumps({"owner": "a"} | changes).encode(),
        )


def _queries() -> Iterator[BadRequest]:
    for query in ("type=film", "status=ready", "color=red", "limit=0", "cursor=x", "&".join(["tag=a"] * 51)):
        yield BadRequest(
            name=f"assets: {query[:20]}",
            code=Code.FIELD_INVALID,
            status=400,
            method="GET",
            path=f"/api/v1/media?{query}",
            headers=AS_ADMIN,
        )
    queries = {
        "an unknown filter": "slug=x",
        "an unknown state": "state=x",
        "one good state, one bad": "state=done&state=x",
        "an unknown callback's state": "callback=x",
        "a limit of 0": "limit=0",
        "a limit of 201": "limit=201",
        "a limit of -1": "limit=-1",
        "a limit in words": "limit=ten",
        "a limit in Arabic digits": "limit=%D9%A1",
        "an empty limit": "limit=",
        "a cursor that is none": "cursor=x",
        "a cursor that is code": "cursor=1.%27%3B--",
        "a cursor that is too long": "cursor=" + "9" * 40 + ".a",
    }
    for name, query in queries.items():
        yield BadRequest(
            name=f"query: {name}",
            code=Code.FIELD_INVALID,
            status=400,
            method="GET",
            path=f"/v1/jobs?{query}",
            headers=AS_ADMIN,
        )


def _dates() -> Iterator[BadRequest]:
    never = "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"
    for name in ("If-Modified-Since", "If-Unmodified-Since", "If-Range"):
        yield BadRequest(
            name=f"{name} a year that never comes",
            code=Code.FIELD_INVALID,
            status=400,
            method="GET",
            path="/files/tapes/x.mp4",
            headers={name: never, "Range": "bytes=0-1"},
            says=name,
        )


def _paths() -> Iterator[BadRequest]:
    nowhere = {
        "an unknown route": "/admin",
        "a folder above": "/files/../oven.db",
        "a folder above, escaped": "/files/%2e%2e/oven.db",
        "a folder above, with its slash": "/files/..%2foven.db",
        "a folder above, twice escaped": "/files/%252e%252e/oven.db",
        "an absolute file": "/files//etc/passwd",
        "an absolute file behind two slashes": "/files///etc/passwd",
        "an absolute file behind three slashes": "/files////etc/passwd",
        "an absolute file behind slashes, escaped": "/files/%2f%2fetc%2fpasswd",
        "an absolute file, escaped": "/files/%2fetc%2fpasswd",
        "a backslash": "/files/..%5coven.db",
        "NUL": "/files/tapes/x%00.mp4",
        "a hidden file": "/files/.tape.part",
        "a folder": "/files/tapes",
        "a name of 5 000": "/files/" + "x" * 5_000,
        "bytes that are no UTF-8": "/files/%ff%fe",
        "a link that is not ours": "/files/tapes/x.mp4?bucket=files&expires=9999999999&signature=00",
        "a link without an end": "/files/tapes/x.mp4?signature=00",
        "a link of odd numbers": "/files/tapes/x.mp4?bucket=files&expires=1e9&signature=%C3%A9",
        "a status of nobody": f"/status/{JOB}",
        "a status that is code": "/status/%27%20OR%201%3D1--",
        "a status with NUL": "/status/%00",
    }
    for name, path in nowhere.items():
        yield BadRequest(
            name=f"path: {name}", code=Code.NOT_FOUND, status=404, method="GET", path=path, headers=AS_ADMIN
        )
    upload = "bucket=local:results&upload=" + "0" * 32
    for name, query in {
        "no link": "",
        "a link that is not ours": f"?{upload}&part=1&expires=9999999999&signature=00",
        "a link of odd numbers": f"?{upload}&part=1e9&size=-1&expires=%C3%A9&signature=00",
        "a folder above": "?bucket=local:results&upload=..%2f..&part=..&expires=9999999999&signature=00",
    }.items():
        yield BadRequest(
            name=f"part: {name}",
            code=Code.NOT_FOUND,
            status=404,
            method="PUT",
            path=f"/files/tapes/x.mp4{query}",
            headers=AS_ADMIN,
        )
    for name, job in {
        "unknown": JOB,
        "code": "%27%3Bdrop%20table%20jobs",
        "half a pair": "%ed%a0%80",
    }.items():
        for method, rest in (
            ("GET", ""),
            ("GET", "/timeline"),
            ("DELETE", ""),
            ("POST", "/retry"),
            ("POST", "/callback/replay"),
        ):
            yield BadRequest(
                name=f"job {name}: {method} {rest}",
                code=Code.NOT_FOUND,
                status=404,
                method=method,
                path=f"/v1/jobs/{job}{rest}",
                headers=AS_ADMIN,
            )
    for method, path in (
        ("GET", "/bake"),
        ("PUT", "/bake"),
        ("TRACE", "/bake"),
        ("POST", "/health"),
        ("DELETE", "/v1/jobs"),
        ("PATCH", f"/v1/jobs/{JOB}"),
        ("POST", "/files/tapes/x.mp4"),
        ("POST", "/status"),
    ):
        yield BadRequest(
            name=f"{method} {path}",
            code=Code.METHOD_NOT_ALLOWED,
            status=405,
            method=method,
            path=path,
            headers=AS_ADMIN,
        )
