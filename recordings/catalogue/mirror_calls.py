"""Findings of the mirror report that come from the calls themselves."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from recordings.catalogue.said import Said

CALLS: Mapping[str, Said] = {
    "too-few-calls": Said(_("Only {whole} calls in {hours} hours: too few to tell. Make some test calls.")),
    "too-few-packets": Said(
        _("Only {packets} packets of sound in {hours} hours: too few to tell. Make some test calls.")
    ),
    "one-direction-rare": Said(_("{part} of {whole} answered calls were heard from one side only.")),
    "one-direction": Said(
        _("{part} of {whole} answered calls ({percent} %) were heard from one side only."),
        _(
            "The mirror session copies one direction of the port (only received or only transmitted frames), "
            "or the two directions of a call pass through different ports or switches."
        ),
        _(
            "Set the session to both directions (Cisco: “monitor session 1 source interface … both”; others: "
            "“ingress and egress”), or mirror the port of the telephone system or the gateway, through which "
            "both sides go."
        ),
    ),
    "sip-without-rtp-rare": Said(_("{part} of {whole} answered calls had signalling, but no sound.")),
    "sip-without-rtp": Said(
        _("{part} of {whole} answered calls ({percent} %) had signalling, but no sound."),
        _(
            "The sound goes straight between telephones, or through a media gateway, in a VLAN or at a port "
            "that is not mirrored; only the port of the server is."
        ),
        _(
            "Add the voice VLAN or the telephones' uplinks to the session (“source vlan …”), or let the "
            "telephone system relay the sound (no direct media)."
        ),
    ),
    "rtp-without-sip-rare": Said(_("{part} of {whole} calls were sound without signalling.")),
    "rtp-without-sip": Said(
        _("{part} of {whole} calls ({percent} %) were sound without signalling."),
        _(
            "The signalling goes to a server whose port or VLAN is not mirrored, or it is encrypted (TLS), or"
            " it uses another protocol than SIP."
        ),
        _(
            "Mirror the port of the SIP server, too. For TLS, give Apresa the keys, or switch it off between "
            "telephones and server within the house."
        ),
    ),
    "beginning-unseen-rare": Said(_("The beginning of {part} of {whole} calls was not seen.")),
    "beginning-unseen": Said(
        _("The beginning of {part} of {whole} calls ({percent} %) was not seen."),
        _(
            "Signalling is lost: the mirror port drops frames when it is full, or calls reach the mirrored "
            "port only after they began elsewhere (a queue, a conference)."
        ),
        _("Mirror less onto one port, use a faster mirror port, or mirror where calls begin."),
    ),
    "once": Said(_("Packets come once (again: {percent} %).")),
    "twice": Said(
        _("Packets came twice or more ({percent} %). Each is recorded once; the copies only cost load."),
        _(
            "The same frame is mirrored at several places: at two ports of its way, in both directions of a "
            "whole VLAN, or before and after a router."
        ),
        _("Mirror a VLAN in one direction only (“rx”), or fewer ports: one that all calls pass is enough."),
    ),
    "complete": Said(_("The sound's packets came; missing were few ({percent} %).")),
    "lossy": Said(
        _("Packets of the sound were missing as they came ({percent} %)."),
        _(
            "If people hear the calls well, the mirror port loses them: the mirrored ports carry more "
            "together than the mirror port takes, or the switch treats copies as the least important."
        ),
        _(
            "Mirror only the voice VLAN, use a mirror port of the speed of all its sources together, and see "
            "the output drops of that port on the switch. If people hear the gaps too, it is the network."
        ),
    ),
    "heard-by-both": Said(_("Both nodes hear the calls: {fewer} and {more} ended in {minutes} minutes.")),
    "heard-there-only": Said(
        _("{only_other} of {whole} calls ({percent} %) were heard by the other node only, and came from there."),
        _(
            "The mirror port of this node is not a copy of that of the other one: another session, fewer "
            "sources, or it was away for a time."
        ),
        _(
            "Give both nodes the same sources (one session with two destinations, or one session each with "
            "the same list)."
        ),
    ),
    "deaf-here": Said(
        _("This node heard {fewer} calls end in {minutes} minutes, the other one {more}."),
        _("This node's mirror port lacks sources that the other one's has."),
        _("Compare the two mirror sessions on the switch, and this machine's drops above."),
    ),
    "deaf-there": Said(
        _("The other node heard {fewer} calls end in {minutes} minutes, this one {more}."),
        _("The other node's mirror port lacks sources that this one's has."),
        _("Compare the two mirror sessions on the switch, and read this report on the other node."),
    ),
    "not-compared": Said(
        _("What the two nodes heard could not be compared: too few calls, or no word of the other node.")
    ),
}
