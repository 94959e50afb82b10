# SPDX-License-Identifier: Apache-2.0
"""The few cookies of the app. With HTTPS their names bind them to this very host."""

import falcon

from web.surroundings import Surroundings

SESSION = "poser-session"
DOOR = "poser-door"
HALF = "poser-half"
DENSITY = "poser-density"
THEME = "poser-theme"
LANGUAGE = "poser-language"
AREAS = "poser-areas"
_LONGEST = 200


def full_name(site: Surroundings, name: str) -> str:
    """Give the name by which the browser knows a cookie."""
    # Source: RFC 6265bis, section 4.1.3.2: such a cookie is Secure, and no other host sets it.
    return f"__Host-{name}" if site.is_secure else name


def get_cookie(
    site: Surroundings, req: falcon.Request, name: str, *, longest: int = _LONGEST
) -> str:
    """Read a cookie; empty when the browser sent none, several, or a longer one."""
    values = req.get_cookie_values(full_name(site, name)) or []
    return values[0] if len(values) == 1 and len(values[0]) <= longest else ""


def set_cookie(
    site: Surroundings,
    resp: falcon.Response,
    name: str,
    value: str,
    *,
    max_age_s: int | None = None,
) -> None:
    """Give the browser a cookie, until it closes if not told how long."""
    resp.set_cookie(
        full_name(site, name),
        value,
        max_age=max_age_s,
        path="/",
        secure=site.is_secure,
        http_only=True,
        same_site="Lax",
    )


def drop_cookie(site: Surroundings, resp: falcon.Response, name: str) -> None:
    """Take a cookie away."""
    set_cookie(site, resp, name, "", max_age_s=0)
