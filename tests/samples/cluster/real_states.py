"""What is said of each sampled node: the big sentence, and the codes of the findings, worst first."""

EXPECTED: dict[str, tuple[str, str]] = {
    "ns/db_died/myrec1": (
        "myrec2 records. myrec1 is not ready. If myrec2 fails now, no node takes over.",
        "database-stopped database-not-streaming recordings-not-replicated failed-action one-link split-brain-possible",
    ),
    "ns/db_died/myrec2": (
        "myrec2 records. myrec1 is not ready. If myrec2 fails now, no node takes over.",
        "database-stopped database-not-streaming recordings-not-replicated failed-action one-link split-brain-possible",
    ),
    "ns/degraded_after_poweroff/myrec1": (
        "myrec1 records. myrec2 is not ready. If myrec1 fails now, no node takes over.",
        "node-offline recordings-not-replicated one-link split-brain-possible",
    ),
    "ns/degraded_after_poweroff/myrec2": (
        "myrec2 records. myrec1 is not ready. If myrec2 fails now, no node takes over.",
        "node-offline recordings-not-replicated one-link split-brain-possible",
    ),
    "ns/degraded_after_poweroff_fenced/myrec1": (
        "myrec1 cannot see which node records.",
        "active-not-visible not-joined drbd-down one-link",
    ),
    "ns/degraded_after_poweroff_fenced/myrec2": (
        "myrec2 records. myrec1 is not ready. If myrec2 fails now, no node takes over.",
        "node-offline recordings-not-replicated one-link",
    ),
    "ns/degraded_after_poweroff_witness/myrec2": (
        "myrec2 records. myrec1 is not ready. If myrec2 fails now, no node takes over.",
        "node-offline recordings-not-replicated one-link",
    ),
    "ns/degraded_after_restart/myrec1": (
        "myrec2 records. myrec1 is not ready. If myrec2 fails now, no node takes over.",
        "database-stopped database-not-streaming recordings-not-replicated one-link split-brain-possible",
    ),
    "ns/degraded_after_restart/myrec2": (
        "myrec2 records. myrec1 is not ready. If myrec2 fails now, no node takes over.",
        "database-stopped database-not-streaming recordings-not-replicated resource-failed failed-action "
        "one-link split-brain-possible",
    ),
    "ns/healthy/myrec1": (
        "myrec1 records. "
        "Whether myrec2 is ready is not certain. "
        "If myrec1 fails now, it is not certain that myrec2 takes over.",
        "recordings-not-replicated one-link split-brain-possible",
    ),
    "ns/healthy/myrec2": (
        "myrec1 records. "
        "Whether myrec2 is ready is not certain. "
        "If myrec1 fails now, it is not certain that myrec2 takes over.",
        "recordings-not-replicated one-link split-brain-possible",
    ),
    "ns/healthy_fencing/myrec1": (
        "myrec1 records. "
        "Whether myrec2 is ready is not certain. "
        "If myrec1 fails now, it is not certain that myrec2 takes over.",
        "recordings-not-replicated one-link",
    ),
    "ns/healthy_fencing/myrec2": (
        "myrec1 records. "
        "Whether myrec2 is ready is not certain. "
        "If myrec1 fails now, it is not certain that myrec2 takes over.",
        "recordings-not-replicated one-link",
    ),
    "ns/healthy_witness/myrec1": (
        "myrec1 records. "
        "Whether myrec2 is ready is not certain. "
        "If myrec1 fails now, it is not certain that myrec2 takes over.",
        "recordings-not-replicated one-link",
    ),
    "ns/healthy_witness/myrec2": (
        "myrec1 records. "
        "Whether myrec2 is ready is not certain. "
        "If myrec1 fails now, it is not certain that myrec2 takes over.",
        "recordings-not-replicated one-link",
    ),
    "ns/healthy_witness_fencing/myrec1": (
        "myrec1 records. "
        "Whether myrec2 is ready is not certain. "
        "If myrec1 fails now, it is not certain that myrec2 takes over.",
        "recordings-not-replicated one-link",
    ),
    "ns/healthy_witness_fencing/myrec2": (
        "myrec1 records. "
        "Whether myrec2 is ready is not certain. "
        "If myrec1 fails now, it is not certain that myrec2 takes over.",
        "recordings-not-replicated one-link",
    ),
    "ns/linkcut_fenced/myrec1": (
        "myrec1 cannot see which node records.",
        "active-not-visible not-joined drbd-down one-link",
    ),
    "ns/linkcut_fenced/myrec2": (
        "myrec2 records. myrec1 is not ready. If myrec2 fails now, no node takes over.",
        "node-offline recordings-not-replicated one-link",
    ),
    "ns/linkcut_witness/myrec1": (
        "myrec1 records. myrec2 is not ready. If myrec1 fails now, no node takes over.",
        "node-offline recordings-not-replicated one-link",
    ),
    "ns/linkcut_witness/myrec2": (
        "myrec2 cannot see which node records.",
        "no-quorum active-not-visible node-offline witness-lost recordings-not-replicated one-link",
    ),
    "ns/linkcut_witness_rejoined/myrec1": (
        "myrec1 records. myrec2 is not ready. If myrec1 fails now, no node takes over.",
        "database-stopped database-not-streaming recordings-not-replicated one-link",
    ),
    "ns/linkcut_witness_rejoined/myrec2": (
        "myrec1 records. myrec2 is not ready. If myrec1 fails now, no node takes over.",
        "database-stopped database-not-streaming recordings-not-replicated resource-changing one-link",
    ),
    "ns/maintenance/myrec1": (
        "myrec1 records. The cluster is in maintenance mode. If myrec1 fails now, no node takes over.",
        "maintenance recordings-not-replicated one-link split-brain-possible",
    ),
    "ns/maintenance/myrec2": (
        "myrec1 records. The cluster is in maintenance mode. If myrec1 fails now, no node takes over.",
        "maintenance recordings-not-replicated one-link split-brain-possible",
    ),
    "ns/no_takeover_after_rep_mode_change/myrec1": (
        "No node is active; the recorders keep calls until one is.",
        "nobody-active recordings-not-replicated failed-action one-link",
    ),
    "ns/no_takeover_after_rep_mode_change/myrec2": (
        "No node is active; the recorders keep calls until one is.",
        "nobody-active recordings-not-replicated failed-action one-link",
    ),
    "ns/no_takeover_standby_disconnect/myrec1": (
        "No node is active; the recorders keep calls until one is.",
        "nobody-active recordings-not-replicated failed-action one-link split-brain-possible",
    ),
    "ns/no_takeover_standby_disconnect/myrec2": (
        "No node is active; the recorders keep calls until one is.",
        "nobody-active recordings-not-replicated failed-action one-link split-brain-possible",
    ),
    "ns/secondary_off_async/myrec2": (
        "myrec2 records. myrec1 is not ready. If myrec2 fails now, no node takes over.",
        "node-offline recordings-not-replicated one-link split-brain-possible",
    ),
    "ns/splitbrain_link_cut/myrec1": (
        "myrec1 records. myrec2 is not ready. If myrec1 fails now, no node takes over.",
        "node-offline recordings-not-replicated one-link split-brain-possible",
    ),
    "ns/splitbrain_link_cut/myrec2": (
        "myrec2 records. myrec1 is not ready. If myrec2 fails now, no node takes over.",
        "node-offline recordings-not-replicated one-link split-brain-possible",
    ),
    "ns/splitbrain_rejoined/myrec1": (
        "Both nodes act as primary (split brain).",
        "two-active resource-elsewhere resource-elsewhere resource-stopped database-stopped "
        "database-not-streaming recordings-not-replicated resource-failed failed-action one-link "
        "split-brain-possible",
    ),
    "ns/splitbrain_rejoined/myrec2": (
        "myrec1 is active, but not everything runs there. "
        "myrec2 is not ready. "
        "If myrec1 fails now, no node takes over.",
        "resource-stopped resource-stopped database-stopped database-not-streaming recordings-not-replicated "
        "resource-not-yet resource-changing failed-action one-link split-brain-possible",
    ),
    "ns/twonode_db_failed/myrec1": (
        "No node is active; the recorders keep calls until one is.",
        "nobody-active recordings-not-replicated failed-action failed-action one-link split-brain-possible",
    ),
    "ns/twonode_db_failed/myrec2": (
        "No node is active; the recorders keep calls until one is.",
        "nobody-active recordings-not-replicated failed-action failed-action one-link split-brain-possible",
    ),
    "ns/witness_down/myrec1": (
        "myrec2 records. myrec1 is not ready. If myrec2 fails now, no node takes over.",
        "witness-lost recordings-not-replicated one-link",
    ),
    "ns/witness_down/myrec2": (
        "myrec2 records. myrec1 is not ready. If myrec2 fails now, no node takes over.",
        "witness-lost recordings-not-replicated one-link",
    ),
    "vm/after_repair_drbd_role_stale_mixed/myrec1": (
        "myrec1 records. "
        "Whether myrec2 is ready is not certain. "
        "If myrec1 fails now, it is not certain that myrec2 takes over.",
        "drbd-role-disagrees one-link split-brain-possible",
    ),
    "vm/after_repair_drbd_role_stale_mixed/myrec2": (
        "myrec1 records. The cluster is in maintenance mode. If myrec1 fails now, no node takes over.",
        "drbd-role-disagrees maintenance one-link split-brain-possible",
    ),
    "vm/degraded_after_poweroff/myrec2": (
        "myrec2 records. myrec1 is not ready. If myrec2 fails now, no node takes over.",
        "node-offline drbd-not-connected one-link split-brain-possible",
    ),
    "vm/degraded_after_restart/myrec1": (
        "myrec2 records. myrec1 is not ready. If myrec2 fails now, no node takes over.",
        "database-stopped database-not-streaming drbd-down one-link split-brain-possible",
    ),
    "vm/degraded_after_restart/myrec2": (
        "myrec1 records. myrec2 is not ready. If myrec1 fails now, no node takes over.",
        "database-stopped database-not-streaming drbd-down resource-failed failed-action one-link split-brain-possible",
    ),
    "vm/healthy/myrec1": (
        "myrec1 records. myrec2 is ready. If myrec1 fails now, myrec2 takes over.",
        "one-link split-brain-possible",
    ),
    "vm/healthy/myrec2": (
        "myrec1 records. myrec2 is ready. If myrec1 fails now, myrec2 takes over.",
        "one-link split-brain-possible",
    ),
    "vm/peer_cluster_stopped_drbd_connected/myrec1": (
        "myrec1 records. myrec2 is not ready. If myrec1 fails now, no node takes over.",
        "node-offline one-link split-brain-possible",
    ),
    "vm/peer_cluster_stopped_drbd_connected/myrec2": (
        "myrec2 cannot see which node records.",
        "active-not-visible not-known not-joined one-link",
    ),
    "vm/splitbrain_link_cut/myrec1": (
        "myrec1 records. myrec2 is not ready. If myrec1 fails now, no node takes over.",
        "node-offline drbd-not-connected one-link split-brain-possible",
    ),
    "vm/splitbrain_link_cut/myrec2": (
        "myrec2 is active, but not everything runs there. "
        "myrec1 is not ready. "
        "If myrec2 fails now, no node takes over.",
        "database-role-disagrees node-offline drbd-not-connected resource-failed failed-action one-link "
        "split-brain-possible",
    ),
    "vm/splitbrain_rejoined/myrec1": (
        "Both nodes act as primary (split brain).",
        "two-active drbd-standalone drbd-role-disagrees not-known database-stopped database-not-streaming "
        "failed-action one-link split-brain-possible",
    ),
    "vm/splitbrain_rejoined/myrec2": (
        "Both nodes act as primary (split brain).",
        "two-active drbd-standalone drbd-role-disagrees database-stopped database-not-streaming failed-action "
        "one-link split-brain-possible",
    ),
    "vm/standalone/myrec1": (
        "Both nodes act as primary (split brain).",
        "two-active drbd-standalone drbd-role-disagrees database-stopped database-not-streaming one-link "
        "split-brain-possible",
    ),
    "vm/standalone/myrec2": (
        "Both nodes act as primary (split brain).",
        "two-active drbd-standalone drbd-role-disagrees database-stopped database-not-streaming one-link "
        "split-brain-possible",
    ),
    "vm/syncing/myrec1": (
        "myrec1 records. "
        "myrec2 is not ready to fail over: 20.4 % of the recordings are copied, 0 h 17 min left. "
        "If myrec1 fails now, no node takes over.",
        "not-known drbd-syncing one-link split-brain-possible",
    ),
    "vm/syncing/myrec2": (
        "myrec1 records. "
        "myrec2 is not ready to fail over: 25.0 % of the recordings are copied, 0 h 7 min left. "
        "If myrec1 fails now, no node takes over.",
        "drbd-syncing one-link split-brain-possible",
    ),
}
