# SPDX-License-Identifier: Apache-2.0
# mypy: ignore-errors
"""Makes Django's own tables and a signed-in superuser; prints the cookie as JSON."""

import json
import os
import sys

import django
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command


def main() -> None:
    """Migrate, make the user if it is not there, sign in."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.grid.django_side.settings"
    django.setup()
    call_command("migrate", verbosity=0)
    users = get_user_model().objects
    user = users.filter(username="bench").first() or users.create_superuser("bench")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    cookie = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
    json.dump({"cookie": cookie, "version": django.get_version()}, sys.stdout)


if __name__ == "__main__":
    main()
