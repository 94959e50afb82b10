# SPDX-License-Identifier: Apache-2.0
"""Lines between nodes: who may use them is decided by certificates, and by nothing else."""

import json
import shlex
from datetime import datetime
from http.client import HTTPSConnection

import pytest
from testinfra.host import Host as Observed

from control.verify import Subject
from roles.parts.links import CERTIFICATE, KEY
from roles.parts.service import CREDENTIALS
from roles.parts.sites import HUB_PORT, STAFF_PORT
from roles.parts.tls import AUTHORITY
from tests.support.browser import trusting

HUB = "the hub answers nodes with a certificate of their own, and nobody else"
PORTAL = "the customers' portal lets people sign up"
STAFF = "the web app answers nobody without a certificate of a person"
KNOWN = "the host knows this node by its certificate"
IN_STEP = "products that are changed on the host are so here"
ASKED = "/datasync/changes?after=0&epoch=00000000-0000-0000-0000-000000000000"
"""A question about a queue that nobody has: answered with 409, and nothing is noted."""
OK = 200
NO_CERTIFICATE, BAD_CERTIFICATE, FORBIDDEN, ANOTHER_QUEUE = 400, 400, 403, 409

SILENT_S = 60
"""A host that was not heard for so long is not reached: it is asked anew four times in a minute."""
# Compares with the host by hashes; a node that was just set up may still be filled.
COMPARE = """
tries=0
until said=$(poser datasync verify --table stores --table products 2>&1); do
    tries=$((tries + 1))
    [ $tries -lt 20 ] || { echo "$said"; exit 1; }
    sleep 2
done
"""
# How the daemon gets on; one that was started a moment ago may still be dialling.
HEARD = """
tries=0
until said=$(poser datasync status --json) && ! echo "$said" | grep -q '"seen_at": null'; do
    tries=$((tries + 1))
    [ $tries -lt 20 ] || break
    sleep 2
done
echo "$said"
"""

# Asks the host, and prints the status; words: address, port, path, certificate, key, authority.
ASK = """
import http.client, ssl, sys
address, port, path, certificate, key, authority = sys.argv[1:]
context = ssl.create_default_context(cafile=authority)
context.load_cert_chain(certificate, key)
line = http.client.HTTPSConnection(address, int(port), timeout=20, context=context)
line.request("GET", path)
print(line.getresponse().status)
"""


def status(subject: Subject, port: int, path: str, own_pem: str = "") -> int:
    """Ask from outside with a certificate, or with none; returns the status."""
    context = trusting(subject.host.authority_pem, own_pem)
    line = HTTPSConnection(subject.host.address, port, timeout=10, context=context)
    try:
        line.request("GET", path)
        return line.getresponse().status
    finally:
        line.close()


def of_machine(subject: Subject) -> str:
    """Return what the machine itself shows as a server; the authority has signed it, too."""
    return subject.host.certificate_pem + subject.host.key_pem.reveal()


@pytest.mark.promise(HUB)
def test_without_a_certificate_of_a_node_the_hub_is_not_reached(subject: Subject) -> None:
    assert status(subject, HUB_PORT, ASKED) == NO_CERTIFICATE
    assert status(subject, HUB_PORT, ASKED, of_machine(subject)) == BAD_CERTIFICATE
    assert status(subject, HUB_PORT, ASKED, subject.person_pem) == FORBIDDEN


@pytest.mark.promise(HUB)
def test_the_hub_is_reached_through_its_door_alone(host: Observed) -> None:
    socket = host.file("/run/poser-hub")
    assert (socket.mode, socket.group) == (0o750, "poser-hub")
    members = host.check_output("getent group poser-hub").rpartition(":")[2]
    assert members.split(",") == ["www-data"]


@pytest.mark.promise(STAFF)
@pytest.mark.usefixtures("recovered")
def test_without_a_certificate_of_a_person_the_web_app_is_not_reached(subject: Subject) -> None:
    assert status(subject, STAFF_PORT, "/health") == NO_CERTIFICATE
    assert status(subject, STAFF_PORT, "/health", of_machine(subject)) == BAD_CERTIFICATE
    assert status(subject, STAFF_PORT, "/health", subject.person_pem) == 200


@pytest.mark.promise(STAFF)
def test_a_certificate_of_a_node_is_none_of_a_person(host: Observed, subject: Subject) -> None:
    key = f"{CREDENTIALS}/node-key"
    assert ask(host, subject.host.address, STAFF_PORT, "/health", key) == FORBIDDEN


@pytest.mark.promise(KNOWN)
def test_the_host_answers_this_node(host: Observed, subject: Subject) -> None:
    assert subject.host.dials
    address = subject.host.dials.address
    assert ask(host, address, HUB_PORT, ASKED, f"{CREDENTIALS}/node-key") == ANOTHER_QUEUE


@pytest.mark.promise(KNOWN)
def test_the_key_is_shown_to_its_service_alone(host: Observed) -> None:
    for user in ("nobody", "www-data"):
        assert host.run("runuser -u %s -- cat %s", user, KEY).rc != 0
    assert host.run("test -s %s", KEY).rc == 0


@pytest.mark.promise(IN_STEP)
def test_what_the_host_has_is_here(host: Observed) -> None:
    done = host.run(COMPARE)
    assert done.rc == 0, done.stdout


@pytest.mark.promise(IN_STEP)
def test_the_host_is_heard_and_nothing_waits(host: Observed) -> None:
    (peer,) = json.loads(host.check_output(HEARD))["peers"]
    assert (peer["state"], peer["note"]) == ("active", "")
    assert peer["seen_at"], "the host was never heard"
    seen = datetime.fromisoformat(peer["seen_at"]).timestamp()
    assert int(host.check_output("date +%s")) - seen < SILENT_S
    assert (peer["parked"], peer["dead"]) == (0, 0)


def ask(host: Observed, address: str, port: int, path: str, key: str) -> int:
    """Ask from the machine, as root, with the node's certificate; returns the status."""
    words = (address, str(port), path, CERTIFICATE, key, AUTHORITY)
    command = f"python3 -c {shlex.quote(ASK)} {shlex.join(words)}"
    return int(host.check_output(command))


@pytest.mark.promise(PORTAL)
def test_the_portal_lets_people_sign_up(subject: Subject) -> None:
    context = trusting(subject.host.authority_pem)
    line = HTTPSConnection(subject.host.address, timeout=10, context=context)
    try:
        line.request("GET", "/sign-up")
        answer = line.getresponse()
        page = answer.read().decode()
    finally:
        line.close()
    assert answer.status == OK
    assert 'name="address"' in page or 'type="email"' in page
