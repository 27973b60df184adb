# SPDX-License-Identifier: Apache-2.0
"""Writes the vectors, the same bytes every time: see README.md beside this file.

generate.py            writes them beside itself
generate.py --check    says which files are not what it would write; exit 1 if any
"""
import json
import os
import sys

import chains
import rcd
import sets
from der import private_pem
from world import ROOT, SIGNERS, USED, url

HERE = os.path.dirname(os.path.abspath(__file__))
WARNING = "The private keys of this set are public. They sign nothing real: trust none of them."


def document(name, about, make):
    USED.clear()
    vectors = list(make())
    return {"format": "attestel-vectors/1", "set": name, "about": about, "warning": WARNING,
            "anchors": {"list": "vectors", "pem": ROOT.pem},
            "certificates": {url(signer): "".join(one.pem for one in path)
                             for signer, path in SIGNERS.items() if signer in USED},
            "vectors": vectors}


def files():
    """{file name: text}"""
    out = {}
    for name, (about, make) in {**sets.SETS, **chains.SETS, **rcd.SETS}.items():
        out[f"{name}.json"] = document(name, about, make)
    keys = {url(signer): private_pem(path[0].key) for signer, path in SIGNERS.items()
            if path[0].curve != "1.3.132.0.34"}
    out["keys.json"] = {"warning": WARNING, "keys": keys}
    return {name: json.dumps(value, indent=1, ensure_ascii=False) + "\n"
            for name, value in out.items()}


def main(arguments):
    stale = []
    for name, text in files().items():
        path = os.path.join(HERE, name)
        old = None
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                old = file.read()
        if old == text:
            continue
        stale.append(name)
        if arguments != ["--check"]:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
    if arguments == ["--check"]:
        for name in stale:
            print(f"{name}: not what generate.py writes")
        return 1 if stale else 0
    print(f"written: {', '.join(stale) or 'nothing, all is current'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
