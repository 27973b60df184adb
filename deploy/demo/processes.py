# SPDX-License-Identifier: Apache-2.0
"""Processes that end when we do: started in groups of their own, stopped whatever happens."""
import atexit
import ctypes
import errno
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

READY_S = 15.0
STOP_S = 5.0
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


class StartError(Exception):
    """Something did not start; the text has the end of its log."""


def free_port(host):
    """A port that is free on host for both UDP and TCP."""
    for _ in range(100):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp, \
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            tcp.bind((host, 0))
            try:
                udp.bind(tcp.getsockname())
            except OSError:
                continue
            return tcp.getsockname()[1]
    raise StartError(f"no free port on {host}")


def is_taken(address, kind):
    """Somebody listens at address; kind is socket.SOCK_STREAM or socket.SOCK_DGRAM."""
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(address)
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False


def die_with_parent(parent):
    """In the child: the kernel ends it even when we are killed, or have been in this moment."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


class Processes:
    """A directory and the processes that log into it."""

    def __init__(self, keep=False):
        self.keep = keep
        self.running = {}
        self.ended = {}  # exit status by name, after stop()
        # Others may look in, as the certificate helper does, who gives up root; secrets are 0600.
        self.dir = tempfile.mkdtemp(prefix="attestel-stage-")
        os.chmod(self.dir, 0o755)
        atexit.register(self.stop)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda number, frame: exit(128 + number))

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def spawn(self, name, command, env=None):
        """Starts command; what it writes goes to NAME.log."""
        us = os.getpid()
        tie = None if self.keep else lambda: die_with_parent(us)
        with open(self.path(f"{name}.log"), "ab") as log:
            self.running[name] = subprocess.Popen(
                command, cwd=self.dir, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=tie)
        return self.running[name]

    def log(self, name):
        with open(self.path(f"{name}.log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def wait_ready(self, name, address):
        """Waits until /readyz of the admin listener at address says 200."""
        end = time.monotonic() + READY_S
        why = "no answer"
        while time.monotonic() < end:
            if self.running[name].poll() is not None:
                why = f"it ended with status {self.running[name].returncode}"
                break
            try:
                url = f"http://{address[0]}:{address[1]}/readyz"
                with urllib.request.urlopen(url, timeout=1):
                    return
            except urllib.error.HTTPError as error:
                why = f"not ready: {error.read(200).decode(errors='replace').strip()}"
            except OSError:
                pass
            time.sleep(0.02)
        tail = "".join(self.log(name).splitlines(keepends=True)[-15:])
        raise StartError(f"{name} is not ready within {READY_S:.0f} s: {why}\n{tail}")

    def wait_taken(self, name, address, kind):
        """Waits until the process of that name listens: for those that cannot say so."""
        end = time.monotonic() + READY_S
        while not is_taken(address, kind):
            if time.monotonic() > end or self.running[name].poll() is not None:
                raise StartError(f"{name} does not listen on {address}: see {name}.log")
            time.sleep(0.02)

    def signal_all(self, number):
        for process in self.running.values():
            try:
                os.killpg(process.pid, number)
            except ProcessLookupError:
                pass

    def stop(self):
        """Ends every process and its children; removes the directory unless it is to be kept."""
        if self.keep:
            return
        self.signal_all(signal.SIGTERM)
        end = time.monotonic() + STOP_S
        for process in self.running.values():
            try:
                process.wait(max(0.01, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                pass
        self.signal_all(signal.SIGKILL)
        self.ended.update({name: process.wait() for name, process in self.running.items()})
        self.running = {}

    def copy_logs(self, folder):
        """Keeps the logs and traces for whoever wants to read them later."""
        os.makedirs(folder, exist_ok=True)
        for name in os.listdir(self.dir):
            if name.endswith((".log", ".out", ".conf")):
                shutil.copy(self.path(name), folder)

    def remove(self):
        if not self.keep:
            shutil.rmtree(self.dir, ignore_errors=True)
