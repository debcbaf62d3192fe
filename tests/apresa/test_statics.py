"""Style sheets, scripts and icons."""

import gzip

import pytest
from django.test import Client

STYLE = "/static/apresa/apresa.css"


def test_style_sheet_is_packed_for_those_who_can_unpack(client: Client) -> None:
    plain = client.get(STYLE)
    packed = client.get(STYLE, headers={"accept-encoding": "br, gzip"})
    assert (plain.status_code, plain.has_header("Content-Encoding")) == (200, False)
    assert (packed["Content-Encoding"], packed["Content-Length"]) == ("gzip", str(len(packed.content)))
    assert gzip.decompress(packed.content) == plain.content


def test_file_that_has_not_changed_is_not_sent_again(client: Client) -> None:
    first = client.get(STYLE)
    again = client.get(STYLE, headers={"if-modified-since": first["Last-Modified"]})
    assert (again.status_code, again.content) == (304, b"")


def test_part_of_a_file_is_that_part(client: Client) -> None:
    part = client.get(STYLE, headers={"range": "bytes=0-9", "accept-encoding": "gzip"})
    assert (part.status_code, part.content) == (206, client.get(STYLE).content[:10])


@pytest.mark.parametrize(
    "path", ["/static/../settings.py", "/static/apresa/..%2f..%2fsettings.py", "/static//etc/passwd"]
)
@pytest.mark.django_db(databases=["default", "node"])
def test_path_that_leaves_the_folder_finds_nothing(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404
