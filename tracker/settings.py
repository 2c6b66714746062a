"""Settings, secure by default. The environment or a `.env` file changes them for a site.

`.env.example` lists every variable with its default.
"""

from django.utils.translation import gettext_lazy as _

from commitments import __version__
from tracker.cache_settings import CACHES
from tracker.data_settings import *  # noqa: F403 (it lists them)
from tracker.data_settings import EVIDENCE_STORAGE
from tracker.environment import BASE_DIR, ENV_FILE, env
from tracker.mail_settings import *  # noqa: F403 (it lists them)
from tracker.release import release
from tracker.variables import require_libraries

RELEASE = release()

SECRET_KEY = env.secret("SECRET_KEY", ENV_FILE)
# Former keys: what was encrypted or signed with them is still read.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
# The address of the staff side.
ADMIN_PATH = env.str("ADMIN_PATH", default="admin/")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "commitments.apps.CommitmentsConfig",
    "commitments.apps.TrackerAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "django_filters",
    "knox",
    "axes",
    "allauth.account",
    "allauth.mfa",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "tracker.logs.request_log",
    "tracker.health.probes",
    "tracker.middleware.drain_body",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tracker.middleware.content_security_policy",
    "tracker.middleware.CompressionMiddleware",
    "tracker.middleware.private_answers",
    "tracker.middleware.CrossOriginMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "tracker.middleware.PagesCommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tracker.second_factor.SecondFactorMiddleware",
    "tracker.middleware.OutageMiddleware",
]

ROOT_URLCONF = "tracker.urls"
WSGI_APPLICATION = "tracker.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
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

# Data

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if DEBUG:
    # Do not cache while somebody edits templates.
    CACHES["responses"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage",
        # Everybody gets these files, whoever collected them; uploads are for their owner alone.
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
    "evidence": EVIDENCE_STORAGE,
}
STATIC_URL = "static/"
# The folder for `collectstatic`. Without one, as with `make run`, files are served from the source.
STATIC_ROOT = env.str("STATIC_ROOT", default="") or None
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
if WHITENOISE_USE_FINDERS:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

# Who runs this site, as its pages say

SITE_NAME = env.str("SITE_NAME", default="")
SITE_OPERATOR = env.str("SITE_OPERATOR", default="")
SITE_CONTACT = env.str("SITE_CONTACT", default="")
SITE_IMPRINT = env.str("SITE_IMPRINT", default="")

# People

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "commitments.access.backends.PeopleBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
    )
] + [{"NAME": "commitments.admin.sign_in.new_passwords.NewPasswordIsMailed"}]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
# A working day. Whoever signs in again continues with what they had typed.
SESSION_COOKIE_AGE = 43_200
# Ten wrong passwords for a name from an address lock this pair for a quarter of an hour.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "commitments.access.rate_limits.client_address"
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
AXES_LOCKOUT_CALLABLE = "commitments.api.handlers.too_many_failures"

# Second factors. Anybody may set one up; whoever holds one of these roles must: `administrator`,
# `reporter`, `reviewer`, `curator`.
SECOND_FACTOR_ROLES = env.list("SECOND_FACTOR_ROLES", default=[])
ACCOUNT_ADAPTER = "commitments.admin.sign_in.adapters.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_REAUTHENTICATION_METHODS = ["password"]
MFA_ADAPTER = "commitments.admin.sign_in.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# A phone's clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "add_webauthn": "commitments.access.second_factor.AddPasskeyForm",
    "authenticate_webauthn": "commitments.access.second_factor.AskForPasskeyForm",
}
# Wrong passwords there are counted as everywhere else.
ACCOUNT_RATE_LIMITS = {"reauthenticate": ""}

# Single sign-on with the organisation's provider of OpenID Connect; empty for none. It needs
# requirements-extras.txt.
OIDC_ISSUER = env.str("OIDC_ISSUER", default="")
OIDC_NAME = env.str("OIDC_NAME", default="")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
if OIDC_ISSUER:
    require_libraries("OIDC_ISSUER", "jwt", "requests")
    INSTALLED_APPS += [
        "allauth.socialaccount",
        "allauth.socialaccount.providers.openid_connect",
    ]
SOCIALACCOUNT_ADAPTER = "commitments.admin.sign_in.single_sign_on.SingleSignOnAdapter"
# The policy for browsers lets no form lead to another site, so signing in there begins with a link.
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "oidc",
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_CLIENT_SECRET,
                "settings": {"server_url": OIDC_ISSUER.rstrip("/")},
            }
        ],
    }
}

# Language and time. Days are those of each plan's time zone, not of TIME_ZONE.

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.time_zone("TIME_ZONE", default="UTC")

# Transport. `HTTPS=false` is for local use without a certificate.

HTTPS = env.bool("HTTPS", default=True)
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
# Browsers keep a list of sites that are never asked without HTTPS; a site that is on it can hardly
# leave.
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # It asks for HSTS preloading.
SECURE_REFERRER_POLICY = "same-origin"
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "commitments.api.handlers.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
# The size limit of an evidence file.
EVIDENCE_MAX_BYTES = env.int("EVIDENCE_MAX_BYTES", default=25 * 2**20, at_least=1)
FILE_UPLOAD_HANDLERS = [
    "commitments.files.storage.UploadSizeLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_PERMISSIONS = 0o600

# Scripts of any site may read the API and the feeds, without credentials. Those of these origins,
# such as https://app.example.org, may also send access tokens and write.
API_ORIGINS = env.list("API_ORIGINS", default=[])
CORS_ALLOW_ALL_ORIGINS = True
CORS_URLS_REGEX = r"^/(api/.*|.*\.atom|\.well-known/api-catalog)$"
CORS_ALLOW_METHODS = ("GET", "HEAD")
CORS_ALLOW_HEADERS = ("if-none-match",)
CORS_EXPOSE_HEADERS = (
    "ETag",
    "Location",
    "Retry-After",
    "WWW-Authenticate",
    "RateLimit",
    "RateLimit-Policy",
    "Content-Disposition",
    "Content-Range",
    "Link",
    "Deprecation",
    "Sunset",
)

# Link checks: the User-Agent, the seconds between two requests to one host, and hosts such as
# 127.0.0.1:8001 that are allowed though their addresses are not public, for tests only.
LINK_CHECK_AGENT = env.header("LINK_CHECK_AGENT", default="commitment-tracker (link check)")
LINK_CHECK_PAUSE = env.float("LINK_CHECK_PAUSE", default=2.0, at_least=0)
LINK_CHECK_OPEN_HOSTS = env.list("LINK_CHECK_OPEN_HOSTS", default=[])

# The file of the key that signs the ledger (`make_ledger_key` makes it; without one nothing is
# signed), and witnesses that are asked to cosign: each a verifier key, a blank and an address.
LEDGER_KEY = env.path("LEDGER_KEY", BASE_DIR / "ledger.key")
WITNESSES = env.list("WITNESSES", default=[])

# REST

# Requests of one caller per second, minute, hour or day; empty for no limit.
API_RATE = env.str("API_RATE", default="600/minute")
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "commitments.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticatedOrReadOnly",
        "commitments.api.permissions.StaffWrites",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["commitments.api.parsers.StrictJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["commitments.api.strict.FilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["commitments.api.throttling.PerCaller"],
    "EXCEPTION_HANDLER": "commitments.api.problems.handle",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "commitments.api.parsers.JSONOnly",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
KNOX_TOKEN_MODEL = "commitments.AccessToken"  # noqa: S105 (the name of a model)
# Knox's own table is not created; AccessToken replaces it.
MIGRATION_MODULES = {"knox": None}
REST_KNOX = {"AUTH_HEADER_PREFIX": "Token", "EXPIRY_DATETIME_FORMAT": None}

SPECTACULAR_SETTINGS = {
    "TITLE": "Commitment tracker",
    "DESCRIPTION": (
        "Published action plans, their numbered commitments and the progress made on each."
    ),
    "VERSION": __version__,
    "SERVERS": [{"url": "/", "description": "The tracker that serves this document."}],
    "LICENSE": {"name": "MIT", "identifier": "MIT"},
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SCHEMA_PATH_PREFIX_TRIM": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "WEBHOOKS": ["commitments.api.webhooks.CHANGE_WEBHOOK"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "commitments.api.schema.accept_json_format",
        "commitments.api.schema.share_codes",
        "commitments.api.schema.set_required_bodies",
        "commitments.api.descriptions.describe",
        "commitments.api.deprecation_marks.mark_deprecated",
    ],
    # Component names of lists of codes; generated clients name their classes after them.
    "ENUM_NAME_OVERRIDES": {
        "Action": "commitments.choices.Action.in_default_language",
        "AssessmentStatus": "commitments.api.schema.assessment_statuses",
        "BooleanText": ["true", "false"],
        "ChangedField": "commitments.curation.history.FIELD_LABELS",
        "CommitmentKind": "commitments.choices.Kind.in_default_language",
        "DatePrecision": "commitments.choices.DatePrecision.in_default_language",
        "DiffOperation": ["same", "removed", "added"],
        "ErrorCode": "commitments.choices.ErrorCode.in_default_language",
        "EventType": "commitments.choices.EventType.in_default_language",
        "EvidenceKind": "commitments.choices.EvidenceKind.in_default_language",
        "FindingResult": "commitments.choices.FindingResult.in_default_language",
        "ForumKind": "commitments.choices.ForumKind.in_default_language",
        "Freshness": "commitments.choices.Freshness.in_default_language",
        "Grouping": "commitments.rollups.GROUPINGS",
        "HistoryAction": "commitments.api.schema.history_actions",
        "HistoryRole": ["curator", "system"],
        "LinkStatus": "commitments.choices.LinkStatus.in_default_language",
        "Movement": "commitments.choices.Movement.in_default_language",
        "PeriodUnit": "commitments.choices.PeriodUnit.in_default_language",
        "PlanSecondRating": "commitments.choices.SecondRating.in_default_language",
        "PlanVisibility": "commitments.choices.Visibility.in_default_language",
        "PublicAction": "commitments.api.schema.public_actions",
        "RatingOutcome": "commitments.choices.RatingOutcome.in_default_language",
        "Reading": "commitments.choices.Reading.in_default_language",
        "Role": "commitments.choices.Role.in_default_language",
        "Schedule": "commitments.choices.Schedule.in_default_language",
        "Source": "commitments.choices.Source.in_default_language",
        "State": "commitments.choices.State.in_default_language",
        "Status": "commitments.choices.Status.in_default_language",
        "SubjectType": "commitments.choices.SubjectType.in_default_language",
        "TokenScope": "commitments.choices.TokenScope.in_default_language",
        "Tone": "commitments.choices.Tone.in_default_language",
        "UndefinedAlpha": "commitments.choices.UndefinedAlpha.in_default_language",
    },
}

# Backups

# If the last backup is older, the site needs attention; 0 for no such warning.
BACKUP_MAX_AGE_DAYS = env.int("BACKUP_MAX_AGE_DAYS", default=2, at_least=0, at_most=3650)

# Metrics

# Who sends this may read `/metrics`; empty for no metrics. They need requirements-extras.txt.
METRICS_TOKEN = env.header("METRICS_TOKEN", default="")
if METRICS_TOKEN:
    require_libraries("METRICS_TOKEN", "prometheus_client")
    MIDDLEWARE.insert(MIDDLEWARE.index("tracker.health.probes") + 1, "tracker.metrics.metrics")

# Logs

LOG_FORMAT = env.choice("LOG_FORMAT", "text", ("text", "json"))
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "tracker.logs.JsonFormatter"}, "text": {}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "loggers": {
        # urllib3 logs whole certificates of other sites.
        "urllib3": {"level": "CRITICAL"},
        # In text format, the development server writes lines of its own.
        "tracker.requests": {"level": "INFO" if LOG_FORMAT == "json" else "WARNING"},
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}

# What `tracker.gunicorn` reads from the environment; it reads no `.env`.
SERVER_NAMES = ("BIND", "WEB_WORKERS", "WEB_THREADS")
# Names in `.env` that have no effect but resemble one, each with the one that was probably meant.
MISSPELT_NAMES = env.misspelt(ENV_FILE, SERVER_NAMES)
