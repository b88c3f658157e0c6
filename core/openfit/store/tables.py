"""Every table of the hub: what came in and what follows from it here, people in account_tables."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)

from openfit.store.account_tables import (
    access_log,
    audit,
    codes,
    grants,
    journal,
    links,
    profile,
    refresh_tokens,
    replays,
    sessions,
    settings,
    tasks,
    texts,
    tokens,
    uploads,
    users,
)
from openfit.store.columns import Day, Id, Instant, Sha256, key, metadata, required, table

__all__ = [
    "access_log",
    "audit",
    "codes",
    "grants",
    "journal",
    "links",
    "metadata",
    "profile",
    "refresh_tokens",
    "replays",
    "sessions",
    "settings",
    "tasks",
    "texts",
    "tokens",
    "uploads",
    "users",
]

# Clocks ------------------------------------------------------------------------------------------

zone = table(
    "zone",
    key("from_utc", Instant),
    required("utc_offset", SmallInteger),  # minutes
    Column("zone_name", String(64)),  # the home zone's, while the wearer is there
    required("basis", String(8)),
)

ladders = table(
    "ladders",
    key("metric", String(96)),  # "*" is the default of every metric
    required("ranking", Text),  # JSON: source ids and device types, best first
)

# What came in ----------------------------------------------------------------------------------

connections = table(
    "connections",
    key("connection_id", Id),
    required("integration", String(64)),
    required("name", String(200)),
    required("settings", Text, "{}"),
    Column("auth_state", LargeBinary),  # encrypted, see crypto.py
    Column("account_id", String(200)),
    required("cursor", Text, "{}"),
    required("status", String(20), "ok"),
    Column("message", Text),
    Column("detail", Text),
    required("failures", BigInteger, "0"),
    Column("next_sync_at", Instant),
    Column("history_from", Instant),  # how far back the user wants
    Column("normalized_by", String(64)),  # version of the plugin that made what is live
    required("rebuild", String(12), ""),  # '', or what is due: "all" (decode again), "series"
    required("created_at", Instant),
    Column("lease_owner", String(80)),  # who syncs it
    Column("lease_until", Instant),
    Column("rebuild_version", String(64)),  # of the plugin that reads everything again
    Column("rebuild_generation", BigInteger),  # of the series it writes beside the live ones
    Column("rebuild_at", BigInteger),  # the last receipt it has read
    Column("rebuild_owner", String(80)),
    Column("rebuild_until", Instant),
    required("rebuild_paused", Boolean, "0"),
    required("history_paused", Boolean, "0"),  # then only the latest days are synced
)

raw_bodies = table(
    "raw_bodies",
    key("sha256", Sha256),
    required("size", BigInteger),
    required("encoding", String(8)),  # "", "zstd"
    Column("body", LargeBinary),  # absent: <data>/raw/ab/cd/<sha256>
)

raw_items = table(
    "raw_items",
    key("receipt", BigInteger),  # order of arrival, of this user
    required("connection_id", Id),
    required("kind", String(64)),
    required("item_id", String(256)),
    required("sha256", Sha256),
    required("media_type", String(128)),
    Column("name", Text),
    required("received_at", Instant),
    required("deleted", Boolean, "0"),  # the vendor says that the record is gone
    required("current", Boolean, "1"),  # the last received of its (connection, kind, item_id)
    required("state", String(10), "pending"),  # done, failed, cancelling, cancelled
    required("attempts", SmallInteger, "0"),  # deaths of the plugin while it read this
    Column("normalized_by", String(64)),
    required("reports", Text, "[]"),  # JSON, how reading it went, a row a member
    required("counts", Text, "{}"),  # JSON, entities by kind
    Column("lease_owner", String(80)),  # who reads it
    Column("lease_until", Instant),
    Column("at_byte", BigInteger),  # how far into its bytes the plugin is
    required("members", BigInteger, "0"),  # of an archive that were read so far
    UniqueConstraint("user_id", "connection_id", "kind", "item_id", "sha256", "deleted"),
    Index("raw_items_by_state", "user_id", "state", "connection_id"),
    Index("raw_items_by_body", "user_id", "sha256"),
)

pieces = table(
    "pieces",  # of raw items that are bodies of many records: which they hold
    key("receipt", BigInteger),
    required("connection_id", Id),
    required("whole", Boolean),  # joined with all of its id, not only with what waits
    required("from_at", Instant),  # of its records, s since 1970 UTC; above to_at: none has a time
    required("to_at", Instant),
    required("timed", LargeBinary),  # digests, 8 bytes a record
    Column("untimed", LargeBinary),  # of records without a time
    Index("pieces_by_time", "user_id", "connection_id", "from_at"),
)

imports = table(
    "imports",
    key("import_id", Id),
    key("number", BigInteger),
    required("name", Text),
    required("size", BigInteger),
    required("received_at", Instant),
    Column("receipt", BigInteger),  # of the raw item; absent when it was refused
    required("duplicate", Boolean, "0"),
    Column("error", Text),  # JSON: code, message, next_step
    Index("imports_by_receipt", "user_id", "receipt"),
)

paces = table(
    "paces",
    key("connection_id", Id),
    key("work", String(8)),  # "read", "rebuild", "sync"
    required("marks", Text, "[]"),  # JSON: [ms, bytes or days done], of the last minutes
)

coverage = table(
    "coverage",
    key("connection_id", Id),
    key("stream", String(96)),
    key("day", Day),
    required("state", String(12)),
    required("checked_at", Instant),
    compact=True,
)

# What it means ---------------------------------------------------------------------------------

entities = table(
    "entities",
    key("entity_id", Id),
    key("receipt", BigInteger),  # an entity lives while any of its raw items does
    required("lead", Boolean),  # the row that is shown; the others stand by
    required("kind", String(16)),
    required("key", String(256)),
    required("connection_id", Id),
    required("source_id", BigInteger),
    Column("sha256", Sha256),
    Column("member", Text),
    Column("start_at", Instant),
    Column("end_at", Instant),
    Column("day", Day),
    Column("utc_offset", SmallInteger),  # minutes
    Column("basis", String(8)),
    required("body", LargeBinary),  # the entity as JSON
    Index("entities_by_time", "user_id", "kind", "start_at"),
    Index("entities_by_receipt", "user_id", "receipt"),
)

sources = table(
    "sources",
    key("source_id", BigInteger),
    required("connection_id", Id),
    required("device", String(256), ""),  # the Device's key; "" when the vendor names none
    compact=True,
)

edits = table(
    "edits",
    key("edit_id", BigInteger),
    required("entity_id", Id),
    required("field", String(64)),
    required("value", Text),  # JSON
    required("made_at", Instant),
    required("undone", Boolean, "0"),
    Index("edits_by_entity", "user_id", "entity_id"),
)

tombstones = table(
    "tombstones",
    key("tombstone_id", BigInteger),
    required("made_at", Instant),
    Column("entity_id", Id),  # an entity, or else samples:
    Column("source_id", BigInteger),
    Column("metric", String(96)),
    Column("from_at", Instant),
    Column("to_at", Instant),
    required("lifted", Boolean, "0"),
)

twin_choices = table(
    "twin_choices",
    key("entity_a", Id),  # a < b
    key("entity_b", Id),
    required("choice", String(8)),  # "join" or "split"
    required("made_at", Instant),
)

twins = table(
    "twins",
    key("entity_id", Id),
    required("group_id", Id),  # the leading entity's id
    Index("twins_by_group", "user_id", "group_id"),
)

# Samples (docs/storage.md) -----------------------------------------------------------------------

series = table(
    "series",
    key("series_id", BigInteger),  # a hash of the unique columns below
    required("metric", String(96)),
    required("source_id", BigInteger),
    required("activity_id", String(36), ""),  # "" is continuous
    required("method", String(8)),
    required("generation", BigInteger, "0"),
    required("live", Boolean, "1"),  # false while it is being written afresh
    required("stale", Boolean, "0"),  # must be written afresh from its raw items
    required("connection_id", Id),
    required("scale", Double),
    required("unit", String(32)),
    required("cumulative", Boolean),
    required("slot_ms", BigInteger, "0"),
    required("block_ms", BigInteger),
    UniqueConstraint("user_id", "metric", "source_id", "activity_id", "method", "generation"),
    Index("series_by_activity", "user_id", "activity_id"),
)

feeds = table(
    "feeds",
    key("series_id", BigInteger),
    key("receipt", BigInteger),
    required("from_at", Instant),
    required("to_at", Instant),
    Index("feeds_by_receipt", "user_id", "receipt"),
    compact=True,
)

block = table(
    "block",
    key("series_id", BigInteger),
    key("bucket", BigInteger),  # instant // block_ms
    required("version", BigInteger),
    required("n", BigInteger),
    Column("t_min", Instant),
    Column("t_max", Instant),
    Column("v_min", BigInteger),
    Column("v_max", BigInteger),
    Column("v_sum", BigInteger),
    required("payload", LargeBinary),
)

minute_block = table(
    "minute_block",
    key("series_id", BigInteger),
    key("bucket", BigInteger),  # of the block it is made from
    required("payload", LargeBinary),
)

rollup = table(
    "rollup",
    key("series_id", BigInteger),
    key("res", String(4)),  # "hour" or "day", of UTC
    key("bucket", BigInteger),
    required("n", BigInteger),
    required("sum", BigInteger),
    required("min", BigInteger),
    required("max", BigInteger),
    compact=True,
)

dirty = table(
    "dirty",
    key("seq", BigInteger),
    required("metric", String(96)),  # a type, or "activity", "sleep", "*"
    required("day_from", Day),  # days of UTC; derive widens them by the wearer's clock
    required("day_to", Day),
    compact=True,
)

# What follows ------------------------------------------------------------------------------------

daily = table(
    "daily",
    key("metric", String(96)),
    key("day", Day),
    key("source_id", BigInteger),
    key("method", String(8)),
    required("value", Double),
    required("n", BigInteger),
    compact=True,
)

daily_resolved = table(
    "daily_resolved",
    key("metric", String(96)),
    key("day", Day),
    required("value", Double),
    required("n", BigInteger),
    Column("source_id", BigInteger),  # absent: united from several
    required("method", String(8)),
    required("ladder", String(16)),  # of the ladder it was resolved by
    compact=True,
)

results = table(
    "results",
    key("result_id", String(96)),
    key("day", Day),
    key("activity_id", String(36)),  # "" belongs to the day alone
    Column("sport", String(64)),  # of the activity, to compare like with like
    Column("value", Double),  # as in the body; absent when the analysis abstained
    required("confidence", Double, "0"),
    required("body", LargeBinary),  # the Result as JSON
    Index("results_by_activity", "user_id", "activity_id"),
)
