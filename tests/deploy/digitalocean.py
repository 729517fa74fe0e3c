"""DigitalOcean's API v2, as far as a deployment uses it: keys, droplets, firewalls."""

import base64
import hashlib
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import web

from tests.deploy.failing import Asked

# The real one gives up to 200; so few show that the pages are followed.
PAGE = 2


def fingerprint(public_key: str) -> str:
    """Give the MD5 fingerprint of a public key, as DigitalOcean names keys."""
    return hashlib.md5(base64.b64decode(public_key.split()[1]), usedforsecurity=False).digest().hex(":")


def _missing() -> web.Response:
    body = {"id": "not_found", "message": "The resource you were accessing could not be found."}
    return web.json_response(body, status=404)


def _stranger() -> web.Response:
    return web.json_response({"id": "unauthorized", "message": "Unable to authenticate you"}, status=401)


@dataclass(slots=True)
class DigitalOcean:
    """Its state, and what was asked of it."""

    token: str
    # What new droplets get.
    address: str
    # How often a new droplet is looked at before it is active.
    boot_looks: int = 2
    base: str = ""
    asked: Asked = field(default_factory=Asked)
    keys: list[dict[str, Any]] = field(default_factory=list)
    droplets: list[dict[str, Any]] = field(default_factory=list)
    firewalls: list[dict[str, Any]] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: count(3_164_400))

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self.asked.middleware(self.token, _stranger)])
        app.add_routes(
            [
                web.get("/v2/account/keys/{name}", self.get_key),
                web.post("/v2/account/keys", self.post_key),
                web.get("/v2/droplets", self.list_droplets),
                web.post("/v2/droplets", self.post_droplet),
                web.get("/v2/droplets/{id}", self.get_droplet),
                web.delete("/v2/droplets/{id}", self.delete_droplet),
                web.get("/v2/firewalls", self.list_firewalls),
                web.post("/v2/firewalls", self.post_firewall),
                web.put("/v2/firewalls/{id}", self.put_firewall),
                web.delete("/v2/firewalls/{id}", self.delete_firewall),
            ]
        )
        return app

    def add_droplet(self, name: str, status: str = "active", **others: Any) -> dict[str, Any]:
        """Let a droplet be there already."""
        droplet = {
            "id": next(self.numbers),
            "name": name,
            "status": status,
            "size_slug": "s-2vcpu-2gb",
            "region": {"slug": "sfo3"},
            "image": {"slug": "ubuntu-24-04-x64"},
            "networks": {"v4": [], "v6": []},
            "looks": 0,
            **others,
        }
        if status != "new":
            self._connect(droplet)
        self.droplets.append(droplet)
        return droplet

    def _connect(self, droplet: dict[str, Any]) -> None:
        droplet["networks"]["v4"] = [
            {"ip_address": "10.124.0.2", "type": "private"},
            {"ip_address": self.address, "type": "public"},
        ]

    def _listed(self, request: web.Request, key: str, items: list[dict[str, Any]]) -> web.Response:
        page = int(request.query.get("page", "1"))
        body: dict[str, Any] = {key: items[(page - 1) * PAGE : page * PAGE], "links": {}}
        if page * PAGE < len(items):
            following = f"{self.base}{request.path.removeprefix('/v2')}?page={page + 1}&per_page={PAGE}"
            body["links"] = {"pages": {"next": following, "last": following}}
        return web.json_response({**body, "meta": {"total": len(items)}})

    async def get_key(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        for key in self.keys:
            if name in (key["fingerprint"], str(key["id"])):
                return web.json_response({"ssh_key": key})
        return _missing()

    async def post_key(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        key = {"id": next(self.numbers), "fingerprint": fingerprint(body["public_key"]), **body}
        if any(other["fingerprint"] == key["fingerprint"] for other in self.keys):
            refusal = {"id": "unprocessable_entity", "message": "SSH Key is already in use on your account"}
            return web.json_response(refusal, status=422)
        self.keys.append(key)
        return web.json_response({"ssh_key": key}, status=201)

    async def list_droplets(self, request: web.Request) -> web.StreamResponse:
        return self._listed(request, "droplets", self.droplets)

    async def post_droplet(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        droplet = self.add_droplet(
            body["name"],
            "new",
            size_slug=body["size"],
            region={"slug": body["region"]},
            image={"slug": body["image"]},
            asked_for=body,
        )
        links = {"actions": [{"id": 7515, "rel": "create", "href": f"{self.base}/actions/7515"}]}
        return web.json_response({"droplet": droplet, "links": links}, status=202)

    async def get_droplet(self, request: web.Request) -> web.StreamResponse:
        for droplet in self.droplets:
            if str(droplet["id"]) == request.match_info["id"]:
                droplet["looks"] += 1
                if droplet["status"] == "new" and droplet["looks"] >= self.boot_looks:
                    droplet["status"] = "active"
                    self._connect(droplet)
                return web.json_response({"droplet": droplet})
        return _missing()

    async def delete_droplet(self, request: web.Request) -> web.StreamResponse:
        return self._deleted(self.droplets, request)

    async def list_firewalls(self, request: web.Request) -> web.StreamResponse:
        return self._listed(request, "firewalls", self.firewalls)

    async def post_firewall(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if any(other["name"] == body["name"] for other in self.firewalls):
            return web.json_response({"id": "conflict", "message": "duplicate name"}, status=409)
        firewall = {"id": f"bb4b2611-3d72-467b-8602-{next(self.numbers)}", "status": "waiting", "tags": []}
        self.firewalls.append(self._written(firewall | body))
        return web.json_response({"firewall": firewall}, status=202)

    async def put_firewall(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        for place, firewall in enumerate(self.firewalls):
            if firewall["id"] == request.match_info["id"]:
                emptied: dict[str, Any] = {
                    "droplet_ids": [],
                    "tags": [],
                    "inbound_rules": [],
                    "outbound_rules": [],
                }
                self.firewalls[place] = self._written({"id": firewall["id"], **emptied, **body})
                return web.json_response({"firewall": self.firewalls[place]})
        return _missing()

    async def delete_firewall(self, request: web.Request) -> web.StreamResponse:
        return self._deleted(self.firewalls, request)

    def _written(self, firewall: dict[str, Any]) -> dict[str, Any]:
        """Keep rules in another order than they came in, as the real one does."""
        for side in ("inbound_rules", "outbound_rules"):
            firewall[side] = firewall[side][::-1]
            for rule in firewall[side]:
                for ends in (rule.get("sources"), rule.get("destinations")):
                    if ends:
                        ends["addresses"] = ends["addresses"][::-1]
        return firewall

    def _deleted(self, items: list[dict[str, Any]], request: web.Request) -> web.Response:
        for item in items:
            if str(item["id"]) == request.match_info["id"]:
                items.remove(item)
                return web.Response(status=204)
        return _missing()
