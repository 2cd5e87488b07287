"""One settings file; everything that differs between installations comes from the environment."""

import os
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def need(name: str) -> str:
    """Return the environment's value, or say which one is missing."""
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. Start with `python3 dev.py run`, or set it in the environment."
        )
    return value


def database(url: str) -> dict[str, object]:
    """Return Django's entry for a postgresql:// address, with a socket directory in ?host=."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", "") or parts.hostname or "",
        "PORT": query.pop("port", "") or str(parts.port or ""),
        # A connection costs ten milliseconds, and plans its questions anew: not once a minute.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": "-c timezone=UTC -c synchronous_commit=on", **query},
    }


def is_loopback(host: str) -> bool:
    """Return whether this host is the machine itself."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


DEBUG = os.environ.get("CENSUS_DEBUG", "") == "1"
SECRET_KEY = need("CENSUS_SECRET_KEY")
FIELD_KEYS = need("CENSUS_FIELD_KEYS")
DIGEST_KEY = need("CENSUS_DIGEST_KEY")
TOKEN_KEY = need("CENSUS_TOKEN_KEY")
SITE_URL = os.environ.get("CENSUS_SITE_URL", "http://127.0.0.1:8000").rstrip("/")
STATE_DIR = Path(os.environ.get("CENSUS_STATE_DIR", str(BASE_DIR / ".state")))
PRIVATE_DIR = STATE_DIR / "private"
# How many proxies of ours stand before the web server; without any, nobody's word is taken.
TRUSTED_PROXIES = int(os.environ.get("CENSUS_TRUSTED_PROXIES", "0"))
SITE_IS_SECURE = SITE_URL.startswith("https://")
# "1": every office account sets up two-step sign-in; "0": the security administrator says who must.
# Unsaid, a site in earnest asks it of all, and a trial on one machine of nobody.
SECOND_FACTOR_FOR_ALL = {"1": True, "0": False}.get(
    os.environ.get("CENSUS_SECOND_FACTOR", ""), SITE_IS_SECURE
)
# Browsers count this machine's own address as secure too; a neighbour's over plain http they do not.
COOKIES_ARE_SECURE = SITE_IS_SECURE or is_loopback(urlsplit(SITE_URL).hostname or "")
COOKIE_PREFIX = "__Host-" if COOKIES_ARE_SECURE else ""

ALLOWED_HOSTS = [
    host
    for host in [
        urlsplit(SITE_URL).hostname or "",
        *os.environ.get("CENSUS_ALLOWED_HOSTS", "").split(","),
    ]
    if host
]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    "csp",
    "census_staff.readiness",
    "census_staff.places",
    "census_staff.censuses",
    "census_staff.people",
    "census_staff.accounts",
    "census_staff.audit",
    "census_staff.batches",
    "census_staff.correspondence",
    "training",
    "exams",
    "recruitment",
    "credentials",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "census_staff.lib.content_policy.ContentPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "census_staff.accounts.access_log.AccessLogMiddleware",
    "credentials.scan.ScanMiddleware",
    "exams.short_way.SaveMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "census_staff.accounts.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "census_staff.accounts.middleware.GateMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "census_staff.accounts.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "census_staff.urls"
WSGI_APPLICATION = "census_staff.wsgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "census_staff.accounts.context.shell",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    },
]

# `default` is the application role; `owner` migrates. Both name the same database.
DATABASES = {
    "default": database(need("DATABASE_URL")),
    "owner": database(os.environ.get("DATABASE_OWNER_URL") or need("DATABASE_URL")),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEST_RUNNER = "django.test.runner.DiscoverRunner"

REDIS_URL = need("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL.replace("redis+socket://", "unix://").replace("virtual_host=", "db="),
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["census_staff.accounts.backends.AccountBackend"]
PASSWORD_HASHERS = ["census_staff.accounts.hashers.Argon2idHasher"]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"

# The longest that any browser stays signed in; census_staff/accounts/sessions.py is stricter.
SESSION_ENGINE = "census_staff.accounts.sessions"
SESSION_COOKIE_AGE = int(timedelta(days=7).total_seconds())
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = COOKIES_ARE_SECURE
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session"
CSRF_COOKIE_SECURE = COOKIES_ARE_SECURE
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
CSRF_COOKIE_HTTPONLY = True  # pages carry the value; scripts read it there
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}language"
# What is said after a deed may name people: it waits in the database, not in the browser.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SECURE_SSL_REDIRECT = SITE_IS_SECURE
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if SITE_IS_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SITE_IS_SECURE
SECURE_HSTS_PRELOAD = SITE_IS_SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SITE_IS_SECURE else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "style-src": [SELF, NONCE],
        "script-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = sorted(path for path in (BASE_DIR / "locale").glob("*") if path.is_dir())
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "static/"
STATIC_ROOT = STATE_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": PRIVATE_DIR, "file_permissions_mode": 0o600},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "census_staff.lib.arrivals.NamelessUploadHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 12_000

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "census_staff.accounts.api_auth.TokenAuthentication",
        "census_staff.accounts.api_auth.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.CursorPagination",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "EXCEPTION_HANDLER": "census_staff.accounts.api_errors.explain",
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Census Staff",
    "DESCRIPTION": "People who go from door to door in a census: roster, exam, cards, verification.",
    "VERSION": "1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "StandardEnum": ["trained", "passed", "pledged", "sat_online"],
        "UnitKindEnum": ["page", "pdf", "film"],
        "HarmEnum": "credentials.states.Harm.choices",
        "BatchStateEnum": "census_staff.batches.states.BatchState.values",
        "ItemStateEnum": "census_staff.batches.states.ItemState.values",
        "CardStateEnum": "credentials.states.CardState.choices",
    },
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
}

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 600
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    # A broker that hangs keeps nobody waiting at a door.
    "socket_connect_timeout": 3,
    "socket_timeout": 5,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Worker and beat outlive any absence of the broker.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = TIME_ZONE
CELERY_ENABLE_UTC = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# A duty is a due row; the clock only looks for it (name of the task, seconds between looks).
POLLS = {
    "census_staff.batches.tasks.poll": 15,
    "census_staff.correspondence.tasks.poll": 15,
    "census_staff.audit.tasks.seal": 5,
    "exams.tasks.poll": 15,
    "recruitment.tasks.poll": 15,
    "recruitment.tasks.count_boards": 15,
    "recruitment.tasks.read_uploads": 15,
    "recruitment.tasks.sweep_files": 3600,
    "credentials.tasks.poll": 15,
    "credentials.tasks.sweep_files": 3600,
}
CELERY_BEAT_SCHEDULE = {
    name: {"task": name, "schedule": float(seconds), "options": {"expires": max(seconds, 10)}}
    for name, seconds in POLLS.items()
}
CELERY_BEAT_SCHEDULE_FILENAME = str(STATE_DIR / "beat-schedule")

# Lower floors ask about a person's service, and write to the trail, by these names.
SERVICE_RECORD = "recruitment.facts.record_of"
SERVICE_RECORD_SQL = "recruitment.facts.record_sql"
SERVICE_RECORDS = "recruitment.facts.records_of"
AUDIT_RECORD = "census_staff.audit.services.record"
AUDIT_RECORD_MANY = "census_staff.audit.services.record_many"
SERVICE_OFFICES = "recruitment.facts.offices_of"
SERVICE_ROLL = "recruitment.facts.roll"
# Exams and training stand side by side: an exam asks by name how often somebody retrained.
RETRAINED_ROUNDS = "training.facts.retrained_rounds"

# Floors above add to a person's page by these names (recruitment/panels.py says what they return).
PERSON_PANELS = ["credentials.panels.card_panel"]

# kind of batch -> the object that does its work (see census_staff/batches/kinds.py).
BATCH_KINDS = {
    "roster": "recruitment.roster_commit.RosterKind",
    "review": "recruitment.review.ReviewKind",
    "activate": "recruitment.activation.ActivationKind",
    "disable": "recruitment.compliance.DisableKind",
    "number": "credentials.batches.NumberKind",
    "print": "credentials.batches.PrintKind",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "census_staff.lib.log_lines.Line",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
        "bare": {"()": "census_staff.lib.log_lines.Line", "format": "%(message)s"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "access": {"class": "logging.StreamHandler", "formatter": "bare"},
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    # One JSON object a request; accounts/access_log.py says what is in it.
    "loggers": {"census.access": {"handlers": ["access"], "propagate": False}},
}
