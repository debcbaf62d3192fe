"""The cluster's own authority."""

import base64
import uuid
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cluster.pairing import certificates
from cluster.pairing.certificates import CertificateError

NOW = datetime(2026, 11, 22, tzinfo=UTC)
NODE, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
CA_KEY, KEY = certificates.new_key(), certificates.new_key()
CA = certificates.authority(CA_KEY, NOW)
REQUEST = certificates.request(KEY, NODE)
CERTIFICATE = certificates.sign(REQUEST, NODE, CA_KEY, CA, NOW)


def test_signed_certificate_is_that_of_its_node() -> None:
    certificates.check_node(CERTIFICATE, CA, KEY, NODE)
    assert certificates.node_of(certificates.der(CERTIFICATE)) == NODE


def test_name_in_a_request_is_not_believed() -> None:
    signed = certificates.sign(certificates.request(KEY, OTHER), NODE, CA_KEY, CA, NOW)
    assert certificates.node_of(certificates.der(signed)) == NODE


@pytest.mark.parametrize(("key", "node"), [(certificates.new_key(), NODE), (KEY, OTHER)])
def test_certificate_of_another_node_is_refused(key: bytes, node: uuid.UUID) -> None:
    with pytest.raises(CertificateError, match="another node's"):
        certificates.check_node(CERTIFICATE, CA, key, node)


def test_certificate_of_another_authority_is_refused() -> None:
    other = certificates.authority(certificates.new_key(), NOW)
    with pytest.raises(CertificateError, match="not from the cluster's authority"):
        certificates.check_node(CERTIFICATE, other, KEY, NODE)


def test_key_of_another_certificate_is_refused() -> None:
    certificates.check_pair(CA_KEY, CA)
    with pytest.raises(CertificateError, match="do not belong together"):
        certificates.check_pair(KEY, CA)


def test_request_of_an_unknown_version_is_refused() -> None:
    der = base64.b64decode(b"".join(REQUEST.splitlines()[1:-1]))
    spoilt = base64.encodebytes(der.replace(b"\x02\x01\x00", b"\x02\x01\x3f", 1))
    pem = b"-----BEGIN CERTIFICATE REQUEST-----\n" + spoilt + b"-----END CERTIFICATE REQUEST-----\n"
    with pytest.raises(CertificateError, match="cannot be read"):
        certificates.sign(pem, NODE, CA_KEY, CA, NOW)


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=60), st.integers(0, len(REQUEST) - 1), st.integers(0, 255))
def test_any_request_is_signed_or_one_error(data: bytes, at: int, byte: int) -> None:
    spoilt = REQUEST[:at] + bytes([byte]) + REQUEST[at + 1 :]
    for request in (data, spoilt):
        with suppress(CertificateError):
            certificates.sign(request, NODE, CA_KEY, CA, NOW)


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")  # a serial number below 1
@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=60), st.integers(0, len(CERTIFICATE) - 1), st.integers(0, 255))
def test_any_certificate_is_checked_or_one_error(data: bytes, at: int, byte: int) -> None:
    spoilt = CERTIFICATE[:at] + bytes([byte]) + CERTIFICATE[at + 1 :]
    for certificate in (data, spoilt):
        with suppress(CertificateError):
            certificates.check_node(certificate, CA, KEY, NODE)
        with suppress(CertificateError):
            certificates.node_of(certificate)
