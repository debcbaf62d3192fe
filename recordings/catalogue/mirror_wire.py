"""Findings of the mirror report about the port and the wire."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from recordings.catalogue.said import Said

WIRE: Mapping[str, Said] = {
    "not-known": Said(_("The recording component does not run, so nobody counts.")),
    "port-hears": Said(_("{ports}: {packets} packets so far.")),
    "not-listening": Said(
        _("The recording component does not run: nothing is heard."),
        _("No interface is chosen, or the recording component has no right to capture, or was stopped."),
        _("Choose the interface of the mirror port (setting capture.interfaces), and see the system page."),
    ),
    "port-down": Said(
        _("The interface has no connection: {ports}."),
        _("The cable is out, the switch port is shut down, or the interface's name has changed."),
        _("Plug it in, or enable the port (“no shutdown”); a mirror port shows “monitoring” on the switch."),
    ),
    "port-silent": Said(
        _("Not one packet came on {ports}."),
        _("The switch port is no destination of a mirror session, or the session has no sources."),
        _(
            "Make this port the destination of the session (“monitor session 1 destination interface …”), and"
            " name its sources. On a virtual machine, allow promiscuous mode for its port group."
        ),
    ),
    "none-dropped": Said(_("None of {received} packets was dropped on this machine.")),
    "disk-refused": Said(
        _("{packets} packets were not written: the disk did not take them."),
        _("The spool's disk is full, or too slow."),
        _("Free room on it, or give the spool a disk of its own."),
    ),
    "too-many-streams": Said(
        _("{packets} packets of sound were refused: too many streams at once."),
        _(
            "The mirror brings far more than calls, such as video or a file transfer over UDP, or there are "
            "very many calls."
        ),
        _("Mirror the voice VLAN only, or give capture more streams (“--streams”)."),
    ),
    "ring-full": Said(
        _("{dropped} of {received} packets were dropped, as this machine did not take them in time."),
        _("The machine is overloaded for moments, or the mirror brings much more than calls."),
        _(
            "Mirror the voice VLAN only, give capture a larger ring (“--ring-megabytes”), or the machine a "
            "free processor."
        ),
    ),
    "card-missed": Said(
        _("The network card let go {missed} packets before this machine saw them."),
        _("Its receive ring is too small, or frames are damaged on the cable."),
        _("Enlarge it (“ethtool -G DEVICE rx 4096”), and see “ethtool -S DEVICE” for errors of the cable."),
    ),
    "wrappings": Said(_("Streams by how they came: {seen}.")),
    "no-streams": Said(_("No stream was stored in this time, so nobody can say how they come.")),
    "unknown-wrapping": Said(
        _("{unknown} frames with SIP in them came in a wrapping that this release does not know. Known: {seen}."),
        _("The switch sends its copies by a tunnel or with tags of its maker's own."),
        _("Choose plain SPAN, ERSPAN, GRE, VXLAN or another one of those in docs/capture.md on the switch."),
    ),
    "few-pieces": Said(_("{pieces} frames were pieces of larger packets ({percent} %).")),
    "many-pieces": Said(
        _("{pieces} frames ({percent} %) were pieces of larger packets. They are put together; it costs load."),
        _("SIP messages larger than the MTU, or a mirror tunnel that adds its header to full frames."),
        _("Raise the MTU on the tunnel's way to 1600 or more, or let telephones use SIP over TCP."),
    ),
    "pieces-missing": Said(
        _("{given_up} packets came in pieces of which some never came."),
        _(
            "Pieces take another way than the mirrored one, or are dropped: they have no port numbers, so a "
            "filter of the session by port does not match them."
        ),
        _("Mirror without a filter by port, and see the drops of the mirror port."),
    ),
    "sizes-fit": Said(_("The largest frame had {largest} bytes; none was cut.")),
    "cut-frames": Said(
        _("{cut} frames came cut off."),
        _(
            "The mirror session cuts frames (“truncate”, “packet slicing”), or a capture file was made with a"
            " small snapshot length."
        ),
        _("Switch that off on the switch; in tcpdump use “-s 0”."),
    ),
    "tunnel-full": Said(
        _(
            "{near} frames fill the wire exactly, and the mirror comes by a tunnel: larger ones may be "
            "dropped on its way."
        ),
        _("The tunnel's header does not fit beside a full frame, and its way has an MTU of 1500."),
        _("Raise the MTU of the tunnel's whole way, and of this machine's interface ({mtu} now), to 1600 or more."),
    ),
    "merged-frames": Said(
        _("{beyond} frames were larger than Ethernet takes; the largest had {largest} bytes."),
        _("The network card or the virtual switch merges packets (GRO, LRO), or jumbo frames are in use."),
        _("On the mirror port: “ethtool -K DEVICE gro off lro off”. Most merged sound is taken apart again, not all."),
    ),
    "clock-good": Said(
        _("The clock was not set while capture ran, and keeps time ({ppm} millionths against the telephones).")
    ),
    "clock-set": Said(
        _("The clock was set {steps} times, by {milliseconds} ms at most; packets' times went back {back} times."),
        _("The machine's time was wrong and was corrected, or a virtual machine was paused."),
        _("Let it follow a time server with small steps (chrony), and do not pause the machine."),
    ),
    "clock-free": Said(
        _("The clock follows no time server: calls have the wrong time sooner or later."),
        _("No time service runs, or it reaches no server."),
        _("Set up chrony or systemd-timesyncd; the network of the mirror port has no way out, use the other one."),
    ),
    "clock-skewed": Said(
        _("Against the telephones' clocks this machine's runs {ppm} millionths differently."),
        _("A virtual machine's clock, or a switch that holds frames back."),
        _("Let the machine follow a time server; on a virtual machine choose the host's clock source."),
    ),
    "clock-not-known": Said(
        _("Nobody can say how the clock runs: the kernel tells nothing, and no call was long enough.")
    ),
}
