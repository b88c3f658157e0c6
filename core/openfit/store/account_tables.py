"""Tables of people: their ways in, who may see whose, what they say of days, their requests."""

from typing import Any

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    Column,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    event,
)

from openfit.store.columns import Day, Id, Instant, Sha256, key, required, table

users = table(
    "users",
    required("name", String(200)),
    required("created_at", Instant),
    Column("email", String(254)),  # lower case; unique, by a look under a lock
    Column("password", String(200)),  # argon2id, with its parameters and salt
    required("role", String(8), "member"),  # "owner" of the hub, or "member"
    required("disabled", Boolean, "0"),
    Column("totp", LargeBinary),  # the sealed secret
    required("totp_step", BigInteger, "0"),  # of the last code that was accepted
    Column("subject", String(400)),  # issuer and subject of OpenID Connect
    required("sequence", BigInteger, "0"),  # last receipt, edit or mark of this user
    required("clock_stale", Boolean, "0"),  # stated offsets changed since `zone` was built
    Column("analysed_by", Sha256),  # the analyses, with their versions, behind all results
    Column("analysed_to", Day),  # the last day that results over days reach
    Column("lease_owner", String(80)),  # who derives this user's days
    Column("lease_until", Instant),
    Index("users_by_email", "email"),
    Index("users_by_subject", "subject"),
)

# Ways in -----------------------------------------------------------------------------------------

tokens = table(
    "tokens",  # API keys: shown once, kept as a hash
    key("token_hash", Sha256),
    required("name", String(200)),
    required("created_at", Instant),
    required("hint", String(12), ""),  # how it begins, to tell one from another
    required("scopes", Text, "all"),  # "all", or words with spaces between
    Column("expires_at", Instant),
    Column("used_at", Instant),
    Index("tokens_by_hash", "token_hash"),
)

sessions = table(
    "sessions",  # a browser or app that signed in: a family of refresh tokens
    key("session_id", Id),
    required("created_at", Instant),
    required("used_at", Instant),
    required("expires_at", Instant),
    Column("ended_at", Instant),
    required("how", String(8)),  # password, code, link, oidc
    required("agent", String(300), ""),
    required("address", String(64), ""),
)

refresh_tokens = table(
    "refresh_tokens",
    key("token_hash", Sha256),
    required("session_id", Id),
    required("issued_at", Instant),
    required("expires_at", Instant),
    Column("used_at", Instant),  # shown again after that, the family ends
    Index("refresh_tokens_by_hash", "token_hash"),
    Index("refresh_tokens_by_session", "user_id", "session_id"),
)

codes = table(
    "codes",  # six digits by mail; tries are counted over all codes of a while
    key("purpose", String(12)),
    Column("code_hash", String(200)),
    required("made_at", Instant),
    required("expires_at", Instant),
    required("tries", SmallInteger, "0"),
    required("sent", SmallInteger, "0"),
    required("counted_from", Instant),
)

links = table(
    "links",  # of use once: the owner's first, an invitation, a new password
    key("token_hash", Sha256),
    required("purpose", String(12)),
    required("made_at", Instant),
    required("expires_at", Instant),
    Column("used_at", Instant),
    Column("about", String(36)),  # the grant that it offers
    Index("links_by_hash", "token_hash"),
)

# Who may see whose -------------------------------------------------------------------------------

grants = table(
    "grants",  # the user's data, seen by another
    key("grant_id", Id),
    required("grantee_id", BigInteger),
    required("role", String(8)),  # "viewer", "coach"
    required("families", Text),  # of metrics, words with spaces between; "all"
    required("made_at", Instant),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Index("grants_by_grantee", "grantee_id"),
)

access_log = table(
    "access_log",  # what others looked at: one row an hour and route
    key("hour", Instant),
    key("actor_id", BigInteger),
    key("route", String(200)),
    required("grant_id", Id),
    required("n", BigInteger),
    required("last_at", Instant),
    compact=True,
)

audit = table(
    "audit",  # sign-ins, keys, grants, deletions
    key("seq", BigInteger),
    required("at", Instant),
    required("actor_id", BigInteger),
    required("what", String(40)),
    required("detail", Text, ""),
    required("address", String(64), ""),
)

# What a person says ------------------------------------------------------------------------------

settings = table(
    "settings",  # of a user; those of the hub begin with "hub." and are the owner's
    key("name", String(64)),
    required("value", Text),  # JSON
)

profile = table(
    "profile",
    key("field", String(64)),
    key("valid_from", Day),
    required("value", Text),  # JSON
)

journal = table(
    "journal",
    key("day", Day),
    required("tags", Text, "[]"),  # JSON
    required("note", Text, ""),
    required("updated_at", Instant),
)

texts = table(
    "texts",  # what full-text search looks through
    key("place", String(48)),  # an entity's id, or "day:" and a day
    required("text_id", BigInteger),  # a hash of user and place: the number of its row in the index
    required("day", Day),
    required("body", Text),
    UniqueConstraint("user_id", "text_id"),
    Index("texts_by_number", "text_id"),
)

# The index over them, kept by the database itself: https://sqlite.org/fts5.html#external_content_tables
INDEXED = {
    "sqlite": (
        "CREATE VIRTUAL TABLE text_index USING fts5(body, content='texts', content_rowid='text_id',"
        " tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER texts_added AFTER INSERT ON texts BEGIN"
        " INSERT INTO text_index (rowid, body) VALUES (new.text_id, new.body); END",
        "CREATE TRIGGER texts_gone AFTER DELETE ON texts BEGIN"
        " INSERT INTO text_index (text_index, rowid, body)"
        " VALUES ('delete', old.text_id, old.body); END",
        "CREATE TRIGGER texts_changed AFTER UPDATE ON texts BEGIN"
        " INSERT INTO text_index (text_index, rowid, body)"
        " VALUES ('delete', old.text_id, old.body);"
        " INSERT INTO text_index (rowid, body) VALUES (new.text_id, new.body); END",
    ),
    "postgresql": ("CREATE INDEX texts_by_words ON texts USING gin (to_tsvector('simple', body))",),
}
for dialect, statements in INDEXED.items():
    for statement in statements:
        made: Any = DDL(statement)  # type: ignore[no-untyped-call]
        event.listen(texts, "after_create", made.execute_if(dialect=dialect))

# Requests ----------------------------------------------------------------------------------------

replays = table(
    "replays",  # answers to writes that carry an Idempotency-Key
    key("key_hash", Sha256),  # of key, method and path
    required("made_at", Instant),
    required("request_hash", Sha256),
    required("status", SmallInteger, "0"),  # 0 while the first is under way
    required("headers", Text, "{}"),
    Column("body", LargeBinary),
)

uploads = table(
    "uploads",  # files that come in pieces
    key("upload_id", Id),
    Column("import_id", Id),
    required("name", String(1000)),
    required("size", BigInteger),
    required("received", BigInteger, "0"),
    required("used_at", Instant),  # when the last piece came
    Column("number", BigInteger),  # in its import, once it was handed over
)

tasks = table(
    "tasks",  # backups and deletions, done by the worker
    key("task_id", Id),
    required("kind", String(24)),
    required("wish", Text, "{}"),  # JSON
    required("state", String(12), "waiting"),  # waiting, running, done, failed, cancelled
    required("made_at", Instant),
    Column("begun_at", Instant),
    Column("ended_at", Instant),
    required("done", BigInteger, "0"),
    Column("total", BigInteger),
    required("message", Text, ""),
    required("outcome", Text, "{}"),  # JSON
    Column("lease_owner", String(80)),
    Column("lease_until", Instant),
)
