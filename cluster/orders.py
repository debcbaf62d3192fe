"""Every command that changes the cluster, as data: for root as argv, for others as a verb of the root helper."""

from cluster.commands import Command, Order

PATIENCE = 60.0


def maintenance(*, on: bool) -> Command:
    """Whether Pacemaker leaves everything as it is; the manual's `crm configure property maintenance-mode=…`."""
    argv = ("crm_attribute", "-t", "crm_config", "-n", "maintenance-mode", "-v", "true" if on else "false")
    return Command("maintenance", argv, seconds=PATIENCE, order=Order("maintenance", (("on", on),)))


def standby(node: str, *, on: bool) -> Command:
    """Whether a node hands over all that it serves."""
    argv = ("crm_attribute", "-N", node, "-n", "standby", "-v", "on" if on else "off", "-l", "forever")
    return Command("standby", argv, seconds=PATIENCE, order=Order("standby", (("node", node), ("on", on))))


def refresh(resource: str, node: str) -> Command:
    """Forget what is known of a resource there, failures included, and look anew.

    `--cleanup` would not look: a database that runs unknown to Pacemaker would be started a second time.
    """
    argv = ("crm_resource", "--refresh", "-r", resource, "-N", node)
    values = (("resource", resource), ("node", node))
    return Command("refresh", argv, seconds=PATIENCE, order=Order("refresh", values))


# Pacemaker's unit starts Corosync, too.
JOIN = Command(
    "join",
    ("systemctl", "start", "pacemaker"),
    seconds=120.0,
    order=Order("pacemaker", (("action", "start"),)),
)
# DRBD compares both sides' generations first, and stays apart where they differ.
RECONNECT = Command(
    "reconnect", ("drbdadm", "connect", "r0"), seconds=PATIENCE, order=Order("drbd", (("action", "connect"),))
)
RECORDER = Command(
    "recorder", ("systemctl", "restart", "apresa-record.service"), seconds=PATIENCE, order=Order("recorder", ())
)


def witness_reach(host: str) -> Command:
    """Whether it answers at all; changes nothing."""
    argv = ("apresa-helper", "witness-reach", host)
    return Command("witness-reach", argv, seconds=30.0, order=Order("witness-reach", (("host", host),)))


def witness_add(host: str) -> Command:
    """The third voter in this node's corosync.conf; it takes effect when Corosync reads it. Only the helper writes that
    file, so its verb stands for a program."""
    argv = ("apresa-helper", "witness-add", host)
    return Command("witness-add", argv, seconds=PATIENCE, order=Order("witness-add", (("host", host),)))


WITNESS_REMOVE = Command(
    "witness-remove", ("apresa-helper", "witness-remove"), seconds=PATIENCE, order=Order("witness-remove", ())
)
# Tells every node of the cluster.
WITNESS_RELOAD = Command(
    "witness-reload", ("corosync-cfgtool", "-R"), seconds=PATIENCE, order=Order("witness-reload", ())
)


def witness_service(*, on: bool) -> Command:
    argv = ("apresa-helper", "witness-service", "on" if on else "off")
    return Command("witness-service", argv, seconds=180.0, order=Order("witness-service", (("on", on),)))


def quorum_policy(policy: str) -> Command:
    """What a node without a majority does: stop, or ignore that."""
    argv = ("crm_attribute", "-t", "crm_config", "-n", "no-quorum-policy", "-v", policy)
    return Command("quorum-policy", argv, seconds=PATIENCE, order=Order("quorum-policy", (("policy", policy),)))
