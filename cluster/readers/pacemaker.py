"""`crm_mon -1 --output-as=xml` (api 2.x of Pacemaker 2.1) → Pacemaker."""

from collections.abc import Iterator
from xml.etree import ElementTree

from cluster.pacemaker_types import FailedAction, Pacemaker, PacemakerNode, Resource, ResourceKind, ResourceRole
from cluster.readers.reply import ReplyError
from cluster.types import NotRunning

CHANGING = {"Starting", "Stopping", "Promoting", "Demoting", "Migrating"}
OLD_NAMES = {"Master": "Promoted", "Slave": "Unpromoted"}
MOST = 200  # resources, nodes or failures; a cluster of two nodes has a dozen


def read_pacemaker(text: str) -> Pacemaker | NotRunning:
    """Raises ReplyError."""
    root = _parse(text)
    code = _need(_child(root, "status"), "code")
    if code == "102":
        return NotRunning("Pacemaker does not run here.")
    if code != "0":
        raise ReplyError(f"crm_mon reports the fault {code[:40]}.")
    controller = _child(root, "summary/current_dc")
    options = _child(root, "summary/cluster_options")
    present = _flag(controller, "present")
    return Pacemaker(
        has_controller=present,
        quorate=present and _flag(controller, "with_quorum"),
        mixed_version=present and _flag(controller, "mixed_version") and _sets_differ(root),
        maintenance=_flag(options, "maintenance-mode"),
        fencing=_flag(options, "stonith-enabled"),
        nodes=tuple(_node(element) for element in _all(root, "nodes/node")),
        resources=tuple(_resource(element) for element in _all(root, "resources//resource")),
        attributes={
            _need(element, "name"): {_need(one, "name"): _need(one, "value") for one in _all(element, "attribute")}
            for element in _all(root, "node_attributes/node")
        },
        failures=tuple(_failure(element) for element in _all(root, "failures/failure")),
        no_quorum_policy=options.get("no-quorum-policy", ""),
    )


def _sets_differ(root: ElementTree.Element) -> bool:
    """Whether two nodes tell different feature sets, or none tells one.

    A node that comes back after a power cut may be without the attribute for minutes: crm_mon takes it for older than
    any that has one ("<3.15.1", Pacemaker before 2.1.4), and says mixed_version.
    """
    sets = {node.get("feature_set", "") for node in _all(root, "nodes/node") if node.get("online") == "true"}
    told = {one for one in sets if one and not one.startswith("<")}
    return len(told) != 1


def _parse(text: str) -> ElementTree.Element:
    if "<!" in text:  # crm_mon writes no document type; without one there are no entities to expand
        raise ReplyError("The reply of crm_mon declares a document type.")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 -- no document type, and the runner bounds the length
    except (ElementTree.ParseError, ValueError) as error:
        raise ReplyError(f"The reply of crm_mon is no XML: {error}.") from None
    if root.tag not in {"pacemaker-result", "crm_mon"}:
        raise ReplyError("The reply is not crm_mon's.")
    return root


def _all(element: ElementTree.Element, path: str) -> Iterator[ElementTree.Element]:
    found = element.findall(path)
    if len(found) > MOST:
        raise ReplyError(f"The reply of crm_mon has more than {MOST} of {path}.")
    return iter(found)


def _child(element: ElementTree.Element, path: str) -> ElementTree.Element:
    child = element.find(path)
    if child is None:
        raise ReplyError(f"The reply of crm_mon has no {path}.")
    return child


def _need(element: ElementTree.Element, name: str) -> str:
    value = element.get(name)
    if value is None:
        raise ReplyError(f'In the reply of crm_mon <{element.tag}> has no "{name}".')
    return value


def _flag(element: ElementTree.Element, name: str) -> bool:
    value = _need(element, name)
    if value not in {"true", "false"}:
        raise ReplyError(f'In the reply of crm_mon "{name}" is {value[:40]!r}, not true or false.')
    return value == "true"


def _node(element: ElementTree.Element) -> PacemakerNode:
    return PacemakerNode(
        name=_need(element, "name"),
        online=_flag(element, "online"),
        standby=_flag(element, "standby") or _flag(element, "standby_onfail"),
        maintenance=_flag(element, "maintenance"),
        pending=_flag(element, "pending"),
        unclean=_flag(element, "unclean"),
        shutdown=_flag(element, "shutdown"),
    )


def _resource(element: ElementTree.Element) -> Resource:
    return Resource(
        name=_need(element, "id"),
        kind=_kind(_need(element, "resource_agent")),
        role=_role(_need(element, "role")),
        nodes=tuple(_need(node, "name") for node in _all(element, "node")),
        managed=_flag(element, "managed"),
        failed=_flag(element, "failed"),
        blocked=_flag(element, "blocked"),
    )


def _kind(agent: str) -> ResourceKind:
    if agent.startswith("stonith:"):
        return ResourceKind.FENCING
    kinds = {"pgsql": ResourceKind.DATABASE, "drbd": ResourceKind.DRBD}
    return kinds.get(agent.rpartition(":")[2], ResourceKind.SERVICE)


def _role(text: str) -> ResourceRole:
    text = OLD_NAMES.get(text, text)
    if text in CHANGING:
        return ResourceRole.CHANGING
    try:
        return ResourceRole(text)
    except ValueError:
        return ResourceRole.UNKNOWN


def _failure(element: ElementTree.Element) -> FailedAction:
    return FailedAction(
        operation=element.get("op_key") or _need(element, "id"),
        node=_need(element, "node"),
        result=element.get("exitstatus", ""),
        reason=element.get("exitreason", ""),
    )
