"""The states that the cluster's pages are looked at in, by their names; without Django, for the tests' own process."""

from collections.abc import Mapping

NAMES = (
    *("cluster-risk", "cluster-troubled", "cluster-down", "cluster-acting"),
    *("link", "link-untested", "link-running", "link-failed"),
    *("recovery-open", "recovery-refused", "recovery-unseen"),
    *("recovery-running", "recovery-done", "recovery-failed"),
    *("witness-none", "witness-adding", "witness-there", "witness-unreachable", "witness-removing"),
    *("fencing-none", "fencing-missing", "fencing-adding", "fencing-failed", "fencing-half", "fencing-on"),
    *("fencing-silent", "fencing-password"),
    *("system-cluster", "standby-call", "standby-calls"),
)
PICTURED = (
    *("cluster-risk", "cluster-troubled", "link", "link-running", "recovery-open", "recovery-refused"),
    *("recovery-running", "recovery-done", "system-cluster", "standby-call"),
    *("witness-none", "witness-there", "witness-unreachable", "fencing-none", "fencing-failed", "fencing-on"),
)
PAGES = {
    "cluster": "/cluster/",
    "link": "/cluster/link/",
    "recovery": "/cluster/recovery/",
    "witness": "/cluster/witness/",
    "fencing": "/cluster/fencing/",
    "system": "/system/",
}
PASSWORD_PAGE = "/cluster/act/fencing-add/?agent=fence_virsh&host=192.0.2.9&user=fence&plug=south"


def page_of(name: str, paths: Mapping[str, str]) -> str:
    """The path of the page that a state is looked at on; `paths` of the site's own pages."""
    if name == "fencing-password":
        return PASSWORD_PAGE
    about, _, which = name.partition("-")
    return paths[which] if about == "standby" else PAGES[about]
