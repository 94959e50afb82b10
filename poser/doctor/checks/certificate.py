# SPDX-License-Identifier: Apache-2.0
"""How long the certificate of the machine is still good."""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from poser.config import Setting
from poser.doctor.check import Check, Finding, not_known, ok, warning, wrong
from poser.doctor.subject import Subject

CERTIFICATE = Setting(
    "doctor.certificate",
    Path,
    default=Path("/etc/ssl/certs/poser.pem"),
    doc="The certificate whose end poser doctor watches, in PEM.",
    file_only=True,  # a database that does not answer must not be in the way
)
DAYS = Setting(
    "doctor.certificate_days",
    int,
    default=30,
    low=1,
    high=3650,
    doc="Days before the certificate's end from which poser doctor warns.",
    file_only=True,
)
_TIMEOUT_S = 10


def _look(subject: Subject) -> Finding:
    path = CERTIFICATE(subject.node.config)
    if not path.exists():
        return not_known(f"{path} is not there", hint="a node of a role with tls has one")
    if shutil.which("openssl") is None:
        return not_known("openssl, which reads it, is not installed", hint="apt install openssl")
    try:
        ends = end_of(path)
    except ValueError as error:
        return wrong(f"{path} cannot be read: {error}", hint="bin/fab provision host=NAME")
    left = ends - subject.clock()
    said = f"{path} is good until {ends:%Y-%m-%d}"
    if left.total_seconds() <= 0:
        return wrong(f"{path} was good until {ends:%Y-%m-%d %H:%M} UTC", hint=CHECK.mend)
    if left.days < DAYS(subject.node.config):
        return warning(f"{said}, {left.days} days from now", hint=CHECK.mend)
    return ok(said)


def end_of(path: Path) -> datetime:
    """Return when a certificate ends (UTC). Raises ValueError with openssl's words."""
    command = ("openssl", "x509", "-noout", "-enddate", "-in", str(path))
    done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    if done.returncode:
        raise ValueError(" ".join(done.stderr.split()[:20]))
    text = " ".join(done.stdout.strip().removeprefix("notAfter=").split())
    return datetime.strptime(text, "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC)


CHECK = Check(
    name="certificate",
    means="Browsers, tills and other nodes refuse a certificate after its end.",
    mend="bin/fab provision host=NAME makes a new one in time.",
    look=_look,
)
