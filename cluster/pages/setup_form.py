"""The form of the set-up screen: what was typed, and each fault at its field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cluster.queries.setup_defaults import Machine
from cluster.queries.setup_review import sentence
from cluster.setup.answers import MODES, Answers, NodeAnswers
from cluster.setup.validate import LONGEST_ANSWER, Fault

NODES = ("first", "second")
ROWS = {
    "name": (gettext_lazy("IP name"), gettext_lazy("small letters, digits and hyphens")),
    "address": (gettext_lazy("IP address"), ""),
    "mask": (gettext_lazy("IP mask"), gettext_lazy("any mask: 255.255.255.0, or 24")),
    "link": (gettext_lazy("Replication link: address"), gettext_lazy("optional: a second cable between the nodes")),
    "link_mask": (gettext_lazy("Replication link: mask"), gettext_lazy("only with an address")),
}
SHARED = {
    "floating": (
        gettext_lazy("Floating IP address"),
        gettext_lazy("A free address of the nodes' network. People use it: it moves to the node that is active."),
    ),
    "interface": (
        gettext_lazy("Network interface"),
        gettext_lazy("It gets the floating address; it has the same name on both machines."),
    ),
    "disk": (
        gettext_lazy("Partition for the recordings"),
        gettext_lazy("An empty one, with the same name and size on both machines. It is overwritten."),
    ),
    "directory": (gettext_lazy("Recordings directory"), gettext_lazy("Where the replicated volume is mounted.")),
    "mode": (
        gettext_lazy("Copying of the database"),
        gettext_lazy(
            "Without waiting (async), a sudden death of the primary can cost the last moments of what people "
            "changed. Waiting (sync) loses nothing that was shown as saved, and makes each change a little slower. "
            "It can't be changed later without stopping the cluster. No call is lost by either."
        ),
    ),
    "witness": (
        gettext_lazy("Witness (optional)"),
        gettext_lazy(
            "Name or address of a third machine with corosync-qnetd: with its vote a cut link does not make both nodes "
            "record as primary (split brain). It can also be added later."
        ),
    ),
    "device": (gettext_lazy("DRBD device"), gettext_lazy("Leave it as it is unless DRBD is used for something else.")),
}
MODE_LABELS = {"async": gettext_lazy("without waiting (async)"), "sync": gettext_lazy("waiting (sync)")}


@dataclass(slots=True)
class Field:
    """`name` as in a fault's place, such as "first.mask"."""

    name: str
    label: str
    help: str
    value: str
    errors: list[str] = field(default_factory=list)
    choices: tuple[tuple[str, str], ...] = ()
    suggestions: tuple[tuple[str, str], ...] = ()
    place: str = ""
    """Which node it is about, where the row has both."""

    @property
    def id(self) -> str:
        return f"field-{self.name.replace('.', '-').replace('_', '-')}"


@dataclass(slots=True)
class Row:
    label: str
    help: str
    cells: list[Field]


@dataclass(slots=True)
class Form:
    """`loose`: faults whose place is no field of this page."""

    rows: list[Row]
    shared: list[Field]
    loose: list[str]

    @property
    def wrong(self) -> int:
        """How many fields have a fault."""
        return sum(bool(one.errors) for one in self.every())

    def every(self) -> Iterable[Field]:
        yield from (cell for row in self.rows for cell in row.cells)
        yield from self.shared


def typed(given: Mapping[str, str]) -> Answers:
    """What a form sent, as it was typed; what it did not send is empty."""
    first, second = (
        NodeAnswers(**{one.name: _short(given, f"{place}.{one.name}") for one in fields(NodeAnswers)})
        for place in NODES
    )
    rest = {one.name: _short(given, one.name) for one in fields(Answers) if one.name not in NODES}
    return Answers(first, second, **rest)


def form(answers: Answers, here: Machine, faults: Iterable[Fault] = ()) -> Form:
    said: dict[str, list[str]] = {}
    for fault in faults:
        said.setdefault(fault.where, []).append(sentence(fault, _))
    rows = [_row(name, answers, said) for name in ROWS]
    shared = [
        Field(
            name,
            str(label),
            str(help_),
            getattr(answers, name),
            said.pop(name, []),
            _choices(name, answers, here),
            _suggestions(name, here),
        )
        for name, (label, help_) in SHARED.items()
    ]
    return Form(rows, shared, [one for rest in said.values() for one in rest])


def flat(answers: Answers) -> list[tuple[str, str]]:
    """All answers as fields of a form that nobody sees."""
    nodes = [
        (f"{place}.{one.name}", getattr(getattr(answers, place), one.name))
        for place in NODES
        for one in fields(NodeAnswers)
    ]
    return nodes + [(one.name, getattr(answers, one.name)) for one in fields(Answers) if one.name not in NODES]


def _row(name: str, answers: Answers, said: dict[str, list[str]]) -> Row:
    label, help_ = ROWS[name]
    places = ((place, getattr(answers, place)) for place in NODES)
    cells = [
        Field(
            f"{place}.{name}",
            str(label),
            "",
            getattr(node, name),
            said.pop(f"{place}.{name}", []),
            place=_title(place),
        )
        for place, node in places
    ]
    return Row(str(label), str(help_), cells)


def _title(place: str) -> str:
    return _("node 1") if place == "first" else _("node 2")


def _choices(name: str, answers: Answers, here: Machine) -> tuple[tuple[str, str], ...]:
    if name == "mode":
        return tuple((one, str(MODE_LABELS[one])) for one in MODES)
    if name != "interface" or not here.interfaces:
        return ()
    addresses: dict[str, list[str]] = {one: [] for one in (answers.interface, *here.interfaces) if one}
    for network in here.networks:
        addresses[network.interface].append(f"{network.address}/{network.bits}")
    return tuple((one, f"{one} ({', '.join(found)})" if found else one) for one, found in addresses.items())


def _suggestions(name: str, here: Machine) -> tuple[tuple[str, str], ...]:
    if name != "disk":
        return ()
    return tuple((one.device, filesizeformat(one.size)) for one in here.partitions)


def _short(given: Mapping[str, str], name: str) -> str:
    return given.get(name, "")[:LONGEST_ANSWER]
