"""Mutual TLS between the two nodes, under the cluster's own authority; nobody else gets past the handshake."""

import ssl
import uuid

from cluster.pairing import certificates
from cluster.pairing.store import Store


def server_context(store: Store, *, strangers: bool = False) -> ssl.SSLContext:
    """For the side that is called. `strangers`: whether callers without a certificate may speak (while pairing)."""
    context = _context(ssl.PROTOCOL_TLS_SERVER, store)
    context.verify_mode = ssl.CERT_OPTIONAL if strangers else ssl.CERT_REQUIRED
    return context


def client_context(store: Store) -> ssl.SSLContext:
    """For the side that calls. Nodes are named by their number, so `node_at` takes the place of the host name."""
    context = _context(ssl.PROTOCOL_TLS_CLIENT, store)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def pinning_context() -> ssl.SSLContext:
    """For a caller that knows no authority yet, and must compare the certificate before it says a word."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def node_at(connection: ssl.SSLSocket) -> uuid.UUID | None:
    """Which node is at the other end; None for a caller without a certificate. Raises CertificateError."""
    der = connection.getpeercert(binary_form=True)
    return certificates.node_of(der) if der else None


def _context(side: int, store: Store) -> ssl.SSLContext:
    context = ssl.SSLContext(side)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.load_cert_chain(store.path("node.pem"), store.path("node.key"))
    context.load_verify_locations(store.path("authority.pem"))
    return context
