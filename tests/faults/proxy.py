"""nginx before a site, with the configuration of `deploy/`."""

import re
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from getpass import getuser
from pathlib import Path

NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
SECONDS_TO_START = 10


@contextmanager
def proxied(site, folder, readers=None):
    """Serve the site through nginx without TLS; yield the port. Whoever does not sign in is
    answered by `readers`, if that is given."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    text = Path("deploy/nginx.conf").read_text()
    text = re.sub(r"server \{\s+listen 80;.*?\n\}\n", "", text, flags=re.DOTALL)
    text = re.sub(r"\n *ssl_[a-z_]+ .*;", "", text)
    text = re.sub(r"\n *listen \[::\]:443.*;", "", text)
    text = text.replace("listen 443 ssl http2", f"listen 127.0.0.1:{port}")
    if readers is not None:
        parts = Path("deploy/nginx-replica.conf").read_text()
        text = parts + text.replace("http://127.0.0.1:8000", "http://$tracker")
        text = text.replace("127.0.0.1:8001", readers.host.removeprefix("http://"))
    text = text.replace("127.0.0.1:8000", site.host.removeprefix("http://"))
    text = text.replace("@HOST@", "127.0.0.1")
    text = text.replace("/var/lib/nginx/tracker", str(folder / "nginx-cache"))
    with nginx_with(text, folder):
        wait_for(port)
        yield port


@contextmanager
def nginx_with(site, folder):
    """Run nginx with a configuration of a site, in a folder."""
    (folder / "nginx.conf").write_text(
        f"user {getuser()};\npid {folder}/pid;\ndaemon off;\n"
        "events { worker_connections 2048; }\n"
        f"http {{\nclient_body_temp_path {folder}/body;\nproxy_temp_path {folder}/proxy;\n"
        f"{site}\n}}\n"
    )
    process = subprocess.Popen([NGINX, "-e", folder / "errors", "-c", folder / "nginx.conf"])
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def wait_for(port):
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end:
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens on port {port}")
