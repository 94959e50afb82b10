# SPDX-License-Identifier: Apache-2.0
"""nginx in front of the web app: TLS from the internal authority, plain HTTP only redirects."""

from poser import services
from poser.machine.resources.absent import Absent
from poser.machine.resources.file import File
from poser.machine.resources.packages import Packages
from poser.machine.resources.service import Service
from poser.machine.resources.users import Group, User
from roles.files import shipped
from roles.parts import tls
from roles.parts.service import socket_group
from roles.settings import setting
from roles.values import Host, Part, Port

MAIN = "/etc/nginx/nginx.conf"
SITE = "/etc/nginx/conf.d/poser.conf"
SOCKET = f"/run/{services.WEB.runtime_directory}/web.sock"
EVENTS_SOCKET = f"/run/{services.EVENTS.runtime_directory}/events.sock"
_SOCKETS = tuple(socket_group(one) for one in (services.WEB, services.EVENTS))


def nginx(host: Host) -> Part:
    """Return the web server, its site and the two ports that the shop's computers use."""
    open_to = setting(host.settings, "machine.web_open_to")
    return Part(
        name="nginx",
        what=__doc__ or "",
        resources=(
            Packages(names=("nginx",)),
            *(Group(name=name) for name in _SOCKETS),
            # nginx may go into the folders of sockets and reads nothing else of the app.
            User(name="www-data", home="/var/www", groups=_SOCKETS),
            Absent(path="/etc/nginx/sites-enabled/default"),
            File(path=SITE, content=site(host)),
            shipped(MAIN, check=("nginx", "-t", "-c", "{}")),
            Service(unit="nginx.service", reload_on=(SITE, MAIN, tls.CERTIFICATE, tls.KEY)),
        ),
        ports=(
            Port(80, serves="redirect to HTTPS", open_to=open_to),
            Port(443, serves="web app", open_to=open_to),
        ),
        promises=(
            "the sign-in page answers over HTTPS",
            "plain HTTP only redirects",
        ),
    )


def site(host: Host) -> str:
    """Return the two server blocks: one that redirects, one that passes requests to the app."""
    return f"""\
# The web app of {host.name}. Made by Poser; changes made here are undone.
upstream poser_web {{
    server unix:{SOCKET} fail_timeout=0;
    keepalive 8;
}}

upstream poser_events {{
    server unix:{EVENTS_SOCKET} fail_timeout=0;
}}

server {{
    listen 80 default_server;
    listen [::]:80 default_server;
    server_name _;
    return 308 https://$host$request_uri;
}}

server {{
    listen 443 ssl default_server;
    listen [::]:443 ssl default_server;
    http2 on;
    server_name _;
    ssl_certificate {tls.CERTIFICATE};
    ssl_certificate_key {tls.KEY};

    add_header Strict-Transport-Security "max-age=63072000" always;

    location / {{
        proxy_pass http://poser_web;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
        proxy_connect_timeout 5s;
        proxy_read_timeout 60s;
    }}

    # Streams that stay open and tell pages what changes; without them pages look by themselves.
    location /events/ {{
        proxy_pass http://poser_events;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
        proxy_buffering off;
        proxy_cache off;
        proxy_connect_timeout 2s;
        proxy_read_timeout 60s;
    }}
}}
"""
