# SPDX-License-Identifier: Apache-2.0
"""A real browser as a WebRTC peer: headless Chromium, driven by playwright-core."""
import json
import pathlib
import select
import shutil
import subprocess
import time

import pytest

HERE = pathlib.Path(__file__).parent
CHROMIUM_S = 30


def npm_modules(build):
    """The folder that holds the packages of npm/package-lock.json; the test skips without them."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    lock = (HERE / "npm/package-lock.json").read_text(encoding="utf-8")
    folder = pathlib.Path(build) / "npm"
    done = folder / ".made"
    if done.is_file() and done.read_text(encoding="utf-8") == lock:
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / "npm" / name, folder)
    made = subprocess.run(
        ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline",
         "--fetch-retries=0", "--fetch-timeout=20000"], cwd=folder, text=True, capture_output=True,
        timeout=120, check=False)
    if made.returncode != 0:
        why = [line for line in made.stderr.splitlines() if line.startswith("npm error")]
        pytest.skip(f"npm ci gets no packages here: {'; '.join(why[:2])}")
    done.write_text(lock, encoding="utf-8")
    return folder


class Lines:
    """A program that answers lines of JSON by lines of JSON."""

    def __init__(self, command, log):
        self.log = open(log, "wb")
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=self.log, text=True)

    def answer(self, within_s=15):
        if not select.select([self.process.stdout], [], [], within_s)[0]:
            raise AssertionError(f"no answer for {within_s} s")
        line = json.loads(self.process.stdout.readline() or '{"failed": "it ended"}')
        if "failed" in line:
            raise AssertionError(line["failed"])
        return line["is"]

    def ask(self, question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def stop(self):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()


class Browser(Lines):
    """One Chromium; pages are opened in it by name."""

    def __init__(self, modules, folder):
        super().__init__(["node", HERE / "browser/driver.js", modules, shutil.which("chromium")],
                         pathlib.Path(folder) / "browser.log")
        self.version = self.answer(CHROMIUM_S)

    def do(self, page, name, *words):
        return self.ask({"page": page, "do": name, "with": words})


class Page:
    """A page with one RTCPeerConnection that sends a tone; page.offer() and the rest are the
    functions of browser/peer.js."""
    count = 0

    def __init__(self, browser, hz=1000):
        Page.count += 1
        self.name, self.browser, self.hz = f"page{Page.count}", browser, hz
        browser.do(self.name, "open")
        self.make(hz)

    def __getattr__(self, name):
        return lambda *words: self.browser.do(self.name, name, *words)

    def assert_hears(self, hz, within_s=8):
        """The loudest that comes out of the decoder is that tone."""
        end, told = time.monotonic() + within_s, 0
        while time.monotonic() < end:
            told = self.hears()
            if abs(told - hz) < 12:
                return
            time.sleep(0.05)
        raise AssertionError(f"the page hears {told:.0f} Hz instead of {hz}: {self.state()}")

    def assert_hears_anew(self, hz):
        """The same, of packets that come from now on."""
        before, end = self.state()["audio"], time.monotonic() + 8
        while self.state()["audio"] < before + 25:
            assert time.monotonic() < end, f"no packets come any more: {self.state()}"
            time.sleep(0.05)
        self.assert_hears(hz)

    def assert_sees(self, within_s=8):
        """Pictures come, and can be decoded."""
        end = time.monotonic() + within_s
        while not (told := self.state())["frames"]:
            assert time.monotonic() < end, f"no pictures: {told}"
            time.sleep(0.05)

    def assert_state(self, within_s=8, **wanted):
        end = time.monotonic() + within_s
        while not wanted.items() <= (told := self.state()).items():
            assert time.monotonic() < end, f"{wanted} wanted: {told}"
            time.sleep(0.05)
        return told

    def shut(self):
        self.browser.do(self.name, "close")
