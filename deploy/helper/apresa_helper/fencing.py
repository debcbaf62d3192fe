"""The verbs of fencing: this node's power switch for the other one. Its password stays in files of root's on this node.

A device runs on the node that it does not fence, so only that node needs the password; the cluster's configuration
names a script instead, and no argument and no log has it.
"""

import re
from collections.abc import Mapping
from typing import Any

from apresa_helper import setting_up_values as own
from apresa_helper import values
from apresa_helper.deeds import Chain, Deed, Run, Verb, Write
from apresa_helper.values import Refused

CRM_ATTRIBUTE = "/usr/sbin/crm_attribute"
CRM = (*own.OUTSIDE, "/usr/sbin/crm")
# What each agent is told beside address, user and password; "plug" is the other node's name at its host.
AGENTS: Mapping[str, Mapping[str, str]] = {
    "fence_ipmilan": {"lanplus": "1"},
    "fence_virsh": {"plug": ""},
    "fence_vmware_rest": {"plug": "", "ssl": "1"},
}
PASSWORD = re.compile(r"[!-~]{1,128}", re.ASCII)
USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}", re.ASCII)
PLUG = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,79})?", re.ASCII)
HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?", re.ASCII)
ONE_STARTED = r'<resource id="fence_[a-z0-9-]+" resource_agent="stonith:[a-z_]+" role="Started"'
BOTH_STARTED = re.compile(rf".*{ONE_STARTED}.*{ONE_STARTED}.*", re.DOTALL | re.ASCII)


def _script(node: str) -> str:
    return f"/etc/apresa/fence-{node}"


def _secret(given: Mapping[str, Any]) -> Deed:
    values.only(given, "node", "password")
    script = _script(values.node(given["node"]))
    if not isinstance(given["password"], str) or not PASSWORD.fullmatch(given["password"]):
        raise Refused("A password is 1 to 128 letters, digits and signs, without spaces.")
    run = f"#!/bin/sh\nexec /bin/cat {script}.password\n"
    kept = Write(f"{script}.password", f"{given['password']}\n".encode(), 0o600)
    return Chain((kept, Write(script, run.encode(), 0o700)))


def _device(given: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The agent, and its settings by name."""
    values.only(given, "node", "agent", "address", "user", "plug")
    agent = values.one_of(given["agent"], "agent", tuple(AGENTS))
    plug = values.matching(PLUG, given["plug"], "a plug is named by letters, digits, dots and hyphens")
    if bool(plug) != ("plug" in AGENTS[agent]):
        raise Refused(f"{agent} needs {'the name of the other machine there' if not plug else 'no plug'}.")
    return agent, {
        "ip": values.matching(HOST, given["address"], "a power switch is named by its host name or address"),
        "username": values.matching(USER, given["user"], "a user is named by letters, digits, dots and hyphens"),
        "password_script": _script(values.node(given["node"])),
        **AGENTS[agent],
        **({"plug": plug} if plug else {}),
    }


def _check(given: Mapping[str, Any]) -> Deed:
    """Asks the switch for the node's power; changes nothing. 0: it is on, 2: it is off."""
    agent, settings = _device(given)
    asked = "".join(f"{name}={value}\n" for name, value in {**settings, "action": "status"}.items())
    return Run((f"/usr/sbin/{agent}",), 60.0, changes=False, stdin=asked.encode())


def _add(given: Mapping[str, Any]) -> Deed:
    """It never runs on the node that it fences."""
    agent, settings = _device(given)
    node = values.node(given["node"])
    parameters = " ".join(f'{name}="{value}"' for name, value in settings.items())
    text = (
        f'primitive fence_{node} stonith:{agent} params {parameters} pcmk_host_list="{node}" '
        f"op monitor interval=60s timeout=60s\nlocation not_itself_{node} fence_{node} -inf: {node}\n"
    )
    file = f"{_script(node)}.crm"
    return Chain((Write(file, text.encode(), 0o644), Run((*CRM, "configure", "load", "update", file), 240.0)))


def _query(given: Mapping[str, Any]) -> Deed:
    """Pacemaker asks the switch by the device that it would cut the power with; changes nothing."""
    values.only(given, "node")
    argv = ("/usr/sbin/stonith_admin", "--query", f"fence_{values.node(given['node'])}", "--timeout", "60")
    return Run(argv, 75.0, changes=False)


def _remove(given: Mapping[str, Any]) -> Deed:
    """The device alone; fencing itself is not touched."""
    values.only(given, "node")
    node = values.node(given["node"])
    return Chain(
        (
            Run((*CRM, "--wait", "resource", "stop", f"fence_{node}"), 120.0),
            Run((*CRM, "configure", "delete", f"fence_{node}"), 120.0),
        )
    )


def _forget(given: Mapping[str, Any]) -> Deed:
    """The files that `fence-secret` and `fence-add` wrote."""
    values.only(given, "node")
    script = _script(values.node(given["node"]))
    return Run(("/bin/rm", "-f", *(f"{script}{end}" for end in ("", ".password", ".crm"))), 10.0)


def _fencing(given: Mapping[str, Any]) -> Deed:
    """`delay`: seconds that a node without the active database waits; without a witness both halves may shoot."""
    values.only(given, "on", "delay")
    delay = values.number(given["delay"], "delay", 0, 60)
    if not values.switch(given["on"], "on"):
        return _enabled(on=False)
    argv = (CRM_ATTRIBUTE, "-t", "crm_config", "-n", "priority-fencing-delay", "-v", f"{delay}s")
    return Chain((Run(argv, 60.0), _enabled(on=True)))


def _enabled(*, on: bool) -> Run:
    argv = (CRM_ATTRIBUTE, "-t", "crm_config", "-n", "stonith-enabled", "-v", "true" if on else "false")
    if not on:
        return Run(argv, 60.0)
    refusal = "Not both power switches are ready: after a failure nothing would be taken over."
    return Run(argv, 60.0, ("/usr/sbin/crm_mon", "-1", "--output-as=xml"), BOTH_STARTED, refusal)


VERBS: Mapping[str, Verb] = {
    "fence-add": _add,
    "fence-check": _check,
    "fence-forget": _forget,
    "fence-query": _query,
    "fence-remove": _remove,
    "fence-secret": _secret,
    "fencing": _fencing,
}
SECRET = frozenset({"password"})
