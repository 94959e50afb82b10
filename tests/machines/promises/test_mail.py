# SPDX-License-Identifier: Apache-2.0
"""Mail is accepted from the machine itself only. No message is sent by looking."""

import json
import socket

import pytest
from testinfra.host import Host as Observed

from control.verify import Subject
from poser import services
from roles.parts.mail import SOCKET

HANDED_OVER = "poser-mail hands mail over, and comes back after it is killed"
# The same dialog over the socket, by who is shut off from every network as the service is.
OVER_SOCKET = r"""
import json, socket, sys
line = socket.socket(socket.AF_UNIX)
line.settimeout(10)
line.connect(sys.argv[1])
answers = line.makefile("rb")
def said():
    while True:
        answer = answers.readline()
        if answer[3:4] != b"-":
            return int(answer[:3])
codes = [said()]
for words in (b"EHLO localhost", b"MAIL FROM:<root>", b"RCPT TO:<root>", b"RSET"):
    line.sendall(words + b"\r\n")
    codes.append(said())
print(json.dumps(codes))
"""
PROMISE = "mail is accepted from the machine itself only"
# Says what the server answers up to the recipient, then leaves: nothing is sent.
DIALOG = """
import json, smtplib, sys
with smtplib.SMTP(sys.argv[1], 25, timeout=10) as server:
    codes = [server.ehlo()[0], server.mail("root")[0], server.rcpt("root")[0], server.rset()[0]]
print(json.dumps(codes))
"""


@pytest.mark.promise(PROMISE)
def test_it_takes_mail_from_inside(host: Observed) -> None:
    assert json.loads(host.check_output("python3 -c %s localhost", DIALOG)) == [250] * 4


@pytest.mark.promise(PROMISE)
def test_it_takes_none_from_outside(host: Observed, subject: Subject) -> None:
    with pytest.raises(OSError, match=r"refused|timed out|unreachable"):
        socket.create_connection((subject.host.address, 25), timeout=2)
    assert host.run("python3 -c %s %s", DIALOG, subject.host.address).rc != 0


@pytest.mark.promise(HANDED_OVER)
def test_the_service_may_hand_mail_over(host: Observed) -> None:
    unit = services.MAIL.unit
    groups = host.check_output("systemctl show -P SupplementaryGroups %s", unit).replace(" ", ",")
    as_the_service = f"setpriv --reuid=poser --regid=poser --groups={groups}"
    said = host.check_output(
        f"unshare --net {as_the_service} python3 -c %s %s", OVER_SOCKET, SOCKET
    )
    assert json.loads(said) == [220, 250, 250, 250, 250]
