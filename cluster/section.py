"""The cluster on the system page."""

from django.utils.translation import gettext_lazy as _

from apresa.sections import Section, register
from cluster.pages.words import shown

SECTION = register(Section("cluster", _("H.A. Cluster"), "cluster/parts/section.html", shown))
