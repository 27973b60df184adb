# SPDX-License-Identifier: Apache-2.0
"""A registry that goes away and comes back under a proxy, and a way to it that can be cut."""
import os
import re
import signal
import socket
import threading
import time

import pg_cluster
import stage as stages

from test_proxy_stir import CALLED, arrived, identity

DENTAL, BLOCK, STRICT = "+12155550101", "+12155550120", "+12155550131"


class Relay:
    """A way to the registry that a test can cut, and mend."""

    def __init__(self, to):
        self.to, self.pairs, self.server = to, [], None
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.mend()

    def mend(self):
        self.server = socket.create_server(("127.0.0.1", self.port), backlog=64)
        threading.Thread(target=self.accept, args=(self.server,), daemon=True).start()

    def accept(self, server):
        while True:
            try:
                near = server.accept()[0]
                far = socket.create_connection(self.to, 5)
            except OSError:
                return
            self.pairs += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self.pump, args=(source, sink), daemon=True).start()

    @staticmethod
    def pump(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def cut(self):
        for end in (self.server, *self.pairs):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()
        self.pairs = []


def a_stage(programs, engine):
    """A registry without proxies, with a brand of one number, of a block and of a strict number."""
    cluster = pg_cluster.Cluster(fsync=False).start() if engine == "postgres" else None
    database = None
    if cluster is not None:
        owner, application = cluster.new_database()
        database = (f"database = {application}\ndatabase_owner = {owner}\n"
                    f"database_role = {cluster.APPLICATION}")
    running = stages.Stage(programs, database=database)
    running.cluster = cluster
    try:
        running.start_registry()
        running.enrol()
        running.ids["brand"] = running.add_brand(running.ids["dental"], "Example Dental", DENTAL)
        running.post("/v1/numbers", {"number": BLOCK, "block": 10, "brand": running.ids["brand"]})
        running.post("/v1/numbers", {"number": STRICT, "strict": True,
                                     "brand": running.ids["brand"]})
        yield running
    finally:
        running.stop()
        running.remove()
        if cluster is not None:
            cluster.stop()


def go_away(stage):
    """Registry and database are killed."""
    process = stage.running.pop("registry")
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)
    if stage.cluster is not None:
        stage.cluster.kill()


def come_back(stage):
    if stage.cluster is not None:
        stage.cluster.restart()
    stage.run_daemon("registry", "attestel-registry", stages.registry_config(stage))


def through(stage, relay):
    return (f"url = {stage.url('api')}", f"url = http://127.0.0.1:{relay.port}")


def wait_for(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def brand_of(invite):
    cards = " ".join(value for value in invite.all("Call-Info") if "jcard" in value)
    found = re.search(r"%22fn%22%2C%7B%7D%2C%22text%22%2C%22(.*?)%22", cards)
    return found.group(1).replace("%20", " ") if found else None


def signed(stage, caller=DENTAL):
    return ["Identity: " + stage.sign(caller, CALLED)]


def fetch_certificate(stage, ends, proxy):
    """One call: the certificate is the registry's to give, too, and is cached from then on."""
    arrived(stage, ends, "foreign", proxy.to, [identity(stage)])
