# SPDX-License-Identifier: Apache-2.0
"""docs/set-up.md, as a reader pastes it: on other ports, for those it names may be taken."""
import re
import subprocess

import pytest

HOST_PORTS = ["127.0.0.2:5060", "127.0.0.3:5060", "127.0.0.3:9091", "127.0.0.4:8080",
              "127.0.0.13:5060", "127.0.0.11 -p 5060", "127.0.0.13 -p 5060"]


@pytest.fixture
def guide(root, programs, free_port):
    """The blocks of the guide as one script."""
    with open(f"{root}/docs/set-up.md", encoding="utf-8") as file:
        text = "".join(re.findall(r"^```sh\n(.*?)^```", file.read(), re.M | re.S))
    callee = free_port("127.0.0.13")
    for named in HOST_PORTS:
        assert named in text, named
        host, between, _ = re.split(r"(:| -p )", named)
        port = callee if host == "127.0.0.13" else free_port(host)
        text = text.replace(named, f"{host}{between}{port}")
    text = text.replace('"$PWD/build/bin:$PATH"', f'"{programs}:$PATH"')
    return text.replace("../deploy", f"{root}/deploy")


def test_the_guide_ends_in_a_verified_call_with_brand_and_reason(guide, tmp_path):
    script = "trap 'kill $(jobs -p) 2> /dev/null' EXIT\n" + guide
    with open(tmp_path / "shown", "w+", encoding="utf-8") as file:
        done = subprocess.run(["bash", "-eu", "-o", "pipefail", "-c", script], cwd=tmp_path,
                              stdout=file, stderr=file, timeout=60, check=False)
        file.seek(0)
        shown = file.read()
    line = next((line for line in shown.splitlines() if " event=call " in line), None)
    assert line is not None, (done.returncode, shown)
    for part in ("verstat=TN-Validation-Passed", "attest=A", "reason=ok",
                 'brand="Harbor Plumbing"', 'call_reason="We come at three"'):
        assert part in line, line
    assert 'verdicts_total{trunk="peer-carrier",reason="ok"} 1' in shown
