"""The states that the cluster's pages are looked at in, by their names; without Django, for the tests' own process."""

from collections.abc import Mapping

NAMES = (
    *("cluster-risk", "cluster-troubled", "cluster-down", "cluster-acting"),
    *("link", "link-untested", "link-running", "link-failed"),
    *("recovery-open", "recovery-refused", "recovery-unseen"),
    *("recovery-running", "recovery-done", "recovery-failed"),
    *("system-cluster", "standby-call", "standby-calls"),
)
PICTURED = (
    *("cluster-risk", "cluster-troubled", "link", "link-running", "recovery-open", "recovery-refused"),
    *("recovery-running", "recovery-done", "system-cluster", "standby-call"),
)
PAGES = {"cluster": "/cluster/", "link": "/cluster/link/", "recovery": "/cluster/recovery/", "system": "/system/"}


def page_of(name: str, paths: Mapping[str, str]) -> str:
    """The path of the page that a state is looked at on; `paths` of the site's own pages."""
    about, _, which = name.partition("-")
    return paths[which] if about == "standby" else PAGES[about]
