# SPDX-License-Identifier: Apache-2.0
"""Datasync's parts over NATS JetStream: a server on the host, and one on the store as its leaf.

The same queue, the same bytes and the same way of applying them as over HTTPS, with TLS and a
certificate on both sides between the two servers.
"""

import subprocess
import time
from pathlib import Path

from bench.syncing.machines import FOLDER, PYTHON, Node
from bench.syncing.rivals import COMMITTED, ask
from roles.parts import links, service, tls

LEAF_PORT = 7422
_SERVER = """\
server_name: {name}
listen: "127.0.0.1:4222"
max_payload: 8MB
jetstream {{ store_dir: "/var/lib/bench/nats", domain: {domain} }}
leafnodes {{ {leafs} }}
"""
_LEAFS = """
    port: {port}
    tls {{ cert_file: "{own}", key_file: "{key}", ca_file: "{authority}", verify: true }}"""
_LEAF = """
    remotes: [ {{
        url: "tls://{host}:{port}"
        tls {{ cert_file: "{own}", key_file: "{key}", ca_file: "{authority}" }}
    }} ]"""


class Nats:
    """Parts over NATS in place of HTTPS; the store's own daemon rests meanwhile."""

    name = "datasync over NATS"
    came = COMMITTED
    is_rival = False

    def __init__(self, host: Node, store: Node, *, client: Path) -> None:
        self._host, self._store = host, store
        store.run("systemctl stop poser-datasync")
        authority = tls.AUTHORITY
        leafs = _LEAFS.format(port=LEAF_PORT, own=tls.CERTIFICATE, key=tls.KEY, authority=authority)
        leaf = _LEAF.format(
            host=host.address,
            port=LEAF_PORT,
            own=links.CERTIFICATE,
            key=f"{service.CREDENTIALS}/node-key",
            authority=authority,
        )
        host.run(f"nft add rule inet poser input tcp dport {LEAF_PORT} accept")
        _serve(host, "host", leafs, client)
        _serve(store, "store", leaf, client)
        (peer,) = ask(store, "SELECT received_pos FROM datasync_peers").splitlines()
        _run(host, "bench-give", "nats_give.py", store.name, peer)
        time.sleep(2)

    def start(self) -> None:
        """Apply what has come, from now on."""
        _run(self._store, "bench-take", "nats_take.py", self._host.name)

    def stop(self) -> None:
        """Apply nothing; the store's server goes on mirroring."""
        self._store.run("systemctl stop bench-take 2>/dev/null || true")

    def end(self) -> None:
        """Let HTTPS carry the parts again."""
        self.stop()
        self._host.run("systemctl stop bench-give bench-nats")
        self._store.run("systemctl stop bench-nats && systemctl start poser-datasync")

    def resident_mib(self) -> dict[str, float]:
        """Return how much memory the two servers and the two programs have."""
        asked = "grep VmRSS /proc/$(systemctl show -p MainPID --value {})/status | tr -dc 0-9"
        both = ((self._host, "bench-give"), (self._store, "bench-take"))
        return {
            f"{node.name} {unit}": int(node.run(asked.format(unit))) / 1024
            for node, program in both
            for unit in ("bench-nats", program)
        }


def _serve(node: Node, domain: str, leafs: str, client: Path) -> None:
    node.run("command -v nats-server || apt-get install -y -q nats-server")
    node.run("systemctl disable --now nats-server 2>/dev/null || true")
    text = _SERVER.format(name=node.name, domain=domain, leafs=leafs)
    node.run(f"rm -rf {FOLDER}/nats && cat > {FOLDER}/nats.conf <<'END'\n{text}\nEND")
    node.run(f"systemd-run --quiet --collect --unit=bench-nats nats-server -c {FOLDER}/nats.conf")
    _bring_client(node, client)


def _bring_client(node: Node, package: Path) -> None:
    """Bring the Python client beside the bench's programs."""
    packed = subprocess.run(
        ["tar", "-C", package.parent, "--exclude=__pycache__", "-cz", package.name],
        check=True,
        capture_output=True,
    ).stdout
    node.put(packed, f"{FOLDER}/nats.tar.gz")
    node.run(f"tar -C {FOLDER} --no-same-owner -xzf {FOLDER}/nats.tar.gz")


def _run(node: Node, unit: str, program: str, *words: str) -> None:
    node.run(
        f"systemd-run --quiet --collect --unit={unit} --uid=poser {PYTHON} {FOLDER}/{program}"
        f" {' '.join(words)}"
    )
