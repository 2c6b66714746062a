"""What nginx makes of the responses of a site, with the configuration of `deploy/`."""

import pytest
import requests

from tests.faults.proxy import NGINX, proxied
from tests.faults.publishers import Publisher
from tests.faults.served_site import new_site

pytestmark = [pytest.mark.long, pytest.mark.skipif(NGINX is None, reason="needs nginx")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("proxy")


@pytest.fixture(scope="module")
def site(folder):
    with new_site(folder) as site:
        yield site


@pytest.fixture
def read(site, folder):
    """`read(path, **headers)` asks nginx."""
    with proxied(site, folder) as port, requests.Session() as session:
        yield lambda path, **headers: session.get(f"http://127.0.0.1:{port}{path}", headers=headers)


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_a_copy_that_is_current_is_not_sent_again(read, encoding):
    path = "/api/v1/commitments/?plan=EAST"
    first = read(path, **{"Accept-Encoding": encoding})
    assert first.headers.get("Content-Encoding") == (encoding if encoding == "gzip" else None)
    tag = {"If-None-Match": first.headers["ETag"], "Accept-Encoding": encoding}
    again = read(path, **tag)
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("secret", [{"Cookie": "sessionid=x"}, {"Authorization": "Token x"}])
@pytest.mark.parametrize("path", ["/api/v1/plans/", "/en/EAST/", "/en/EAST/trend.svg"])
def test_nothing_is_compressed_for_who_is_signed_in(read, path, secret):
    asked = {"Accept-Encoding": "gzip"}
    assert read(path, **asked).headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in read(path, **asked, **secret).headers


def test_a_file_is_resumed_where_it_was_broken_off(read, site):
    publisher = Publisher(site, 1)
    publisher.publish_one("with-a-file")
    [pk] = publisher.files
    path = f"/api/v1/evidence/{pk}/file/"
    whole = read(path)
    part = read(path, Range="bytes=100-199", **{"If-Range": whole.headers["ETag"]})
    assert (part.status_code, part.content) == (206, whole.content[100:200])


def test_it_stores_pictures_and_embedded_pages_and_nothing_else(read, folder):
    def stored():
        return {path for path in (folder / "nginx-cache").rglob("*") if path.is_file()}

    before = stored()
    for path in ("/en/EAST/", "/api/v1/commitments/", "/api/v1/ledger/", "/admin/login/"):
        assert read(path).status_code == 200
    assert stored() == before
    kept = ["/embed/en/EAST/commitments/1.1/", "/en/EAST/grid.svg", "/en/EAST/share.png"]
    for path in kept:
        assert read(path).status_code == 200
        # Whoever has a session is answered by the site.
        assert read(f"{path}?as_of=2020-01-01", Cookie="sessionid=x").status_code == 200
    assert len(stored() - before) == len(kept)
