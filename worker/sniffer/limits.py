"""Limits of our own process."""

import resource


def raise_file_limit() -> None:
    """Allow as many open files as the machine lets us: every stream wants one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65536 if hard == resource.RLIM_INFINITY else hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
