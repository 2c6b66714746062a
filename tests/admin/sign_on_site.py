"""A site with single sign-on, in a process of its own."""

import os
import re
import socket
import subprocess
import sys
import time

import requests

from tests.workflow.race_track import ROOT

SITE_ACCOUNTS = """
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, User

def make(name, email, group=None, **columns):
    user = User.objects.create_user(name, email, "only-for-tests", **columns)
    user.groups.set(Group.objects.filter(name=group))
    return user

make("reviewer", "reviewer@example.org", "Reviewer")
make("one", "office@example.org", "Reporter")
make("other", "office@example.org", "Reporter")
make("visitor", "visitor@example.org")
make("former", "former@example.org", "Reporter", is_active=False)
curator = make("curator", "curator@example.org", "Curator")
Authenticator.objects.create(user=curator, type="totp", data={"secret": "x"})
"""
SECONDS_TO_START = 60


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def started(arguments, address, environment=None, log=subprocess.DEVNULL):
    """Start a server of this machine, and return its process once it answers at the address."""
    command = [sys.executable, *arguments]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end:
        try:
            requests.get(address, timeout=5)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return process
    stop(process)
    raise AssertionError(f"{address} does not answer")


def stop(process):
    process.terminate()
    process.wait()


class Site:
    """The tracker in a process of its own, with SQLite."""

    def __init__(self, issuer, folder):
        self.host = f"http://localhost:{free_port()}"
        self.log = folder / "site.log"
        self.environment = {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}",
            "OIDC_ISSUER": issuer,
            "OIDC_NAME": "the Secretariat",
            "OIDC_CLIENT_ID": "tracker",
            "OIDC_CLIENT_SECRET": "only-for-tests",
            "SECOND_FACTOR_ROLES": "reviewer",
        }

    def manage(self, *arguments, **options):
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True, **options)

    def make_accounts(self):
        self.manage("migrate", "--verbosity", "0")
        self.manage("shell", "--verbosity", "0", input=SITE_ACCOUNTS, text=True)

    def start(self):
        address = self.host.removeprefix("http://")
        command = ["manage.py", "runserver", "--noreload", address]
        with self.log.open("w") as log:
            return started(command, f"{self.host}/livez", self.environment, log)

    def begin(self, browser, going_to="/admin/meetings/"):
        """Follow the link of the sign-in page; return the address of the provider's own page."""
        page = browser.get(f"{self.host}/admin/login/", params={"next": going_to})
        link = re.search(r'href="(/admin/single-sign-on/[^"]+)"', page.text)[1]
        assert "Sign in with the Secretariat" in " ".join(page.text.split())
        answer = browser.get(self.host + link.replace("&amp;", "&"), allow_redirects=False)
        return answer.headers["Location"]

    def come_back(self, browser, **chosen):
        """Sign in with the provider; return the address to which it leads back."""
        answer = browser.post(self.begin(browser), data=chosen, allow_redirects=False)
        return answer.headers["Location"]


def shown(answer):
    return " ".join(answer.text.split())
