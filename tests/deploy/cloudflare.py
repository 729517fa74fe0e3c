"""Cloudflare's API v4, as far as a deployment uses it: the DNS records of one zone."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from aiohttp import web

from tests.deploy.failing import Asked

ZONE = "a23b54e8877a833a1cf8db7765bce3ca"


def _refused(status: int, code: int, message: str) -> web.Response:
    errors = [{"code": code, "message": message}]
    body = {"success": False, "errors": errors, "messages": [], "result": None}
    return web.json_response(body, status=status)


def _stranger() -> web.Response:
    return _refused(403, 10000, "Authentication error")


def _given(result: Any) -> web.Response:
    body = {"success": True, "errors": [], "messages": [], "result": result}
    return web.json_response(body)


@dataclass(slots=True)
class Cloudflare:
    """Its records, and what was asked of it."""

    token: str
    base: str = ""
    asked: Asked = field(default_factory=Asked)
    records: list[dict[str, Any]] = field(default_factory=list)
    # What was sent for a record, in order.
    written: list[dict[str, Any]] = field(default_factory=list)

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self.asked.middleware(self.token, _stranger)])
        records = f"/client/v4/zones/{ZONE}/dns_records"
        app.add_routes(
            [
                web.get(records, self.list_records),
                web.post(records, self.post_record),
                web.patch(records + "/{id}", self.patch_record),
                web.delete(records + "/{id}", self.delete_record),
            ]
        )
        return app

    def add(self, kind: str, name: str, content: str, **others: Any) -> dict[str, Any]:
        """Let a record be there already."""
        record = {"id": uuid4().hex, "type": kind, "name": name, "content": content, "ttl": 1}
        record |= {"proxied": False, **others}
        self.records.append(record)
        return record

    def at(self, name: str) -> list[tuple[str, str, bool]]:
        """Give the records of a name, each as (type, content, proxied)."""
        return [(one["type"], one["content"], one["proxied"]) for one in self.records if one["name"] == name]

    async def list_records(self, request: web.Request) -> web.StreamResponse:
        return _given([one for one in self.records if one["name"] == request.query["name"]])

    async def post_record(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.written.append(dict(body))
        if any(one["name"] == body["name"] and one["content"] == body["content"] for one in self.records):
            return _refused(400, 81058, "An identical record already exists.")
        return _given(self.add(body.pop("type"), **body))

    async def patch_record(self, request: web.Request) -> web.StreamResponse:
        for record in self.records:
            if record["id"] == request.match_info["id"]:
                body = await request.json()
                self.written.append(body)
                record.update(body)
                return _given(record)
        return _refused(404, 81044, "Record does not exist.")

    async def delete_record(self, request: web.Request) -> web.StreamResponse:
        for record in self.records:
            if record["id"] == request.match_info["id"]:
                self.records.remove(record)
                return _given({"id": record["id"]})
        return _refused(404, 81044, "Record does not exist.")
