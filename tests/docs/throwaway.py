"""A root of its own: what is written there is written to memory, what listens there is reached from
there alone, and all of it ends with the test."""

import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

# Over the root of this machine a layer in memory, and no process, socket or temporary file of it.
SET_UP = """set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 none "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
mount -t proc proc "$1/root/proc"
mount --rbind /dev "$1/root/dev"
mount -t tmpfs none "$1/root/tmp"
chmod 1777 "$1/root/tmp"
mount -t tmpfs -o mode=755 none "$1/root/run"
echo ready
exec chroot "$1/root" sleep infinity
"""
# As systemd sees to it for a unit with `ProtectSystem=strict` and `PrivateTmp=yes`: everything may
# only be read, but for the folders named first.
PROTECTED = """set -e
while [ "$1" != -- ]; do mount --bind "$1" "$1"; shift; done; shift
mount -t tmpfs -o mode=1777 none /tmp
mount -o remount,bind,ro /run
mount -o remount,bind,ro /
exec "$@"
"""
SECONDS_TO_START = 30
# That of a root who has just signed in, and how this machine finds packages and the network.
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
} | {
    name: value
    for name, value in os.environ.items()
    if name.startswith("PIP_") or name.lower().endswith("_proxy")
}


def why_not(packages):
    """Return why no root can be made here, or that a package of Debian is missing; "" if neither is
    so."""
    if os.getuid() != 0:
        return "needs root"
    tools = [tool for tool in ("unshare", "nsenter", "setpriv", "ip") if shutil.which(tool) is None]
    if tools:
        return f"needs {tools[0]}"
    asked = ["dpkg-query", "--show", "--showformat", "${db:Status-Status}\n", *packages]
    known = subprocess.run(asked, check=False, capture_output=True, text=True).stdout
    if known.splitlines() != ["installed"] * len(packages):
        return f"needs Debian's {', '.join(packages)}"
    tried = ["unshare", "--mount", "--pid", "--net", "--fork", "true"]
    if subprocess.run(tried, check=False, capture_output=True).returncode:
        return "namespaces cannot be made here"
    return ""


class Root:
    """The root whose process `pid` (a child of this one's) holds it."""

    def __init__(self, pid):
        self.pid = pid
        self.folder = Path(f"/proc/{pid}/root")

    def path(self, name):
        return self.folder / name.lstrip("/")

    def command(self, *arguments, online=False):
        """Return the command that runs another there, in its own network, or in that of this
        machine."""
        kinds = ["--mount", "--pid", "--root", *([] if online else ["--net"])]
        entered = ["nsenter", "--target", str(self.pid), *kinds]
        given = [f"{name}={value}" for name, value in ENVIRONMENT.items()]
        return [*entered, "env", "-i", "-C", "/", *given, *map(str, arguments)]

    def run(self, *arguments, online=False, **options):
        """Run a command there, which must succeed; return what it printed."""
        done = subprocess.run(
            self.command(*arguments, online=online),
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **options,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout[-3000:]}"
        return done.stdout

    def put(self, name, text, mode=0o644):
        self.path(name).parent.mkdir(parents=True, exist_ok=True)
        self.path(name).write_text(text)
        self.path(name).chmod(mode)

    @contextmanager
    def running(self, command, ready):
        """Run a program (from `command`) until `ready()`, and end it afterwards."""
        process = subprocess.Popen(command)
        try:
            end = time.monotonic() + SECONDS_TO_START
            while not ready():
                assert process.poll() is None, "it has ended"
                assert time.monotonic() < end, "it does not start"
                time.sleep(0.1)
            yield
        finally:
            process.terminate()
            process.wait()


@contextmanager
def throwaway_root(folder):
    namespaces = ["unshare", "--mount", "--pid", "--net", "--fork", "--kill-child"]
    command = [*namespaces, "sh", "-c", SET_UP, "sh", str(folder)]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "ready\n", "the root cannot be made"
        [child] = Path(f"/proc/{holder.pid}/task/{holder.pid}/children").read_text().split()
        root = Root(int(child))
        root.run("ip", "link", "set", "lo", "up")
        yield root
    finally:
        # With the process that holds it, everything in it ends.
        holder.kill()
        holder.communicate()


class Unit:
    """A service of systemd there, of which this runs the commands as systemd would."""

    def __init__(self, root, name):
        self.root, self.lines = root, []
        for line in root.path(f"/etc/systemd/system/{name}.service").read_text().splitlines():
            key, _, value = line.partition("=")
            self.lines.append((key, value))

    def values(self, key):
        return [value for name, value in self.lines if name == key]

    def command(self, key="ExecStart"):
        """Return the command of a line, as its user, in its folder and with its rights."""
        [user], [mask] = self.values("User"), self.values("UMask")
        [folder], [line] = self.values("WorkingDirectory"), self.values(key)
        writable = self.values("ReadWritePaths")
        for name in self.values("RuntimeDirectory"):
            self.root.run("install", "-d", "-o", user, "-g", user, f"/run/{name}")
            writable.append(f"/run/{name}")
        shell = line.replace("$$", "$").replace("%%", "%")
        return self.root.command(
            *["unshare", "--mount", "sh", "-c", PROTECTED, "sh", *writable, "--"],
            *["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--no-new-privs"],
            *["env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin", *self.values("Environment")],
            *["sh", "-c", f"umask {mask}; cd {folder}; exec {shell}"],
        )

    def run(self):
        """Run a service that ends by itself, with what follows it; return what it printed."""
        keys = [key for key in ("ExecStart", "ExecStartPost") if self.values(key)]
        texts = []
        for key in keys:
            done = subprocess.run(
                self.command(key), check=False, capture_output=True, text=True, timeout=600
            )
            assert done.returncode == 0, done.stdout + done.stderr
            texts.append(done.stdout)
        return "".join(texts)


ASK = """
import json, socket, ssl, sys
from http.client import HTTPConnection, HTTPSConnection
host, scheme, path, certificate = sys.argv[1:]
if scheme == "https":
    connection = HTTPSConnection(host, 443, context=ssl.create_default_context(cafile=certificate))
else:
    connection = HTTPConnection(host, 80)
# The name of the site is that of this machine.
socket.create_connection = lambda address, *rest, make=socket.create_connection, **more: (
    make(("127.0.0.1", address[1]), *rest, **more))
connection._create_connection = socket.create_connection
connection.request("GET", path)
answer = connection.getresponse()
headers = {name.lower(): value for name, value in answer.getheaders()}
print(json.dumps([answer.status, headers, answer.read().decode(errors="replace")]))
"""


def asker(root, host, certificate):
    """Return `ask(path, scheme)`, which returns the answer of the proxy in the root as JSON. Only
    the network is that of the root: the program is of this machine."""
    entered = ["nsenter", "--target", str(root.pid), "--net", sys.executable, "-c", ASK]

    def ask(path, scheme="https"):
        command = [*entered, host, scheme, path, str(root.path(certificate))]
        return subprocess.run(command, check=False, capture_output=True, text=True)

    return ask
