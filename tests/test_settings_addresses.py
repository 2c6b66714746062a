"""Addresses and hosts in the settings: those that lead nowhere are named, and what a site that
serves others should not have is shown by `check --deploy`."""

import re

import pytest
from django.conf import settings as site
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.urls import get_resolver

from commitments import system_checks
from commitments.ledger.proofs.keys import make_ledger_key
from tracker.variables import Variables

pytestmark = pytest.mark.alike


def found():
    ours = [row for row in run_checks() if row.id.startswith("commitments.")]
    return {row.id: row.msg for row in ours}


def found_before_others_are_served():
    rows = run_checks(tags=["deployment"], include_deployment_checks=True)
    return {row.id: row.msg for row in rows}


@pytest.fixture
def public(settings):
    """The settings that a public site has, as far as the checks of a deployment look at them."""
    settings.SECRET_KEY = "".join(map(chr, range(33, 90)))
    settings.ALLOWED_HOSTS = ["tracker.example.org"]
    settings.SITE_URL = "https://tracker.example.org"
    settings.SITE_CONTACT = "office@example.org"
    settings.HTTPS = settings.BEHIND_PROXY = True
    assert found() == found_before_others_are_served() == {}
    return settings


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("a.org, b.org", ["a.org", "b.org"]),
        (" a.org ,, ", ["a.org"]),
        ("", []),
        ("w.org KEY,w.org KEY", ["w.org KEY"] * 2),
    ],
)
def test_blanks_around_commas_belong_to_no_item(monkeypatch, text, items):
    monkeypatch.setenv("ALLOWED_HOSTS", text)
    assert Variables().list("ALLOWED_HOSTS", default=["x"]) == items
    monkeypatch.delenv("ALLOWED_HOSTS")
    assert Variables().list("ALLOWED_HOSTS", default=["x"]) == ["x"]


@pytest.mark.parametrize(
    "host",
    [
        *("https://tracker.example.org", "tracker.example.org/", "tracker.example.org:8000"),
        *("tracker example.org", "a..org", "", "*.example.org", "me@example.org", "合作.example"),
    ],
)
def test_a_host_that_no_browser_names_is_named(settings, host):
    settings.ALLOWED_HOSTS = ["tracker.example.org", host]
    assert found() == {
        "commitments.E026": f"ALLOWED_HOSTS has {host!r}, which is no name of a host."
    }


def test_hosts_are_taken(settings):
    settings.ALLOWED_HOSTS = ["*", ".example.org", "localhost", "127.0.0.1", "[::1]", "xn--a.Org"]
    assert found() == {}


@pytest.mark.parametrize(
    "address",
    [
        *("banana", "", "tracker.example.org", "ftp://a.org", "https://", "https://a.org/en"),
        *("https://a.org?x=1", "https://me@a.org", "http://[a", "https://a.org b"),
    ],
)
def test_an_address_of_the_site_that_is_none_is_named_though_no_mail_is_sent(settings, address):
    settings.SITE_URL = address
    sentence = f"SITE_URL is {address!r}, which is no address of this site."
    assert found() == {"commitments.E011": sentence}
    assert "commitments.W031" not in found_before_others_are_served()


def test_links_without_https_are_shown_though_no_mail_is_sent(public):
    public.SITE_URL = "http://tracker.example.org"
    sentence = "SITE_URL is 'http://tracker.example.org', but the site has HTTPS."
    assert found_before_others_are_served() == {"commitments.W031": sentence}
    assert found() == {}


def test_links_to_another_host_are_shown_though_no_mail_is_sent(public):
    public.SITE_URL = "https://elsewhere.example.org"
    sentence = "SITE_URL names the host 'elsewhere.example.org', which ALLOWED_HOSTS does not."
    assert found_before_others_are_served() == {"commitments.W031": sentence}
    assert found() == {}


@pytest.mark.parametrize(
    "contact", ["banana", "http://example.org/", "javascript:alert(1)", "a@b@c"]
)
def test_a_contact_that_nobody_can_write_to_is_named(settings, contact):
    settings.SITE_CONTACT = contact
    sentence = f"SITE_CONTACT is {contact!r}, which is no address to write to."
    assert found() == {"commitments.E024": sentence}


@pytest.mark.parametrize(
    "imprint", ["javascript:alert", "example.org/imprint", "/imprint", "https:"]
)
def test_an_imprint_that_is_no_page_is_named(settings, imprint):
    settings.SITE_IMPRINT = imprint
    sentence = f"SITE_IMPRINT is {imprint!r}, which is no address of a page."
    assert found() == {"commitments.E025": sentence}


@pytest.mark.parametrize("contact", ["", "a.b+c@example.org", "mailto:a@b.org", "https://b.org/x"])
def test_a_contact_and_an_imprint_are_taken(settings, contact):
    settings.SITE_CONTACT = contact
    settings.SITE_IMPRINT = "http://example.org/imprint?language=en"
    assert found() == {}


def test_the_staff_side_can_have_no_folder_of_other_pages():
    routes = {str(pattern.pattern) for pattern in get_resolver().url_patterns}
    assert "sitemaps/site.xml" in routes
    own = {route for route in routes if route.startswith(site.ADMIN_PATH)}
    folders = {route.partition("/")[0] for route in routes - own if "/" in route}
    languages = {code for code, _name in site.LANGUAGES}
    # No address of the staff side has a dot.
    assert {name for name in folders if "." not in name} <= system_checks.TAKEN_FOLDERS | languages


@pytest.mark.parametrize(
    ("name", "value", "check", "sentence"),
    [
        ("SITE_CONTACT", "", "W030", "SITE_CONTACT is empty"),
        ("BEHIND_PROXY", False, "W028", "HTTPS is true and BEHIND_PROXY is not"),
        ("LINK_CHECK_OPEN_HOSTS", ["a:1", "b"], "W029", "LINK_CHECK_OPEN_HOSTS is 'a:1,b'"),
        ("METRICS_TOKEN", "fifteen letters", "E027", "METRICS_TOKEN is short: it needs 16"),
    ],
)
def test_what_a_public_site_should_not_have_is_shown(public, name, value, check, sentence):
    setattr(public, name, value)
    [(shown, said)] = found_before_others_are_served().items()
    assert shown == f"commitments.{check}"
    assert said.startswith(sentence)
    assert "fifteen" not in said


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("127.0.0.1/api/v1/ledger", ["commitments.W033"]),
        ("localhost/api/v1/ledger", ["commitments.W033"]),
        ("tracker.example.org/api/v1/ledger", []),
        ("ledgers.example.net/tracker", []),
    ],
)
def test_a_ledger_that_was_named_before_the_site_was_is_shown(public, tmp_path, name, shown):
    public.LEDGER_KEY = str(tmp_path / "ledger.key")
    make_ledger_key(name)
    assert list(found_before_others_are_served()) == shown
    public.ALLOWED_HOSTS = ["127.0.0.1"]
    assert "commitments.W033" not in found_before_others_are_served()


def test_a_site_without_https_needs_no_proxy_and_a_long_token_is_taken(public):
    public.HTTPS = public.BEHIND_PROXY = False
    public.METRICS_TOKEN = "x" * 16
    assert found_before_others_are_served() == {}


READ = {
    "DATABASE_URL": lambda: Variables().database("DATABASE_URL", ""),
    "CACHE_URL": lambda: Variables().cache("CACHE_URL", ""),
    "EMAIL_URL": lambda: Variables().mail_server("EMAIL_URL", ""),
}
EXAMPLES = {
    "DATABASE_URL": "sqlite:///path or postgres://user:password@host:5432/name",
    "CACHE_URL": "filecache:///path, rediscache://host:6379/0 or locmemcache://",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.org:587 or consolemail://",
}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("banana", "is no address"),
        ("", "is no address"),
        ("me:secret@host/name", "is no address"),
        ("banana://me:secret@host", "begins with 'banana'"),
    ],
)
@pytest.mark.parametrize("name", READ)
def test_an_address_that_cannot_be_read_is_named_without_its_password(
    monkeypatch, name, text, wrong
):
    monkeypatch.setenv(name, text)
    with pytest.raises(ImproperlyConfigured) as refused:
        READ[name]()
    assert str(refused.value) == f"{name} {wrong}. Write one such as {EXAMPLES[name]}."


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DATABASE_URL", "postgres://me:pass/secret@host:5432/name"),
        ("EMAIL_URL", "smtp://me:pass/secret@host:25"),
        ("DATABASE_URL", "postgres://me:secret@host:port/name"),
    ],
)
def test_a_password_that_ends_an_address_is_not_shown(monkeypatch, name, text):
    monkeypatch.setenv(name, text)
    with pytest.raises(ImproperlyConfigured) as refused:
        READ[name]()
    assert str(refused.value).startswith(f"{name} cannot be read. Write one such as ")
    assert str(refused.value).endswith("with @ : / in a password as %40 %3A %2F.")
    assert "pass/" not in str(refused.value)
    assert "secret" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_a_database_whose_driver_is_not_installed_is_named(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "mysql://me:secret@host/name")
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL begins with 'mysql'\. Write "):
        READ["DATABASE_URL"]()


@pytest.mark.parametrize(
    ("name", "address", "wrong"),
    [
        # The file would be another one.
        ("DATABASE_URL", "sqlite:////srv/a#b/db.sqlite3", "has '#' in the path of its file"),
        ("DATABASE_URL", "sqlite:////srv/a+b/db.sqlite3", "has '+' in the path of its file"),
        ("DATABASE_URL", "sqlite:////srv/db.sqlite3?mode=ro", "has '?' in the path of its file"),
        # Nothing would be kept, and so nothing limited.
        ("CACHE_URL", "dummycache://", "begins with 'dummycache'"),
        ("CACHE_URL", "filecache:///srv/cache?timeout=0", "has a timeout"),
        ("CACHE_URL", "locmemcache://?max_entries=many", "has max_entries that are no whole"),
        ("CACHE_URL", "filecache://", "names no folder"),
        # These need other libraries, or send nothing.
        ("CACHE_URL", "memcache://127.0.0.1:11211", "begins with 'memcache'"),
        ("EMAIL_URL", "filemail:///srv/mails", "begins with 'filemail'"),
        ("EMAIL_URL", "dummymail://", "begins with 'dummymail'"),
        # No run could sign in.
        ("EMAIL_URL", "smtp://me:geh%C3%A9im@host", "has a name or a password with signs"),
        ("EMAIL_URL", "smtp://mé:secret@host", "has a name or a password with signs"),
    ],
)
def test_an_address_that_would_be_understood_otherwise_is_refused(
    monkeypatch, name, address, wrong
):
    monkeypatch.setenv(name, address)
    with pytest.raises(ImproperlyConfigured, match=f"^{name} {re.escape(wrong)}"):
        READ[name]()


def test_the_path_of_a_database_may_have_any_character(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "sqlite:////srv/a%23b%2Bc%3Fd e/数据.sqlite3")
    assert READ["DATABASE_URL"]()["NAME"] == "/srv/a#b+c?d e/数据.sqlite3"


@pytest.mark.parametrize("text", ["", " "])
def test_an_empty_path_is_not_the_folder_of_the_program(monkeypatch, tmp_path, text):
    monkeypatch.setenv("EVIDENCE_DIR", text)
    with pytest.raises(ImproperlyConfigured, match="Write a path, or leave it out"):
        Variables().path("EVIDENCE_DIR", tmp_path)
    monkeypatch.delenv("EVIDENCE_DIR")
    assert Variables().path("EVIDENCE_DIR", tmp_path) == str(tmp_path)


@pytest.mark.parametrize("text", ["网络", "a\nb", "a\x7f"])
def test_what_headers_cannot_have_is_refused(monkeypatch, text):
    monkeypatch.setenv("LINK_CHECK_AGENT", text)
    with pytest.raises(ImproperlyConfigured, match="Write letters, digits and signs of ASCII"):
        Variables().header("LINK_CHECK_AGENT", "tracker")


def test_a_site_without_hosts_is_named(settings):
    settings.ALLOWED_HOSTS = []
    assert "commitments.E035" in found()
    settings.DEBUG = True
    assert "commitments.E035" not in found()


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_address_that_is_given_as_an_example_is_read(monkeypatch, name):
    for example in EXAMPLES[name].replace(" or ", ", ").split(", "):
        monkeypatch.setenv(name, example)
        assert READ[name]()
