"""The cluster's own certificate authority, and the certificates of its two nodes."""

import uuid
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID = timedelta(days=20 * 365)  # longer than the machines live: an expired certificate would part a healthy cluster
EARLIER = timedelta(days=1)  # for clocks that differ
LONGEST = 20_000  # characters of a request or certificate
PREFIX = "urn:uuid:"


class CertificateError(ValueError):
    """No certificate, key or request that can be used here; the text is one sentence."""


def new_key() -> bytes:
    """A private key (PEM)."""
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def authority(key: bytes, now: datetime) -> bytes:
    """The cluster's own authority for this key (PEM)."""
    private = _private(key)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Apresa cluster {uuid.uuid4()}")])
    usage = _usage(key_cert_sign=True, crl_sign=True)
    return _pem(
        _builder(name, name, private.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
        .sign(private, hashes.SHA256())
    )


def request(key: bytes, node: uuid.UUID) -> bytes:
    """A node's request for its certificate (PEM)."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, str(node))])
    return (
        x509.CertificateSigningRequestBuilder()
        .subject_name(name)
        .sign(_private(key), hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )


def sign(request_pem: bytes, node: uuid.UUID, ca_key: bytes, ca: bytes, now: datetime) -> bytes:
    """The certificate (PEM) of this node; of the request only its key counts. Raises CertificateError."""
    public, private, issuer = _requested_key(request_pem), _private(ca_key), _certificate(ca)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, str(node))])
    both = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(f"{PREFIX}{node}")])
    return _pem(
        _builder(name, issuer.subject, public, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage(both), critical=False)
        .add_extension(names, critical=False)
        .add_extension(_issued_by(private), critical=False)
        .sign(private, hashes.SHA256())
    )


def check_issued(node_der: bytes, ca: bytes) -> None:
    """Whether a node's certificate (DER) is from this authority (PEM). Raises CertificateError."""
    try:
        x509.load_der_x509_certificate(node_der).verify_directly_issued_by(_certificate(ca))
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        raise CertificateError("The certificate is not from the cluster's authority.") from None


def check_pair(key: bytes, certificate: bytes) -> None:
    """Whether a key and a certificate (both PEM) belong together. Raises CertificateError."""
    if _certificate(certificate).public_key() != _private(key).public_key():
        raise CertificateError("The certificate and the key do not belong together.")


def check_node(certificate: bytes, ca: bytes, key: bytes, node: uuid.UUID) -> None:
    """Whether this certificate is this node's, for its key, from this authority. Raises CertificateError."""
    check_issued(der(certificate), ca)
    found = _certificate(certificate)
    if found.public_key() != _private(key).public_key() or named(found) != node:
        raise CertificateError("The certificate is another node's.")


def node_of(der: bytes) -> uuid.UUID:
    """Which node a certificate (DER) names. Raises CertificateError."""
    try:
        return named(x509.load_der_x509_certificate(der))
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion):
        raise CertificateError("This is no certificate.") from None


def named(certificate: x509.Certificate) -> uuid.UUID:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        (name,) = names.get_values_for_type(x509.UniformResourceIdentifier)
        return uuid.UUID(name.removeprefix(PREFIX))
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        raise CertificateError("The certificate names no node.") from None


def der(certificate: bytes) -> bytes:
    """PEM → DER. Raises CertificateError."""
    return _certificate(certificate).public_bytes(serialization.Encoding.DER)


def _requested_key(pem: bytes) -> ec.EllipticCurvePublicKey:
    try:
        found = x509.load_pem_x509_csr(pem[:LONGEST])
        good, public = found.is_signature_valid, found.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
        raise CertificateError("The request for a certificate cannot be read.") from None
    if not good or not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        raise CertificateError("The request for a certificate is not from its key's owner, or for another kind of key.")
    return public


def _certificate(pem: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem[:LONGEST])
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion):
        raise CertificateError("This is no certificate.") from None


def _private(pem: bytes) -> ec.EllipticCurvePrivateKey:
    try:
        found = serialization.load_pem_private_key(pem[:LONGEST], password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise CertificateError("This is no private key.") from None
    if not isinstance(found, ec.EllipticCurvePrivateKey):
        raise CertificateError("This is another kind of private key.")
    return found


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now + VALID)
    )


def _issued_by(private: ec.EllipticCurvePrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(private.public_key())


def _usage(*, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
