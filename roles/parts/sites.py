# SPDX-License-Identifier: Apache-2.0
"""What nginx serves: the web app, the web app for staff only, the hub that other nodes dial."""

from dataclasses import dataclass

from poser import services
from poser.machine.resources.file import File
from poser.services import Service
from roles.parts import tls
from roles.settings import setting
from roles.values import Host, Port

FOLDER = "/etc/nginx/conf.d"
SOCKET = f"/run/{services.WEB.runtime_directory}/web.sock"
EVENTS_SOCKET = f"/run/{services.EVENTS.runtime_directory}/events.sock"
PORTAL_SOCKET = f"/run/{services.PORTAL.runtime_directory}/portal.sock"
HUB_SOCKET = f"/run/{services.HUB.runtime_directory}/hub.sock"
REVOKED = "/etc/ssl/certs/poser-revoked.pem"
STAFF_PORT = 8443
HUB_PORT = 8444
STAFF = "staff:"
"""Certificates of people begin with this; no machine is called so, and nodes' names do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One file of server blocks, the programs behind it, and the ports it opens.

    `files` must be there before nginx reads it; when they change, nginx reads them again.
    """

    path: str
    content: str
    behind: tuple[Service, ...]
    ports: tuple[Port, ...]
    files: tuple[File, ...] = ()
    promises: tuple[str, ...] = ()


def web_app(host: Host) -> Site:
    """Return the web app for everyone in the networks that may reach it, on the usual ports."""
    open_to = setting(host.settings, "machine.web_open_to")
    return Site(
        path=f"{FOLDER}/poser.conf",
        content=web_app_text(host),
        behind=(services.WEB, services.EVENTS),
        ports=(
            Port(80, serves="redirect to HTTPS", open_to=open_to),
            Port(443, serves="web app", open_to=open_to),
        ),
        promises=("plain HTTP only redirects",),
    )


def staff_only(host: Host) -> Site:
    """Return the web app for who shows a certificate that the authority gave to a person."""
    open_to = setting(host.settings, "machine.web_open_to")
    return Site(
        path=f"{FOLDER}/poser-staff.conf",
        content=staff_only_text(host),
        behind=(services.WEB, services.EVENTS),
        ports=(Port(STAFF_PORT, serves="web app for staff", open_to=open_to),),
        files=(_revoked(host),),
        promises=("the web app answers nobody without a certificate of a person",),
    )


def hub(host: Host) -> Site:
    """Return the door of the hub: for nodes with a certificate of their own, and nobody else."""
    return Site(
        path=f"{FOLDER}/poser-hub.conf",
        content=hub_text(host),
        behind=(services.HUB,),
        ports=(Port(HUB_PORT, serves="hub of other nodes"),),
        files=(_revoked(host),),
        promises=("the hub answers nodes with a certificate of their own, and nobody else",),
    )


def portal(host: Host) -> Site:
    """Return the customers' portal, for everyone, on the usual ports."""
    return Site(
        path=f"{FOLDER}/poser-portal.conf",
        content=portal_text(host),
        behind=(services.PORTAL,),
        ports=(Port(80, serves="redirect to HTTPS"), Port(443, serves="customers' portal")),
        promises=("plain HTTP only redirects", "the customers' portal lets people sign up"),
    )


def _revoked(host: Host) -> File:
    return File(path=REVOKED, content=host.revoked_pem)


def web_app_text(host: Host) -> str:
    """Return two server blocks: one that redirects, one that passes requests to the app."""
    return f"""\
# The web app of {host.name}. Made by Poser; changes made here are undone.
{_WEB_UPSTREAMS}
{_REDIRECT}
server {{
    listen 443 ssl default_server;
    listen [::]:443 ssl default_server;
    http2 on;
    server_name _;
{_OWN_CERTIFICATE}
    add_header Strict-Transport-Security "max-age=63072000" always;

{_web_locations("$host")}}}
"""


def portal_text(host: Host) -> str:
    """Return two server blocks: one that redirects, one that passes requests to the portal."""
    return f"""\
# The customers' portal of {host.name}. Made by Poser; changes made here are undone.
upstream poser_portal {{
    server unix:{PORTAL_SOCKET} fail_timeout=0;
    keepalive 8;
}}

{_REDIRECT}
server {{
    listen 443 ssl default_server;
    listen [::]:443 ssl default_server;
    http2 on;
    server_name _;
{_OWN_CERTIFICATE}
    add_header Strict-Transport-Security "max-age=63072000" always;

{_location("/", "poser_portal", "$host")}}}
"""


def staff_only_text(host: Host) -> str:
    """Return the server block that passes the requests of people with certificates to the app."""
    return f"""\
# The web app of {host.name}, for staff. Made by Poser; changes made here are undone.
{_WEB_UPSTREAMS}
# A certificate of a node opens nothing here.
map $ssl_client_s_dn $poser_is_staff {{
    default 0;
    "~^CN={STAFF}" 1;
}}

server {{
    listen {STAFF_PORT} ssl default_server;
    listen [::]:{STAFF_PORT} ssl default_server;
    http2 on;
    server_name _;
{_OWN_CERTIFICATE}{_ONLY_WITH_CERTIFICATE}
    add_header Strict-Transport-Security "max-age=63072000" always;
    if ($poser_is_staff = 0) {{
        return 403;
    }}

{_web_locations("$http_host")}}}
"""


def hub_text(host: Host) -> str:
    """Return the server block that tells the hub which node asks, by its certificate."""
    return f"""\
# The hub of {host.name}. Made by Poser; changes made here are undone.
upstream poser_hub {{
    server unix:{HUB_SOCKET} fail_timeout=0;
    keepalive 64;
}}

# The name of the node, "" for every other kind of certificate.
map $ssl_client_s_dn $poser_node {{
    default "";
    "~^CN=(?<poser_cn>[a-z][a-z0-9-]*)$" $poser_cn;
}}

server {{
    listen {HUB_PORT} ssl default_server;
    listen [::]:{HUB_PORT} ssl default_server;
    server_name _;
{_OWN_CERTIFICATE}    ssl_protocols TLSv1.3;
{_ONLY_WITH_CERTIFICATE}
    if ($poser_node = "") {{
        return 403;
    }}
    # A chain's nodes may share an address; a part of a queue may take a slow line a while.
    limit_conn callers 4000;
    client_max_body_size 64m;
    client_body_timeout 60s;

    location / {{
        return 404;
    }}

    location /datasync/ {{
        proxy_pass http://poser_hub;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $host;
        # In place of whatever the node sends under this name.
        proxy_set_header X-Poser-Node $poser_node;
        proxy_connect_timeout 5s;
        proxy_read_timeout 75s;
    }}
}}
"""


_REDIRECT = """\
server {
    listen 80 default_server;
    listen [::]:80 default_server;
    server_name _;
    return 308 https://$host$request_uri;
}
"""

_WEB_UPSTREAMS = f"""\
upstream poser_web {{
    server unix:{SOCKET} fail_timeout=0;
    keepalive 8;
}}

upstream poser_events {{
    server unix:{EVENTS_SOCKET} fail_timeout=0;
}}
"""

_OWN_CERTIFICATE = f"""\
    ssl_certificate {tls.CERTIFICATE};
    ssl_certificate_key {tls.KEY};
"""

_ONLY_WITH_CERTIFICATE = f"""\
    ssl_client_certificate {tls.AUTHORITY};
    ssl_crl {REVOKED};
    ssl_verify_client on;
    ssl_verify_depth 1;
    # A session that goes on is not held against the list of what is revoked: none goes on.
    ssl_session_cache off;
"""


def _web_locations(named: str) -> str:
    """Return what passes requests on; `named` is the site's name as the browser spells it."""
    return f"""\
{_location("/", "poser_web", named)}
    # Streams that stay open and tell pages what changes; without them pages look by themselves.
    location /events/ {{
        proxy_pass http://poser_events;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host {named};
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
        proxy_buffering off;
        proxy_cache off;
        proxy_connect_timeout 2s;
        proxy_read_timeout 60s;
    }}
"""


def _location(path: str, upstream: str, named: str) -> str:
    return f"""\
    location {path} {{
        proxy_pass http://{upstream};
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host {named};
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
        proxy_connect_timeout 5s;
        proxy_read_timeout 60s;
    }}
"""
