"""What nodes sign: the head of a chain, a day's root, and a package. Each begins with its own mark."""

from datetime import date

from recordings.evidence.chain import Link


def head(link: Link, at: str) -> str:
    """The chain of this node and boot has come to this link."""
    return f"apresa-head-1\n{link.node}\n{link.boot}\n{link.number}\n{link.digest}\n{at}"


def day(of: date, count: int, root: str, previous: str) -> str:
    """All links of one day (UTC) of all chains; `previous` is the root of the day closed before, or empty."""
    return f"apresa-day-1\n{of.isoformat()}\n{count}\n{root}\n{previous}"


def package(manifest: str) -> str:
    return f"apresa-package-1\n{manifest}"
