# SPDX-License-Identifier: Apache-2.0
"""Ports that no other test has: of what the kernel does not give away by itself, each process that
runs tests beside others (a worker of pytest-xdist) has a share of its own."""
import os
import random
import socket

# Below those that the kernel gives to connections, which come and go until a port is used.
FIRST, LAST = 6000, 32000


def udp_ports():
    """Those that sockets of this machine have."""
    lines = []
    for table in ("/proc/net/udp", "/proc/net/udp6"):
        with open(table, encoding="ascii") as file:
            lines += file.readlines()[1:]
    return {int(line.split()[1].rpartition(":")[2], 16) for line in lines}


class Share:
    """reserve() gives ranges for UDP, one behind the other; free_port() one port for TCP."""

    def __init__(self, worker, workers):
        size = (LAST - FIRST) // workers // 1000 * 1000  # ranges begin at even ports
        self.first = FIRST + worker * size
        self.end = self.first + size
        # two runs at once, each without workers, do not begin at the same port
        self.next = self.first + os.getpid() % 20 * (size // 20)
        self.given = set()

    def reserve(self, ports):
        """The first of so many ports that nobody has, or has had here lately."""
        taken = udp_ports()
        for _ in range(2 * (self.end - self.first) // ports):
            if self.next + ports > self.end:
                self.next = self.first
            first, self.next = self.next, self.next + ports
            if self.next <= self.end and taken.isdisjoint(range(first, self.next)):
                return first
        raise OSError(f"no {ports} free ports from {self.first} to {self.end}")

    def range(self, ports):
        """The same as (first, last)."""
        first = self.reserve(ports)
        return first, first + ports - 1

    def free_port(self):
        """One on 127.0.0.1 that was never given before."""
        for port in random.sample(range(self.first, self.end), 200):
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
            if port not in self.given:
                self.given.add(port)
                return port
        raise OSError("no free port on 127.0.0.1")


# "gw3" of 4; nothing of the kind where pytest runs alone.
OURS = Share(int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]),
             int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))
