"""Why a machine is not to be updated now, in words."""

from collections.abc import Mapping
from types import MappingProxyType

from cluster.catalogue.mark import gettext_noop as _

AGAINST: Mapping[str, str] = MappingProxyType(
    {
        "primary-first": _(
            "This machine is not the active one, and the other one has release {others}; here it would be {own}. "
            "Update the primary first, and this one after it has finished."
        ),
        "primary-unknown": _(
            "This machine is not the active one, and which release the other one has is not known: {detail} "
            "The primary is updated first. See that the other machine is on and that its apresa-link runs."
        ),
    }
)
