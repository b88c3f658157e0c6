"""Results can be compared without being decoded, and say which analyses they are from."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("users", sa.Column("analysed_by", sa.String(length=64), nullable=True))
    op.add_column("users", sa.Column("analysed_to", sa.String(length=10), nullable=True))
    op.add_column("results", sa.Column("sport", sa.String(length=64), nullable=True))
    op.add_column("results", sa.Column("value", sa.Double(), nullable=True))
    op.add_column(
        "results", sa.Column("confidence", sa.Double(), server_default="0", nullable=False)
    )
    op.create_index("results_by_activity", "results", ["user_id", "activity_id"])
