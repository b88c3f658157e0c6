"""Accounts: ways in, who may see whose, what people say of days, and requests that are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

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


def upgrade() -> None:
    op.create_table(
        "access_log",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("actor_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("route", sa.String(length=200), autoincrement=False, nullable=False),
        sa.Column("grant_id", sa.String(length=36), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.user_id"],
        ),
        sa.PrimaryKeyConstraint("user_id", "hour", "actor_id", "route"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audit",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.String(length=64), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.user_id"],
        ),
        sa.PrimaryKeyConstraint("user_id", "seq"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "codes",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.String(length=12), autoincrement=False, nullable=False),
        sa.Column("code_hash", sa.String(length=200), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("sent", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("counted_from", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.user_id"],
        ),
        sa.PrimaryKeyConstraint("user_id", "purpose"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "grants",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("grant_id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("grantee_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("families", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.user_id"],
        ),
        sa.PrimaryKeyConstraint("user_id", "grant_id"),
        sqlite_with_rowid=True,
    )
    op.create_index("grants_by_grantee", "grants", ["grantee_id"], unique=False)
    op.create_table(
        "journal",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.String(length=10), autoincrement=False, nullable=False),
        sa.Column("tags", sa.Text(), server_default="[]", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.user_id"],
        ),
        sa.PrimaryKeyConstraint("user_id", "day"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "links",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("token_hash", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("about", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.user_id"],
        ),
        sa.PrimaryKeyConstraint("user_id", "token_hash"),
        sqlite_with_rowid=True,
    )
    op.create_index("links_by_hash", "links", ["token_hash"], unique=False)
    op.create_table(
        "refresh_tokens",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("token_hash", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.user_id"],
        ),
        sa.PrimaryKeyConstraint("user_id", "token_hash"),
        sqlite_with_rowid=True,
    )
    op.create_index("refresh_tokens_by_hash", "refresh_tokens", ["token_hash"], unique=False)
    op.create_index(
        "refresh_tokens_by_session", "refresh_tokens", ["user_id", "session_id"], unique=False
    )
    op.create_table(
        "replays",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key_hash", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("headers", sa.Text(), server_default="{}", nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.user_id"],
        ),
        sa.PrimaryKeyConstraint("user_id", "key_hash"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "sessions",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("session_id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("how", sa.String(length=8), nullable=False),
        sa.Column("agent", sa.String(length=300), server_default="", nullable=False),
        sa.Column("address", sa.String(length=64), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.user_id"],
        ),
        sa.PrimaryKeyConstraint("user_id", "session_id"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "settings",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.user_id"],
        ),
        sa.PrimaryKeyConstraint("user_id", "name"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "tasks",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("task_id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("wish", sa.Text(), server_default="{}", nullable=False),
        sa.Column("state", sa.String(length=12), server_default="waiting", nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("outcome", sa.Text(), server_default="{}", nullable=False),
        sa.Column("lease_owner", sa.String(length=80), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.user_id"],
        ),
        sa.PrimaryKeyConstraint("user_id", "task_id"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "texts",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.String(length=48), autoincrement=False, nullable=False),
        sa.Column("text_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.user_id"],
        ),
        sa.PrimaryKeyConstraint("user_id", "place"),
        sa.UniqueConstraint("user_id", "text_id"),
        sqlite_with_rowid=True,
    )
    op.create_index("texts_by_number", "texts", ["text_id"], unique=False)
    op.create_table(
        "uploads",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("upload_id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("import_id", sa.String(length=36), nullable=True),
        sa.Column("name", sa.String(length=1000), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.user_id"],
        ),
        sa.PrimaryKeyConstraint("user_id", "upload_id"),
        sqlite_with_rowid=True,
    )
    op.add_column(
        "tokens", sa.Column("hint", sa.String(length=12), server_default="", nullable=False)
    )
    op.add_column("tokens", sa.Column("scopes", sa.Text(), server_default="all", nullable=False))
    op.add_column("tokens", sa.Column("expires_at", sa.BigInteger(), nullable=True))
    op.add_column("tokens", sa.Column("used_at", sa.BigInteger(), nullable=True))
    op.add_column("users", sa.Column("email", sa.String(length=254), nullable=True))
    op.add_column("users", sa.Column("password", sa.String(length=200), nullable=True))
    op.add_column(
        "users", sa.Column("role", sa.String(length=8), server_default="member", nullable=False)
    )
    op.add_column("users", sa.Column("disabled", sa.Boolean(), server_default="0", nullable=False))
    op.add_column("users", sa.Column("totp", sa.LargeBinary(), nullable=True))
    op.add_column(
        "users", sa.Column("totp_step", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.add_column("users", sa.Column("subject", sa.String(length=400), nullable=True))
    op.create_index("users_by_email", "users", ["email"], unique=False)
    op.create_index("users_by_subject", "users", ["subject"], unique=False)
    op.execute("UPDATE users SET role = 'owner' WHERE user_id = (SELECT min(user_id) FROM users)")
    for statement in INDEXED[op.get_context().dialect.name]:
        op.execute(statement)
    # What search looks through is derived: have it made of what is there already.
    op.execute(
        "INSERT INTO dirty (user_id, seq, metric, day_from, day_to)"
        " SELECT user_id, sequence + 1, '!text', '1900-01-01', '9999-12-30' FROM users"
    )
    op.execute("UPDATE users SET sequence = sequence + 1")
