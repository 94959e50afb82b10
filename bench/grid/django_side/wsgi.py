# SPDX-License-Identifier: Apache-2.0
# mypy: ignore-errors
"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.grid.django_side.settings")
application = get_wsgi_application()
