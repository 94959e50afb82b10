# SPDX-License-Identifier: Apache-2.0
"""Mail: Postfix that takes messages from the machine itself and sends them, nothing else."""

from poser.machine.resources.command import Command
from poser.machine.resources.file import File
from poser.machine.resources.packages import Packages
from poser.machine.resources.service import Service
from roles.settings import setting
from roles.values import Host, Part

MAIN = "/etc/postfix/main.cf"
MASTER = "/etc/postfix/master.cf"
SOCKET = "/var/spool/postfix/public/poser"
"""Where poser-mail hands mail over: it is shut off from every network, also from loopback."""

_ENTRY = "poser/unix=poser unix n - n - - smtpd"


def mail(host: Host) -> Part:
    """Return a Postfix that listens on the loopback addresses only and relays for nobody."""
    return Part(
        name="mail",
        what=__doc__ or "",
        resources=(
            Packages(names=("postfix",)),
            File(path=MAIN, content=main_cf(host)),
            Service(unit="postfix.service", restart_on=(MAIN,)),
            Command(
                name="mail socket",
                run=("sh", "-c", f"postconf -Me '{_ENTRY}' && postfix reload"),
                unless=("grep", "-q", "^poser[[:space:]]*unix[[:space:]]", MASTER),
            ),
        ),
        promises=(
            "mail is accepted from the machine itself only",
            "poser-mail hands mail over, and comes back after it is killed",
        ),
    )


def settings(host: Host) -> dict[str, str]:
    """Return the lines of poser.conf that let Poser send mail here."""
    return {
        "mail.server": f"unix:{SOCKET}",
        "mail.from": f"Poser on {host.name} <poser@{host.fqdn}>",
    }


def main_cf(host: Host) -> str:
    """Return the whole main.cf; `machine.mail_relay` and `machine.mail_to` shape it."""
    relay = setting(host.settings, "machine.mail_relay")
    reader = setting(host.settings, "machine.mail_to")
    aliases = "{ postmaster = root }" + (f", {{ root = {reader} }}" if reader else "")
    return f"""\
# The mail server of this machine: it only sends. Made by Poser; changes made here are undone.
compatibility_level = 3.10
myhostname = {host.fqdn}
myorigin = $myhostname
mydestination = $myhostname, localhost.localdomain, localhost

# Messages come in from this machine only, and none is passed on for somebody else.
inet_interfaces = loopback-only
mynetworks = 127.0.0.0/8 [::1]/128
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = permit_mynetworks, reject
disable_vrfy_command = yes
smtpd_banner = $myhostname ESMTP

# Who reads what is sent to root.
alias_maps = inline:{{ {aliases} }}
alias_database =
mailbox_size_limit = 52428800
message_size_limit = 26214400

# Sending: encrypted where the other side can, always when a relay is named.
relayhost = {relay}
smtp_tls_security_level = {"encrypt" if relay else "may"}
smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt
smtp_tls_loglevel = 1
smtputf8_enable = yes
biff = no
append_dot_mydomain = no
"""
