"""Big work goes in slices: leases on items, where a rewriting stands, and how fast it went."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("raw_items", sa.Column("lease_owner", sa.String(length=80), nullable=True))
    op.add_column("raw_items", sa.Column("lease_until", sa.BigInteger(), nullable=True))
    op.add_column("raw_items", sa.Column("at_byte", sa.BigInteger(), nullable=True))
    op.add_column(
        "raw_items", sa.Column("members", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.add_column("connections", sa.Column("rebuild_version", sa.String(length=64), nullable=True))
    op.add_column("connections", sa.Column("rebuild_generation", sa.BigInteger(), nullable=True))
    op.add_column("connections", sa.Column("rebuild_at", sa.BigInteger(), nullable=True))
    op.add_column("connections", sa.Column("rebuild_owner", sa.String(length=80), nullable=True))
    op.add_column("connections", sa.Column("rebuild_until", sa.BigInteger(), nullable=True))
    for name in ("rebuild_paused", "history_paused"):
        op.add_column(
            "connections", sa.Column(name, sa.Boolean(), server_default="0", nullable=False)
        )
    op.create_table(
        "paces",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("connection_id", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("work", sa.String(length=8), autoincrement=False, nullable=False),
        sa.Column("marks", sa.Text(), server_default="[]", nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"]),
        sa.PrimaryKeyConstraint("user_id", "connection_id", "work"),
    )
    op.create_index("imports_by_receipt", "imports", ["user_id", "receipt"])
