# SPDX-License-Identifier: Apache-2.0
"""Settings of the Django peer: what `startproject` writes, with DEBUG off, over our tables.

Django's own tables (users, sessions) lie in a schema of their own beside ours. Connections
are kept, which is better than Django's default of one for each request.
"""

import os

DEBUG = False
SECRET_KEY = os.environ["BENCH_DJANGO_KEY"]
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "bench.grid.django_side.urls"
WSGI_APPLICATION = "bench.grid.django_side.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "bench.grid.django_side.apps.Shop",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "127.0.0.1",
        "PORT": os.environ["BENCH_DATABASE_PORT"],
        "USER": "postgres",
        "NAME": os.environ["BENCH_DATABASE"],
        "CONN_MAX_AGE": 600,
        "OPTIONS": {
            "application_name": "django",
            "options": "-c search_path=django,public",
        },
    },
}
STATIC_URL = "static/"
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
