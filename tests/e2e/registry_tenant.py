# SPDX-License-Identifier: Apache-2.0
"""Tenants of a test's own: with users, keys of any role, businesses, brands and numbers."""
import itertools
import struct
import zlib

import pg_cluster
from registry_kit import PASSED_A, Registry

COUNT = itertools.count(1)


def serve(engine, directory):
    """What a module's fixture yields from: a registry that has an operator, a vetter, a carrier."""
    if engine == "postgres":
        with pg_cluster.Cluster(fsync=False) as cluster:
            yield from run(Registry(engine, directory, cluster))
    else:
        yield from run(Registry(engine, directory))


def run(registry):
    registry.add_key("operator", "operator")
    registry.add_key("vetter", "operator")
    registry.add_key("carrier", "carrier")
    registry.start()
    yield registry
    assert registry.stop() == 0, registry.log()
    assert "level=error" not in registry.log() and '"level":"error"' not in registry.log()


def sql(registry, text):
    """Past the program: as the owner of the database."""
    if registry.engine == "postgres":
        return registry.cluster.sql("SET search_path = attestel;" + text, registry.postgres)
    import sqlite3  # pylint: disable=import-outside-toplevel
    with sqlite3.connect(registry.directory / "registry.db", timeout=20) as database:
        rows = database.execute(text).fetchall()
    return "\n".join("|".join(str(cell) for cell in row) for row in rows)


def png(width=16, height=16, more=b"", depth=8, colour=6):
    """A small picture; more makes it another one."""
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + \
            struct.pack(">I", zlib.crc32(kind + body))
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"tEXt", b"k\0" + more) + \
        chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")


class Tenant:
    """post(), get(), patch() … ask as its owner unless key says otherwise."""

    def __init__(self, registry, vouched=False, parent=None):
        self.registry, self.name = registry, f"tenant {next(COUNT)}"
        self.id = registry.post("/v1/tenants", {"name": self.name, "vouched": vouched,
                                                "parent": parent and parent.id}, "operator")["id"]
        self.owner = self.key("owner")

    def key(self, role, user=None):
        body = {"role": role, "tenant": self.id}
        if user is not None:
            body["user"] = user
        return self.registry.post("/v1/keys", body, "operator")["key"]

    def user(self, name, role):
        return self.registry.post("/v1/users", {"name": name, "role": role}, self.owner)["id"]

    def post(self, path, body=None, status=201, key=None, **more):
        return self.registry.post(path, body, key or self.owner, status, **more)

    def get(self, path, status=200, key=None):
        return self.registry.get(path, key or self.owner, status)

    def change(self, method, path, body, version=None, key=None):
        """PUT or PATCH; version None: the one that is there."""
        if version is None:
            version = self.get(path)["version"]
        return self.registry.request(method, path, body, key or self.owner,
                                     {"If-Match": f'"{version}"'})

    def delete(self, path, status=204, key=None):
        reply = self.registry.request("DELETE", path, None, key or self.owner)
        assert reply.status == status, reply
        return reply

    def decide(self, path, decision, status=200, **more):
        return self.registry.post(f"{path}/decide", {"decision": decision, **more}, "vetter",
                                  status)

    def logo(self, more=b"", key=None, status=201, body=None):
        return self.registry.post("/v1/logos", png(more=more) if body is None else body,
                                  key or self.owner, status, headers={"Content-Type": "image/png"})

    def business(self, approved=True, name="Example Dental"):
        made = self.post("/v1/businesses", {"name": name, "country": "US"})["id"]
        path = f"/v1/businesses/{made}"
        if approved and self.post(f"{path}/submit", None, 200)["state"] == "submitted":
            assert self.decide(path, "approve")["state"] == "approved"
        return made

    def brand(self, business=None, name="Example Dental", live=True, **more):
        made = self.post("/v1/brands", {"business": business or self.business(), "name": name,
                                        **more})
        if live and made["live"] is None:
            self.decide(f"/v1/brands/{made['id']}", "approve", number=1)
        return made["id"]

    def claim(self, number, block=1, verified=True):
        made = self.post("/v1/claims", {"number": number, "block": block})
        if verified and made["state"] != "verified":
            assert self.decide(f"/v1/claims/{made['id']}", "verify")["state"] == "verified"
        return made["id"]

    def bind(self, number, brand, block=1, status=201, **more):
        return self.post("/v1/bindings", {"number": number, "block": block, "brand": brand, **more},
                         status)

    def audit(self):
        """All its audit rows as (action, object, detail, actor)."""
        return [(row["action"], row["object"], row["detail"], row["actor"])
                for row in self.get("/v1/audit?limit=250")["items"]]


def shown(registry, number):
    """The name that a verified call from the number shows; None when there is none."""
    answer = registry.post("/v1/lookups", {"from": number, "verification": PASSED_A}, "carrier",
                           200)
    return answer["brand"] and answer["brand"]["name"]
