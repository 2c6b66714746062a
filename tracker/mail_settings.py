"""Settings of mail. Without `EMAIL_URL` the site sends none, and offers nothing that needs it."""

from tracker.environment import env

__all__ = [
    "DEFAULT_FROM_EMAIL",
    "DIGEST_HOUR",
    "EMAIL_BACKEND",
    "EMAIL_HOST",
    "EMAIL_HOST_PASSWORD",
    "EMAIL_HOST_USER",
    "EMAIL_PORT",
    "EMAIL_TIMEOUT",
    "EMAIL_USE_SSL",
    "EMAIL_USE_TLS",
    "MAIL_ENABLED",
    "SITE_URL",
]

# Such as smtp+tls://user:password@mail.example.org:587, or consolemail:// for the terminal.
MAIL_ENABLED = bool(env.str("EMAIL_URL", default=""))
_server = env.mail_server("EMAIL_URL", "") if MAIL_ENABLED else env.email_url_config("dummymail://")
# By SMTP with more patience than Django's.
EMAIL_BACKEND = _server["EMAIL_BACKEND"].replace(
    "django.core.mail.backends.smtp", "commitments.notify.smtp"
)
EMAIL_HOST = _server["EMAIL_HOST"] or "localhost"
EMAIL_HOST_USER = _server["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _server["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = _server.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _server.get("EMAIL_USE_SSL", False)
_usual_port = 465 if EMAIL_USE_SSL else 587 if EMAIL_USE_TLS else 25
EMAIL_PORT = _server["EMAIL_PORT"] or _usual_port
# In seconds, for the server to answer a command; for a message it has longer (`notify.smtp`).
EMAIL_TIMEOUT = 20
# The sender of mails.
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default="tracker@localhost")
# The address of the site in links in mails: `tick` has no request to take it from.
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
# The hour of TIME_ZONE from which digests and the changes that readers follow are sent.
DIGEST_HOUR = env.int("DIGEST_HOUR", default=6, at_least=0, at_most=23)
