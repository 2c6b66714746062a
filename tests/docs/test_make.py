"""What `make` runs, as it prints it without running it."""

import shutil
import subprocess

import pytest

pytestmark = [
    pytest.mark.alike,
    pytest.mark.skipif(shutil.which("make") is None, reason="needs make"),
]


def lines_of(*arguments):
    command = ["make", "--dry-run", *arguments]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [line.strip() for line in output.splitlines()]


@pytest.mark.parametrize("port", ["8000", "8124"])
def test_links_in_mails_lead_to_the_port_that_is_served(port):
    [serve] = [line for line in lines_of("run", f"PORT={port}") if "runserver" in line]
    [send] = [line for line in lines_of("mail", f"PORT={port}") if "send_mail_due" in line]
    assert serve.endswith(f"127.0.0.1:{port}")
    for line in (serve, send):
        assert f"SITE_URL=http://127.0.0.1:{port} " in line


def test_make_run_says_how_to_read_the_mails():
    [line] = [line for line in lines_of("run", "PORT=8124") if "make mail" in line]
    assert "make mail PORT=8124" in line
    assert not [line for line in lines_of("run") if "make mail PORT" in line]
