"""`user_id` leads every key, so that one user's rows lie together and users can be sharded."""

import pytest
from openfit.store.tables import metadata
from sqlalchemy import UniqueConstraint

TABLES = metadata.sorted_tables


def first_columns(table):
    keys = [table.primary_key, *(c for c in table.constraints if isinstance(c, UniqueConstraint))]
    unique = [index for index in table.indexes if index.unique]
    return [next(iter(key.columns)).name for key in [*keys, *unique]]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_key_begins_with_the_user(table):
    assert set(first_columns(table)) == {"user_id"}


def test_no_row_belongs_to_nobody():
    for table in TABLES:
        targets = {key.target_fullname for key in table.foreign_keys}
        assert table.name == "users" or targets == {"users.user_id"}
