"""Every code of a finding, with its texts. docs/cluster.md has the same table; a test compares them."""

from collections.abc import Mapping
from types import MappingProxyType

from cluster.catalogue import data, nodes, resources, services, whole
from cluster.findings import Finding, Kind

KINDS: Mapping[str, Kind] = MappingProxyType(
    {**whole.WHO, **nodes.NODES, **data.DATA, **resources.RESOURCES, **services.SERVICES}
)


def kind(finding: Finding) -> Kind:
    return KINDS[finding.code]
