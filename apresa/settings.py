"""Django's settings, all taken from `apresa.env`; `settings.APRESA` is the typed original."""

import socket
import sys
from typing import Any

from csp.constants import NONCE, NONE, SELF

from apresa import env
from apresa.broker import celery_settings
from apresa.databases import databases
from apresa.layout import make_data
from apresa.secret import secret_key

BASE_DIR = env.PROJECT

try:
    APRESA = env.load()
    make_data(APRESA)
    SECRET_KEY = secret_key(APRESA)
    DATABASES = databases(APRESA)
except env.SettingsError as _error:
    sys.stderr.write(f"{_error}\n")
    raise SystemExit(2) from None

DEBUG = APRESA.debug
ALLOWED_HOSTS = ["*"]  # apresa.hosts decides instead
HOST_NAMES = [*(APRESA.allowed_hosts or ("localhost", socket.gethostname()))]
CSRF_TRUSTED_ORIGINS = [*APRESA.trusted_origins]

INSTALLED_APPS = [
    "apresa.apps.ApresaConfig",
    "apresa.accounts",
    "apresa.config",
    "apresa.jobs",
    "apresa.events",
    "apresa.audit",
    "apresa.node",
    "recordings",
    "cluster",
    "worker",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "apresa.logging.RequestLogMiddleware",
    "apresa.proxy.ProxyMiddleware",
    "apresa.hosts.HostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "apresa.statics.StaticFilesMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apresa.accounts.middleware.PreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "apresa.saved.SavedMiddleware",
    "apresa.troubles.DatabaseTroubleMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
]
ROOT_URLCONF = "apresa.urls"
ASGI_APPLICATION = "apresa.asgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "apresa.context.platform",
            ]
        },
    }
]

DATABASE_ROUTERS = ["apresa.router.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["apresa.accounts.backends.Backend"]
PASSWORD_HASHERS = [
    "apresa.accounts.hashers.SmallArgon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"

# Signed cookies need no database, so people stay signed in across a failover.
SESSION_ENGINE = "apresa.accounts.sessions"
SESSION_COOKIE_NAME = "apresa_session"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = APRESA.https
CSRF_COOKIE_NAME = "apresa_csrf"
CSRF_FAILURE_VIEW = "apresa.views.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

SECURE_HSTS_SECONDS = 31_536_000 if APRESA.https else 0
SECURE_SSL_REDIRECT = False  # the front server redirects; health checks come by plain HTTP from this machine
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if APRESA.https else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # no collecting step: files are served from where they lie

USE_TZ = True
TIME_ZONE = APRESA.time_zone
USE_I18N = True
LANGUAGE_CODE = APRESA.language
LANGUAGES = [("en", "English"), ("nl", "Nederlands")]
LOCALE_PATHS = [BASE_DIR / "apresa" / "locale"]
LANGUAGE_COOKIE_NAME = "apresa_language"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apresa.accounts.api.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated", "apresa.accounts.api.TokenScope"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {"anon": "60/min", "user": "1200/min"},
    "EXCEPTION_HANDLER": "recordings.api.errors.handle",
    "URL_FORMAT_OVERRIDE": None,  # ?format= names the audio's format
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Apresa",
    "DESCRIPTION": "Find, play and keep recorded telephone calls.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

LOGGING_CONFIG = "apresa.logging.configure"
LOGGING = {"level": APRESA.log_level, "format": APRESA.log_format}

globals().update(celery_settings(APRESA))
