# SPDX-License-Identifier: Apache-2.0
"""What a packet costs the relay, beside Debian's rtpengine in userspace.

Both relays carry the same calls of the same generator, one behind the other in one run. A relay has
one core for itself and the generator the other, where there are two; processor time is that of all
threads of the relay while packets flow. A packet is counted where it arrives.

With arguments it tells what lengths of `rest_us` cost and delay: media.py 0 250 500
"""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

CORES = sorted(os.sched_getaffinity(0))
FIRST_PORT, LAST_PORT, SHARED_PORT = 20000, 39999, 10000
START_S, SECONDS, PACE, ROUNDS = 10, 8, 50, 3
CALLS, FEW, MANY = 200, 100, 1000


class MediaError(Exception):
    """A measurement that cannot be believed."""


def pinned(core, words):
    return ["taskset", "-c", str(CORES[core % len(CORES)]), *map(str, words)]


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ours(bin_dir, port):
    return [bin_dir / "attestel-media", "--interface", "127.0.0.1",
            "--listen-ng", f"udp:127.0.0.1:{port}", "--ports", f"{FIRST_PORT}-{LAST_PORT}",
            "--webrtc-port", SHARED_PORT]


def rtpengine(_bin_dir, port):
    """One media thread, no kernel module, and calls that are gone as soon as they are deleted."""
    return ["rtpengine", "--config-file=none", "-t", "-1", "-i", "127.0.0.1", "-n",
            f"127.0.0.1:{port}", "-f", "-E", "-L", "3", "-m", FIRST_PORT, "-M", LAST_PORT,
            "--num-threads=1", "--delete-delay=0"]


def resting(length_us, folder):
    """Ours with another length of rest, which only a file says."""
    def words(bin_dir, port):
        conf = pathlib.Path(folder) / f"rest-{length_us}.conf"
        conf.write_text(f"[media]\ninterface = 127.0.0.1\nlisten_ng = udp:127.0.0.1:{port}\n"
                        f"ports = {FIRST_PORT}-{LAST_PORT}\nwebrtc_port = {SHARED_PORT}\n"
                        f"rest_us = {length_us}\n")
        return [bin_dir / "attestel-media", "--config", conf]
    return words


RELAYS = {"attestel": ours, "rtpengine": rtpengine}


class Relay:
    """A relay that runs on core 0 and answers ng."""

    def __init__(self, name, bin_dir):
        self.name, self.port = name, free_port()
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            pinned(0, RELAYS[name](bin_dir, self.port)), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.wait()

    def wait(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.1)
            end = time.monotonic() + START_S
            while time.monotonic() < end and self.process.poll() is None:
                try:
                    client.sendto(b"bench d7:command4:pinge", ("127.0.0.1", self.port))
                    if b"pong" in client.recv(1000):
                        return
                except OSError:
                    time.sleep(0.05)
        self.stop()
        raise MediaError(f"{self.name} answers no ping")

    def cpu_s(self):
        """Processor time of all threads, to the nanosecond."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task")
        return sum(int((task / "schedstat").read_text().split()[0])
                   for task in tasks.iterdir()) / 1e9

    def resident(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines()
                    if line.startswith("VmRSS"))

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def run(name, bin_dir, kind, calls, pace=PACE):
    """What calls of one kind cost a relay."""
    relay = Relay(name, bin_dir)
    load = subprocess.Popen(  # pylint: disable=consider-using-with
        pinned(1, [bin_dir / "media" / "load", relay.port, kind, calls, pace, SECONDS]),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        empty = relay.resident()
        if load.stdout.readline() != "ready\n":
            raise MediaError(f"{name}, {kind}: {load.communicate()[1].strip()}")
        before = relay.cpu_s()
        load.stdin.write("go\n")
        load.stdin.flush()
        figures = json.loads(load.stdout.readline() or "{}")
        figures["cpu_us"] = (relay.cpu_s() - before) * 1e6 / max(figures.get("received", 0), 1)
        figures["bytes_a_call"] = (relay.resident() - empty) / calls
        load.communicate(timeout=60)
    finally:
        load.kill()
        load.wait()
        relay.stop()
    if figures.get("received", 0) < 0.999 * figures.get("sent", 1):
        raise MediaError(f"{name}, {kind}: of {figures.get('sent')} packets"
                         f" {figures.get('received')} arrived")
    return figures


def best(runs, key):
    return min(runs, key=lambda figures: figures[key])[key]


def compare(bin_dir, kind):
    """Rounds of both, one behind the other."""
    runs = {name: [] for name in RELAYS}
    for _ in range(ROUNDS):
        for name, found in runs.items():
            found.append(run(name, bin_dir, kind, CALLS))
    for key, what, unit in (("cpu_us", "cpu_per_packet", "us"), ("p50_us", "delay_p50", "us"),
                            ("p99_us", "delay_p99", "us"),
                            ("bytes_a_call", "memory_per_call", "bytes")):
        value, reference = (best(runs[name], key) for name in ("attestel", "rtpengine"))
        yield {"name": f"media_{kind}_{what}", "value": round(value, 2), "unit": unit,
               "reference": round(reference, 2), "ratio": round(value / reference, 2)}


def of_media(bin_dir):
    bin_dir = pathlib.Path(bin_dir)
    if not shutil.which("rtpengine"):
        raise MediaError("no rtpengine to compare with: install rtpengine-daemon")
    for kind in ("rtp", "webrtc"):
        yield from compare(bin_dir, kind)
    few, many = (best([run("attestel", bin_dir, "rtp", calls) for _ in range(ROUNDS)], "cpu_us")
                 for calls in (FEW, MANY))
    yield {"name": f"media_cpu_per_packet_at_{MANY}_calls", "value": round(many, 2), "unit": "us",
           "reference": round(few, 2), "ratio": round(many / few, 2)}


def of_rests(bin_dir, lengths):
    """Processor time against delay, for each length of rest in microseconds."""
    with tempfile.TemporaryDirectory() as folder:
        relays = {f"rest_us={length}": resting(length, folder) for length in lengths}
        RELAYS.update(relays)
        for kind in ("rtp", "webrtc"):
            for name in ("rtpengine", *relays):
                runs = [run(name, pathlib.Path(bin_dir), kind, CALLS) for _ in range(ROUNDS)]
                yield {"name": f"media_{kind}_{name}", "cpu_us": round(best(runs, "cpu_us"), 2),
                       "p50_us": best(runs, "p50_us"), "p99_us": best(runs, "p99_us")}


def main():
    bin_dir = os.environ.get("ATTESTEL_BIN", "build/bin")
    for row in of_rests(bin_dir, sys.argv[1:]) if len(sys.argv) > 1 else of_media(bin_dir):
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    sys.exit(main())
