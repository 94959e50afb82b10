# SPDX-License-Identifier: Apache-2.0
"""Mail is accepted from the machine itself only. No message is sent by looking."""

import json
import socket

import pytest
from testinfra.host import Host as Observed

from control.verify import Subject

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
