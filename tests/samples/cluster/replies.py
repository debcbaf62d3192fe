"""Small replies of the cluster's tools, written from their documented formats: a healthy pair, seen from "north"."""

CONFIGURATION = """\
totem {
    version: 2
    transport: knet
}
nodelist {
    # the first link, the second link
    node {
        ring0_addr: 192.0.2.1
        ring1_addr: 198.51.100.1
        name: north
        nodeid: 1
    }
    node {
        ring0_addr: 192.0.2.2
        ring1_addr: 198.51.100.2
        name: south
        nodeid: 2
    }
}
quorum {
    provider: corosync_votequorum
    device {
        model: net
        net {
            host: 203.0.113.9
        }
    }
}
"""
_NODE = (
    '<node name="{}" id="{}" online="true" standby="false" standby_onfail="false" maintenance="false" '
    'pending="false" unclean="false" health="green" shutdown="false" type="member"/>'
)
_RESOURCE = (
    '<resource id="{}" resource_agent="{}" role="{}" active="true" orphaned="false" blocked="false" managed="true" '
    'failed="false" nodes_running_on="1"><node name="{}" id="1" cached="true"/></resource>'
)
PACEMAKER = f"""\
<pacemaker-result api-version="2.25" request="crm_mon -1 --output-as=xml">
  <summary>
    <stack type="corosync"/>
    <current_dc present="true" version="2.1.5" name="north" id="1" with_quorum="true" mixed_version="false"/>
    <cluster_options stonith-enabled="false" no-quorum-policy="stop" maintenance-mode="false"/>
  </summary>
  <nodes>{_NODE.format("north", 1)}{_NODE.format("south", 2)}</nodes>
  <resources>
    <clone id="ms_drbd" multi_state="true">
      {_RESOURCE.format("drbd_r0", "ocf:linbit:drbd", "Promoted", "north")}
      {_RESOURCE.format("drbd_r0", "ocf:linbit:drbd", "Unpromoted", "south")}
    </clone>
    <clone id="ms_postgresql" multi_state="true">
      {_RESOURCE.format("postgresql", "ocf:heartbeat:pgsql", "Promoted", "north")}
      {_RESOURCE.format("postgresql", "ocf:heartbeat:pgsql", "Unpromoted", "south")}
    </clone>
    <group id="recorder">
      {_RESOURCE.format("address", "ocf:heartbeat:IPaddr2", "Started", "north")}
      {_RESOURCE.format("volume", "ocf:heartbeat:Filesystem", "Started", "north")}
      {_RESOURCE.format("active", "ocf:apresa:active", "Started", "north")}
    </group>
  </resources>
  <node_attributes>
    <node name="north">
      <attribute name="postgresql-status" value="PRI"/><attribute name="postgresql-data-status" value="LATEST"/>
    </node>
    <node name="south">
      <attribute name="postgresql-status" value="HS:async"/>
      <attribute name="postgresql-data-status" value="STREAMING|ASYNC"/>
    </node>
  </node_attributes>
  <status code="0" message="OK"/>
</pacemaker-result>
"""
PACEMAKER_OFF = '<pacemaker-result api-version="2.25"><status code="102" message="Not connected"/></pacemaker-result>'
QUORUM = """\
Quorum information
------------------
Date:             Mon Mar  2 10:00:00 2026
Quorum provider:  corosync_votequorum
Nodes:            2
Node ID:          1
Ring ID:          1.9
Quorate:          Yes

Votequorum information
----------------------
Expected votes:   3
Highest expected: 3
Total votes:      3
Quorum:           2
Flags:            Quorate Qdevice

Membership information
----------------------
    Nodeid      Votes    Qdevice Name
         1          1    A,V,NMW north (local)
         2          1    A,V,NMW south
         0          1            Qdevice
"""
WITNESS = """\
Qdevice information
-------------------
Model:			Net
Node ID:		1
Configured node list:
    0	Node ID = 1
    1	Node ID = 2
Membership node list:	1, 2

Qdevice-net information
----------------------
Cluster name:		apresa
QNetd host:		203.0.113.9:5403
Algorithm:		Fifty-Fifty split
Tie-breaker:		Node with lowest node ID
State:			Connected
Heuristics result:	Pass
"""
LINKS = """\
Local node ID 1, transport knet
LINK ID 0 udp
\taddr\t= 192.0.2.1
\tstatus:
\t\tnodeid:          1:\tlocalhost
\t\tnodeid:          2:\tconnected
LINK ID 1 udp
\taddr\t= 198.51.100.1
\tstatus:
\t\tnodeid:          1:\tlocalhost
\t\tnodeid:          2:\tdisconnected
"""
INTERFACES = """\
[{"ifindex": 1, "ifname": "lo", "flags": ["LOOPBACK", "UP", "LOWER_UP"], "operstate": "UNKNOWN",
  "addr_info": [{"family": "inet", "local": "127.0.0.1", "prefixlen": 8}]},
 {"ifindex": 2, "ifname": "eth0", "flags": ["BROADCAST", "UP", "LOWER_UP"], "operstate": "UP",
  "addr_info": [{"family": "inet", "local": "192.0.2.1", "prefixlen": 24},
                {"family": "inet6", "local": "2001:db8::1", "prefixlen": 64}]},
 {"ifindex": 3, "ifname": "eth1", "flags": ["NO-CARRIER", "BROADCAST", "UP"], "operstate": "DOWN",
  "addr_info": [{"family": "inet", "local": "198.51.100.1", "prefixlen": 24}]}]
"""
CLOCK = "Timezone=Etc/UTC\nLocalRTC=no\nCanNTP=yes\nNTP=yes\nNTPSynchronized=yes\n"
POSTGRES = "f||\n"
STANDBYS = """\
application_name,state,sync_state,sent_lsn,flush_lsn,current_lsn
south,streaming,async,0/3000060,0/3000000,0/3000100
"""
RECEIVER = """\
status,received_tli,flushed_lsn,last_msg_send_time,last_msg_receipt_time
streaming,5,1/3000060,2026-03-02 10:00:00.5+00,2026-03-02 10:00:03.25+00
"""
NO_RECEIVER = "status,received_tli,flushed_lsn,last_msg_send_time,last_msg_receipt_time\n"
CONTROL = """\
pg_control version number:            1300
Database system identifier:           7700000000000000001
Database cluster state:               in production
Latest checkpoint's TimeLineID:       5
"""
_COUNTERS = "    ns:10 nr:0 dw:20 dr:30 al:4 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:{}\n"
_VERSION = "version: 8.4.11 (api:1/proto:86-101)\nsrcversion: 0123456789ABCDEF\n"
PROC = _VERSION + " 0: cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----\n" + _COUNTERS.format(0)
PROC_ALONE = _VERSION + " 0: cs:StandAlone ro:Primary/Unknown ds:UpToDate/DUnknown   r-----\n" + _COUNTERS.format(40)
PROC_SYNC = (
    _VERSION
    + " 0: cs:SyncSource ro:Primary/Secondary ds:UpToDate/Inconsistent C r-----\n"
    + _COUNTERS.format(585780)
    + "\t[=======>............] sync'ed: 43.0% (585780/1027604)K\n\tfinish: 2:10:00 speed: 75 (80) K/sec\n"
)
PROC_9 = "version: 9.2.4 (api:2/proto:86-121)\nTransports (api:18): tcp (9.2.4)\n"
STATUS = """\
r0 node-id:0 role:Primary suspended:no
    write-ordering:flush
  volume:0 minor:0 disk:UpToDate
      size:262100 read:2282 written:20556 al-writes:6 bm-writes:0 upper-pending:0
                  lower-pending:0 al-suspended:no blocked:no
  south local:ipv4:192.0.2.1:7788 peer:ipv4:192.0.2.2:7788 node-id:1 connection:Connected role:Secondary
      congested:no
    volume:0 replication:Established peer-disk:UpToDate resync-suspended:no
        received:0 sent:1899 out-of-sync:0 pending:0 unacked:0

"""
STATUS_SHORT = (
    "r0 role:Primary\n  disk:UpToDate\n  peer role:Secondary\n    replication:Established peer-disk:UpToDate\n\n"
)
STATUS_ALONE = "r0 role:Primary\n  disk:UpToDate\n\n"
EVENTS = """\
exists resource name:r0 role:Primary suspended:no write-ordering:flush
exists connection name:r0 peer-node-id:1 conn-name:south connection:Connected role:Secondary congested:no
exists device name:r0 volume:0 minor:0 disk:UpToDate size:262100 read:2282 written:20556
exists peer-device name:r0 conn-name:south volume:0 replication:Established peer-disk:UpToDate out-of-sync:0
exists -
"""
JSON = """\
[{"name": "r0", "node-id": 0, "role": "Primary", "suspended": false, "write-ordering": "flush",
  "devices": [{"volume": 0, "minor": 0, "disk-state": "UpToDate", "client": false, "quorum": true, "size": 262100}],
  "connections": [{"peer-node-id": 1, "name": "south", "connection-state": "Connected", "congested": false,
    "peer-role": "Secondary",
    "peer_devices": [{"volume": 0, "replication-state": "Established", "peer-disk-state": "UpToDate",
      "peer-client": false, "resync-suspended": "no", "received": 0, "sent": 1899, "out-of-sync": 0,
      "pending": 0, "unacked": 0, "has-sync-details": false, "percent-in-sync": 100.0}]}]}]
"""
SHOW = 'resource "r0" {\n    net {\n        protocol            C;\n        max-buffers 2048;\n    }\n}\n'

SERVICES = """{"checks": {"capture": {"ok": true, "sentence": "The recording component runs."},
"web": {"ok": true, "sentence": "Port 8000 answers with 200."}},
"disks": [{"parts": ["data", "spool"], "total": 100000000000, "free": 50000000000}],
"heard": [[29000001, 12], [29000000, 9]]}"""
