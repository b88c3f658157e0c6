"""Records that come more than once are kept once; samples that were measured together."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column(
        "series", sa.Column("slot_ms", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.create_table(
        "pieces",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("receipt", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("connection_id", sa.String(length=36), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("to_at", sa.BigInteger(), nullable=False),
        sa.Column("timed", sa.LargeBinary(), nullable=False),
        sa.Column("untimed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"]),
        sa.PrimaryKeyConstraint("user_id", "receipt"),
        sqlite_with_rowid=True,
    )
    op.create_index("pieces_by_time", "pieces", ["user_id", "connection_id", "from_at"])
