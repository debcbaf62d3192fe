"""The fixed list of verbs: values in, one deed out. Pure: nothing is touched before `serve` does the deed."""

import re
from collections.abc import Mapping
from typing import Any

from apresa_helper import (
    corosync,
    fencing,
    recorder,
    recovering,
    setting_up,
    setting_up_database,
    undoing,
    values,
    witness,
)
from apresa_helper.deeds import Deed, Run, Verb, Write
from apresa_helper.questions import QUESTIONS
from apresa_helper.values import Refused

CRM_ATTRIBUTE = "/usr/sbin/crm_attribute"
CRM_RESOURCE = "/usr/sbin/crm_resource"
DRBDADM = "/sbin/drbdadm"
SYSTEMCTL = "/bin/systemctl"
VOLUME = "r0"
# "Secondary" (DRBD 9) or "Secondary/Primary" (8.4): the first word is this machine's own role.
NOT_PRIMARY = re.compile(r"Secondary(/\w+)?\s*", re.ASCII)


def deed(verb: object, given: object) -> Deed:
    """What a request asks for. Raises Refused whatever the request holds."""
    if not isinstance(verb, str) or verb not in VERBS:
        raise Refused(f"There is no such verb; there are: {', '.join(sorted(VERBS))}.")
    if not isinstance(given, dict):
        raise Refused("The values of a request are an object.")
    return VERBS[verb](given)


def _maintenance(given: Mapping[str, Any]) -> Deed:
    values.only(given, "on")
    word = "true" if values.switch(given["on"], "on") else "false"
    return Run((CRM_ATTRIBUTE, "-t", "crm_config", "-n", "maintenance-mode", "-v", word), 60.0)


def _resource(option: str) -> Verb:
    def build(given: Mapping[str, Any]) -> Deed:
        values.only(given, "resource", "node")
        name = values.resource(given["resource"])
        return Run((CRM_RESOURCE, option, "-r", name, "-N", values.node(given["node"])), 60.0)

    return build


def _standby(given: Mapping[str, Any]) -> Deed:
    values.only(given, "node", "on")
    word = "on" if values.switch(given["on"], "on") else "off"
    name = values.node(given["node"])
    return Run((CRM_ATTRIBUTE, "-N", name, "-n", "standby", "-v", word, "-l", "forever"), 60.0)


def _pacemaker(given: Mapping[str, Any]) -> Deed:
    values.only(given, "action")
    action = values.one_of(given["action"], "action", ("start", "stop", "restart"))
    return Run((SYSTEMCTL, action, "pacemaker"), 120.0)


def _drbd(given: Mapping[str, Any]) -> Deed:
    values.only(given, "action")
    action = values.one_of(given["action"], "action", ("connect", "disconnect", "secondary", "discard-my-data"))
    if action != "discard-my-data":
        return Run((DRBDADM, action, VOLUME), 60.0)
    return Run(
        (DRBDADM, "--", "--discard-my-data", "connect", VOLUME),
        60.0,
        guard=(DRBDADM, "role", VOLUME),
        wanted=NOT_PRIMARY,
        otherwise="This machine's copy of the recordings is in use (Primary), or nobody can tell: it is not discarded.",
    )


def _corosync_config(given: Mapping[str, Any]) -> Deed:
    values.only(given, "members", "token")
    text = corosync.configuration(values.members(given["members"]), values.number(given["token"], "token", 250, 60_000))
    return Write("/etc/corosync/corosync.conf", text.encode(), 0o644)


def _corosync_key(given: Mapping[str, Any]) -> Deed:
    values.only(given, "key")
    return Write("/etc/corosync/authkey", values.key(given["key"]), 0o400)


def _ask(given: Mapping[str, Any]) -> Deed:
    values.only(given, "what")
    argv, seconds = QUESTIONS[values.one_of(given["what"], "what", tuple(sorted(QUESTIONS)))]
    return Run(argv, seconds, changes=False)


VERBS: Mapping[str, Verb] = {
    "ask": _ask,
    "cleanup": _resource("--cleanup"),
    "corosync-config": _corosync_config,
    "corosync-key": _corosync_key,
    "drbd": _drbd,
    "maintenance": _maintenance,
    "pacemaker": _pacemaker,
    **fencing.VERBS,
    **recorder.VERBS,
    "refresh": _resource("--refresh"),
    "standby": _standby,
    **recovering.VERBS,
    **setting_up.VERBS,
    **setting_up_database.VERBS,
    **undoing.VERBS,
    **witness.VERBS,
}
# Names of values that no log may hold.
SECRET = frozenset({"key"}) | fencing.SECRET | setting_up.SECRET | setting_up_database.SECRET
