# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL server of the tests' own: a new cluster in a temporary directory, reached through a
Unix socket in it and by no network. It ends with the test program, however that ends."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

BIN = pathlib.Path("/usr/lib/postgresql/15/bin")
WAIT = 30  # seconds


def is_installed():
    return (BIN / "postgres").exists()


class Cluster:
    """with Cluster() as cluster: owner, application = cluster.new_database()"""

    SUPERUSER, OWNER, APPLICATION = "postgres", "registry_owner", "registry_app"

    def __init__(self, fsync=True):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="attestel-pg."))
        self.fsync, self.process, self.databases = fsync, None, 0

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def command(self, *words):
        """As PostgreSQL's user, since it refuses to run as root; ends when this process does."""
        user = []
        if os.geteuid() == 0:
            user = ["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
        return ["setpriv", *user, "--pdeathsig", "QUIT", "--", *words]

    def start(self):
        """Makes the cluster and its two roles."""
        if os.geteuid() == 0:
            shutil.chown(self.directory, "postgres", "postgres")
        made = subprocess.run(
            self.command(BIN / "initdb", "-D", self.directory / "data", "-U", self.SUPERUSER,
                         "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C",
                         "--no-instructions"),
            cwd=self.directory, capture_output=True, text=True, timeout=WAIT, check=False)
        assert made.returncode == 0, made.stderr
        self.restart()
        self.sql(f"CREATE ROLE {self.OWNER} LOGIN; CREATE ROLE {self.APPLICATION} LOGIN")
        return self

    def restart(self):
        """Starts the server; after kill() it recovers first."""
        deadline = time.monotonic() + WAIT
        while not self.is_ready():
            # it refuses while a process of the one that was killed still ends: once more
            if self.process is None or self.process.poll() is not None:
                self.process = self.run_server()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.02)

    def run_server(self):
        # after a kill every file is synchronised: one call for all of them takes 0.3 s, not 5 s
        settings = ["--recovery_init_sync_method=syncfs", "--shared_buffers=32MB", "--jit=off",
                    "--max_connections=100", "--wal_level=minimal", "--max_wal_senders=0",
                    f"--fsync={'on' if self.fsync else 'off'}"]
        with open(self.directory / "log", "ab") as log:
            return subprocess.Popen(
                self.command(BIN / "postgres", "-D", self.directory / "data", "-k",
                             self.directory, "-h", "", *settings),
                cwd=self.directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def is_ready(self):
        """The server writes its process id into line 1, and "ready" into line 8."""
        try:
            lines = (self.directory / "data" / "postmaster.pid").read_text().split("\n")
        except OSError:
            return False
        return self.process is not None and len(lines) > 7 and lines[7].startswith("ready") \
            and lines[0] == str(self.process.pid)

    def log(self):
        return (self.directory / "log").read_text()

    def children(self):
        """The server's own processes."""
        pid = self.process.pid
        return list(map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))

    def kill(self, how=signal.SIGKILL):
        """The server dies; its own processes notice and end."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(WAIT)
            self.process = None

    def stop(self):
        self.kill(signal.SIGQUIT)
        shutil.rmtree(self.directory, ignore_errors=True)

    def sql(self, text, database="postgres"):
        """Runs statements as the superuser; gives what psql prints."""
        done = subprocess.run(
            [BIN / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.directory,
             "-U", self.SUPERUSER, "-d", database],
            input=text, capture_output=True, text=True, timeout=WAIT, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def url(self, role, database):
        return f"postgresql://{role}@/{database}?host={self.directory}"

    def new_database(self):
        """Two URLs of a new and empty database: the owner's and the application's."""
        self.databases += 1
        name = f"registry_{self.databases}"
        self.sql(f"CREATE DATABASE {name} OWNER {self.OWNER} STRATEGY file_copy")
        return self.url(self.OWNER, name), self.url(self.APPLICATION, name)

    def dump(self, database):
        """The whole database as text."""
        return subprocess.run(
            [BIN / "pg_dump", "-h", self.directory, "-U", self.SUPERUSER, database],
            capture_output=True, text=True, timeout=WAIT, check=True).stdout
