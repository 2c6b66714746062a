"""Hostile addresses by kind: where somebody would have the tracker send a webhook, or look at a
link, so that it reaches what only the server can reach."""

from ipaddress import IPv4Address

# None of these addresses is a public server.
PRIVATE = ["127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255"]
PRIVATE += ["192.168.0.1", "169.254.169.254", "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1"]
PRIVATE += ["198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"]
PRIVATE += ["168.63.129.16", "192.88.99.1"]
PRIVATE_6 = ["::1", "::", "fe80::1", "fc00::1", "fd12:3456::1", "ff02::1", "fec0::1", "2001:db8::1"]
PRIVATE_6 += ["fe80::1%25lo", "fe80::1%lo", "100::1", "2001::1", "3fff::1", "5f00::1"]
# Names, and the addresses that they resolve to; of two, the second is the result of a second
# lookup.
NAMES = {
    "inside.example": ["10.0.0.1"],
    "loopback.example": ["127.0.0.1"],
    "metadata.example": ["169.254.169.254"],
    "six.example": ["::1"],
    "mapped.example": ["::ffff:10.0.0.1"],
    "both.example": ["93.184.215.14", "10.0.0.1"],
    "either.example": ["10.0.0.1", "93.184.215.14"],
}
PUBLIC = "93.184.215.14"
FORMS = [
    "https://{}/",
    "https://{}:8443/hook",
    "https://{}./",
    "https://user:word@{}/",
    "https://example.org@{}/",
    "https://example.org:443@{}/",
    "https://{}#@example.org/",
    "https://{}\\@example.org/",
    "https://example.org\\@{}/",
    "https://{}?.example.org/",
    "http://{}/",
    "HTTPS://{}/",
    "//{}/",
    "{}",
]
SCHEMES = [
    "file",
    "ftp",
    "gopher",
    "dict",
    "ldap",
    "data",
    "javascript",
    "jar",
    "smb",
    "ws",
    "unix",
]
SCHEMES += [
    "https+unix",
    "view-source:https",
    "tel",
    "about",
    "HTTPS\u200b",
    "ｈｔｔｐｓ",
    " https\t",
]
# Characters that programs accept in place of "." and of ASCII digits.
DOTS = ["。", "．", "｡", "%2e", "\u2024", "..", "\u200b."]
DIGITS = str.maketrans("0123456789", "①①②③④⑤⑥⑦⑧⑨")
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
CONTROLS = [
    "\r\n",
    "\n",
    "\r",
    "\t",
    "\x00",
    "\x0b",
    "\x85",
    "\u2028",
    "%0d%0a",
    "%00",
    " ",
    "\ud800",
]


def notations(address):
    """Yield one IPv4 address as old and new programs write it."""
    number, parts = int(IPv4Address(address)), [int(part) for part in address.split(".")]
    yield from (str(number), hex(number), f"0{number:o}", f"{parts[0]}.{number & 0xFFFFFF}")
    yield ".".join(f"0{part:o}" for part in parts)
    yield ".".join(hex(part) for part in parts)
    yield f"{parts[0]}.{parts[1]}.{number & 0xFFFF}"
    yield ".".join(f"{part:03}" for part in parts)
    yield address.translate(FULL_WIDTH)
    yield address.translate(DIGITS)
    yield from (address.replace(".", dot) for dot in DOTS)


def in_six(address):
    """Yield the IPv6 addresses that hold an IPv4 address."""
    number = int(IPv4Address(address))
    high, low = f"{number >> 16:x}", f"{number & 0xFFFF:x}"
    for before in ("::ffff:", "::", "64:ff9b::", "0:0:0:0:0:ffff:", "::ffff:0:"):
        yield f"[{before}{address}]"
        yield f"[{before}{high}:{low}]"
    yield f"[2002:{high}:{low}::1]"


def plain():
    for address in [*PRIVATE, *(f"[{address}]" for address in PRIVATE_6), "localhost"]:
        yield from (form.format(address) for form in FORMS)


def notated():
    for address in PRIVATE:
        for written in notations(address):
            yield from (f"https://{written}/", f"https://{written}:8443/", f"https://{written}./")


def mapped():
    for address in PRIVATE:
        for written in in_six(address):
            yield from (f"https://{written}/", f"https://{written}:443/hook")


def named():
    for name in NAMES:
        yield from (form.format(name) for form in FORMS)
        yield from (f"https://{name.upper()}/", f"https://{name}:1/", f"https://a@{name}/")
    for name in ("localhost", "localhost.localdomain", "ip6-localhost", "router", "intranet"):
        yield from (form.format(name) for form in FORMS)


def schemes():
    for scheme in SCHEMES:
        for rest in ("://127.0.0.1/", ":///etc/passwd", ":127.0.0.1", "://inside.example/", ":"):
            yield scheme + rest


def ports():
    for host in ("inside.example", "example.org", "127.0.0.1", "[::1]"):
        for port in ("0", "-1", "22", "65536", "99999999999", "", "x", "443:80", "４４３", "%34"):
            yield f"https://{host}:{port}/"


def controls():
    for control in CONTROLS:
        for form in (
            "https://127.0.0.1{}/",
            "https://{}127.0.0.1/",
            "https://example.org{}.inside.example/",
            "https://inside.example/{}Host: example.org",
            "https{}://inside.example/",
            "{}https://inside.example/",
            "https://exa{}mple.org@inside.example/",
        ):
            yield form.format(control)


def long():
    for host in (
        "a" * 64 + ".example",
        "a." * 200 + "example",
        "1" * 3000,
        "[" + "0:" * 900 + "1]",
    ):
        yield f"https://{host}/"
    for size in (490, 501, 2001, 100_000):
        yield f"https://inside.example/{'a' * size}"
        yield f"https://inside.example/?{'é' * size}"
        yield f"https://{'a' * size}@inside.example/"
        yield f"https://inside.example:{'0' * size}443/"


def homoglyphs():
    """Names that look like others, and letters that become others on the way."""
    for name in ("еxample.org", "exаmple.org", "ℓocalhost", "ⓛocalhost", "localℎost", "ｌocalhost"):
        yield from (f"https://{name}/", f"https://{name}:443/", f"https://{name}./")
    for name in (
        "xn--a.example",
        "xn--.example",
        "xn--zzzzzzzz.example",
        "faß.example",
        "\u202e.example",
    ):
        yield from (f"https://{name}/", f"https://a.{name}/")
    for slash in ("／", "⁄", "∕", "﹨", "？", "＃", "＠", "：", "℀", "℁"):
        yield f"https://example.org{slash}inside.example/"
        yield f"https://inside.example{slash}example.org/"


KINDS = {
    "plain": (plain, 450),
    "notated": (notated, 900),
    "mapped": (mapped, 400),
    "named": (named, 180),
    "schemes": (schemes, 85),
    "ports": (ports, 40),
    "controls": (controls, 80),
    "long": (long, 20),
    "homoglyphs": (homoglyphs, 45),
}
