"""What an authenticator app shows: one-time codes by RFC 6238, of six digits and half a minute."""

import base64
import hmac
import re
import struct
import time

APP = "/admin/second-factor/app/"
FACTORS = "/admin/second-factor/"
SECOND_STEP = "/admin/second-factor/sign-in/"
CODES = "/admin/second-factor/codes/"
PASSWORD = "only-for-tests"
SIGN_IN = "/admin/login/"


def code_of(secret, at=None):
    """Return the code that an app shows for a secret in base 32, at a time in seconds or now."""
    counter = int(time.time() if at is None else at) // 30
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", counter), "sha1")
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06}"


def set_up_app(client):
    """Set up an app for the signed-in person, who has just entered the password; return its
    secret. Its clock is half a minute ahead, so that the current code was not used."""
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", client.get(APP).text)[1]
    answer = client.post(APP, {"code": code_of(secret, time.time() + 30)})
    assert (answer.status_code, answer.url) == (302, CODES)
    return secret


def recovery_codes(client):
    return re.findall(r"<code>(\d{8})</code>", client.get(CODES).text)


def sign_in(client, user, going_to=""):
    # A new hash of the password would end the sessions that the test has opened.
    if not user.check_password(PASSWORD):
        user.set_password(PASSWORD)
        user.save()
    sent = {"username": user.username, "password": PASSWORD, "next": going_to}
    return client.post(SIGN_IN, sent)


def is_signed_in(client):
    return client.get("/admin/").status_code == 200
