"""A site → the text of each engine's configuration, from the templates in deploy/. Pure but for reading those."""

from pathlib import Path
from string import Template

from cluster.setup.site import Address, Member, Site

TEMPLATES = Path(__file__).resolve().parents[2] / "deploy"


def corosync(site: Site) -> str:
    """/etc/corosync/corosync.conf, the same on both nodes."""
    nodes = "".join(_ring_node(number, member) for number, member in enumerate(site.members, 1))
    return _fill("corosync/corosync.conf", token=site.token, nodes=nodes, quorum=_fill("corosync/quorum-pair.conf"))


def crm(site: Site) -> str:
    """What `crm configure load update` reads: all resources and constraints of the cluster."""
    volume = site.volume
    return _fill(
        "pacemaker/cluster.crm",
        nodes=" ".join(member.name for member in site.members),
        floating=site.floating.ip,
        prefix=site.floating.network.prefixlen,
        interface=site.interface,
        device=volume.device,
        directory=volume.directory,
        file_system=volume.file_system,
        options=volume.options,
        mode=site.mode,
    )


def pg_hba(site: Site) -> str:
    """/etc/postgresql/15/main/pg_hba.conf, the same on both nodes."""
    rows = "".join(
        f"hostssl replication     replicator      {_host(address):<24} scram-sha-256\n"
        for member in site.members
        for address in member.addresses
    )
    return _fill("postgresql/pg_hba.conf", replication=rows)


def _ring_node(number: int, member: Member) -> str:
    rings = "".join(f"        ring{link}_addr: {address}\n" for link, address in enumerate(member.addresses))
    return f"    node {{\n        name: {member.name}\n        nodeid: {number}\n{rings}    }}\n"


def _host(address: Address) -> str:
    return f"{address}/{address.max_prefixlen}"


def _fill(name: str, **values: object) -> str:
    """Every place of the template must have its value: KeyError means that template and code differ in release."""
    return Template((TEMPLATES / name).read_text(encoding="utf-8")).substitute(values)
