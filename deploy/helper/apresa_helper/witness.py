"""The verbs of a witness, a third machine that votes: Corosync's section for it, its client, what a minority does.

Each verb is one small part, and none of them leaves a healthy pair without quorum; the order is the asker's."""

import re
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from apresa_helper import corosync, values
from apresa_helper.deeds import Chain, Deed, Edit, Run, Verb
from apresa_helper.machine import Failed

CONFIGURATION = "/etc/corosync/corosync.conf"
SYSTEMCTL = "/bin/systemctl"
UNIT = "corosync-qdevice.service"
CLIENT = "/usr/sbin/corosync-qdevice"
PORT = 5403
REACH = ("/usr/bin/python3", "-I", "-S", str(Path(__file__).resolve().parents[1]), "recover", "reach")
HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?", re.ASCII)
# Both nodes are there, and the witness gives its vote: three of three.
ALL_VOTE = re.compile(
    r".*^Quorate: +Yes *$.*^Total votes: +3 *$.*^ +0 +1 +Qdevice *$.*", re.DOTALL | re.MULTILINE | re.ASCII
)


def reach(host: str) -> str:
    """Whether a witness answers this node; a step of its own, as it waits for the network. Raises Failed."""
    try:
        socket.create_connection((host, PORT), 5.0).close()
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise Failed(f"{host} does not answer this node on TCP port {PORT}: {reason}.") from None
    return f"{host} answers"


def _reach(given: Mapping[str, Any]) -> Deed:
    values.only(given, "host")
    return Run((*REACH, _host(given["host"])), 30.0, changes=False)


def _host(value: object) -> str:
    return values.matching(HOST, value, "a witness is named by its host name or address")


def _add(given: Mapping[str, Any]) -> Deed:
    """Takes effect with the next reload. The client's program is looked for first: without it nothing is changed."""
    values.only(given, "host")
    host = _host(given["host"])
    there = ("/usr/bin/test", "-x", CLIENT)
    look = Run(there, 5.0, there, re.compile(""), "The witness's client is missing here: apt install corosync-qdevice.")
    return Chain((look, Edit(CONFIGURATION, lambda before: corosync.with_witness(before, host))))


def _remove(given: Mapping[str, Any]) -> Deed:
    values.only(given)
    return Edit(CONFIGURATION, corosync.without_witness)


def _reload(given: Mapping[str, Any]) -> Deed:
    """Every node of the cluster reads its own file anew."""
    values.only(given)
    return Run(("/usr/sbin/corosync-cfgtool", "-R"), 30.0)


def _service(given: Mapping[str, Any]) -> Deed:
    """The client goes with Corosync, and never brings it up at boot: a node does not join by itself."""
    values.only(given, "on")
    off = Run((SYSTEMCTL, "disable", UNIT), 60.0)
    if not values.switch(given["on"], "on"):
        return Chain((off, Run((SYSTEMCTL, "stop", UNIT), 60.0)))
    with_corosync = Run((SYSTEMCTL, "add-wants", "corosync.service", UNIT), 60.0)
    return Chain((off, with_corosync, Run((SYSTEMCTL, "restart", UNIT), 60.0)))


def _policy(given: Mapping[str, Any]) -> Deed:
    """What a node without a majority does: stop, once there is a witness that votes; else go on, alone."""
    values.only(given, "policy")
    policy = values.one_of(given["policy"], "policy", ("ignore", "stop"))
    argv = ("/usr/sbin/crm_attribute", "-t", "crm_config", "-n", "no-quorum-policy", "-v", policy)
    if policy == "ignore":
        return Run(argv, 60.0)
    refusal = "Not all three votes are there (both nodes and the witness): a minority would stop at once."
    return Run(argv, 60.0, ("/usr/sbin/corosync-quorumtool", "-s"), ALL_VOTE, refusal)


VERBS: Mapping[str, Verb] = {
    "quorum-policy": _policy,
    "witness-add": _add,
    "witness-reach": _reach,
    "witness-reload": _reload,
    "witness-remove": _remove,
    "witness-service": _service,
}
