"""A backup of the whole hub: whole, sealed, and found out when a bit of it is not as it was."""

import io
import tarfile
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit.errors import Refused
from openfit.hub import owner_id
from openfit.leaving import sealed
from openfit.leaving.backup import Hoard, backup_before_upgrade, create
from openfit.leaving.restore import verify
from openfit.leaving.sealed import Opened, Sealer, Secret
from openfit.store.engine import write
from support.leaving import filled, newcomer, plain_hub

PASSPHRASE = Secret(passphrase="correct horse")
KEY = Secret(hub_key=b"k" * 32)
OPEN = Secret()


@pytest.fixture
def hub(tmp_path, database_url):
    return plain_hub(tmp_path / "data", database_url)


@pytest.fixture(scope="module")
def backups(tmp_path_factory):
    """One hub's, open and sealed, as bytes."""
    folder = tmp_path_factory.mktemp("backups")
    hub = plain_hub(folder / "data")
    filled(hub, owner_id(hub), days=3)
    made = [create(Hoard(hub.engine, hub.raw), folder, secret=s) for s in (None, KEY)]
    return {"open": made[0].path.read_bytes(), "sealed": made[1].path.read_bytes()}


def test_a_backup_says_what_it_holds(hub, tmp_path):
    filled(hub, owner_id(hub))
    filled(hub, newcomer(hub))
    made = create(Hoard(hub.engine, hub.raw), tmp_path, at=datetime(2026, 5, 1, tzinfo=UTC))
    assert made.path.name == "openfit-20260501T000000Z.tar"
    assert made.path.stat().st_mode & 0o777 == 0o600
    found = verify(made.path, OPEN)
    assert (found.users, found.rows, found.originals) == (2, made.rows, made.originals)
    assert found.originals >= 1  # of both users: the same bytes are kept once
    assert found.missing == 0


def test_ways_in_that_are_open_stay_out_of_it(hub, tmp_path):
    filled(hub, owner_id(hub))
    made = create(Hoard(hub.engine, hub.raw), tmp_path)
    with tarfile.open(made.path) as found:
        tables = {name.split("/")[1] for name in found.getnames() if name.startswith("tables/")}
    assert tables >= {"users", "tokens", "grants", "block", "entities", "journal"}
    assert not tables & {"sessions", "refresh_tokens", "codes", "links", "replays", "uploads"}


def test_an_original_whose_file_was_lost_is_counted(hub, tmp_path):
    filled(hub, owner_id(hub))
    lost = [path for path in (hub.config.data / "raw").rglob("*") if path.is_file()]
    for path in lost:
        path.unlink()
    made = create(Hoard(hub.engine, hub.raw), tmp_path)
    assert len(made.missing) == len(lost) > 0
    assert verify(made.path, OPEN).missing == len(lost)


def test_what_was_wrong_before_it_was_backed_up_is_found(hub, tmp_path):
    filled(hub, owner_id(hub))
    with write(hub.engine) as conn:
        conn.exec_driver_sql("update block set v_sum = v_sum + 1")
    made = create(Hoard(hub.engine, hub.raw), tmp_path)
    with pytest.raises(Refused, match="damaged in the rows of block"):
        verify(made.path, OPEN)


@pytest.mark.parametrize("kind", ["open", "sealed"])
@given(data=st.data())
def test_a_flipped_bit_is_found(backups, tmp_path_factory, kind, data):
    body = bytearray(backups[kind])
    place = data.draw(st.integers(0, len(body) - 1))
    body[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(Refused):
        verify(saved(tmp_path_factory, body), KEY)


@pytest.mark.parametrize("word", [b'"sha256":"', b'"hub":"'])  # of the manifest and of the head
def test_a_letter_that_is_none_is_found(backups, tmp_path_factory, word):
    body = bytearray(backups["open"])
    body[body.rindex(word) + len(word)] |= 0x80
    with pytest.raises(Refused, match="damaged"):
        verify(saved(tmp_path_factory, body), OPEN)


@pytest.mark.parametrize("kind", ["open", "sealed"])
@given(data=st.data())
def test_a_cut_is_found(backups, tmp_path_factory, kind, data):
    body = backups[kind]
    edges = [len(body) - 1, len(body) - 512, len(body) - 1024, len(body) // sealed.CHUNK, 0]
    size = data.draw(st.sampled_from(edges) | st.integers(0, len(body) - 1))
    with pytest.raises(Refused):
        verify(saved(tmp_path_factory, body[: max(0, size)]), KEY)


@pytest.mark.parametrize("kind", ["open", "sealed"])
def test_what_is_added_is_found(backups, tmp_path, kind):
    for more in (b"\0", bytes(512), backups[kind]):
        path = tmp_path / "more"
        path.write_bytes(backups[kind] + more)
        with pytest.raises(Refused):
            verify(path, KEY)


@pytest.mark.parametrize("kind", ["open", "sealed"])
def test_untouched_it_is_whole(backups, tmp_path, kind):
    path = tmp_path / "whole"
    path.write_bytes(backups[kind])
    assert verify(path, KEY).rows > 100


def saved(factory, body):
    path = factory.getbasetemp() / "changed"
    path.write_bytes(body)
    return path


@pytest.mark.parametrize(
    ("secret", "code"),
    [
        (Secret(passphrase="incorrect horse"), "wrong_passphrase"),
        (Secret(hub_key=bytes(32)), "needs_passphrase"),
        (OPEN, "needs_passphrase"),
    ],
)
def test_a_wrong_passphrase_says_so(tmp_path, secret, code):
    hub = plain_hub(tmp_path / "data")
    path = create(Hoard(hub.engine, hub.raw), tmp_path, secret=PASSPHRASE).path
    assert verify(path, PASSPHRASE).users == 1
    with pytest.raises(Refused) as refused:
        verify(path, secret)
    assert refused.value.code == code
    assert refused.value.next_step


def test_a_hubs_key_opens_its_own_backups_only(hub, tmp_path):
    made = create(Hoard(hub.engine, hub.raw), tmp_path, secret=Secret(hub_key=b"k" * 32))
    assert verify(made.path, Secret(hub_key=b"k" * 32)).users == 1
    with pytest.raises(Refused, match="does not open"):
        verify(made.path, Secret(hub_key=b"o" * 32))


def test_a_file_of_another_kind_is_none(tmp_path):
    (tmp_path / "a.fit").write_bytes(b".FIT" * 600)
    with pytest.raises(Refused, match="damaged at byte 0"):
        verify(tmp_path / "a.fit", OPEN)
    with pytest.raises(Refused, match="cannot be read: No such file"):
        verify(tmp_path / "nothing", OPEN)


def test_a_backup_that_fails_leaves_nothing(hub, tmp_path, monkeypatch):
    from openfit.leaving import backup

    filled(hub, owner_id(hub))
    monkeypatch.setattr(backup, "add_originals", lambda *_: 1 / 0)
    (tmp_path / "to").mkdir()
    with pytest.raises(ZeroDivisionError):
        create(Hoard(hub.engine, hub.raw), tmp_path / "to")
    assert list((tmp_path / "to").iterdir()) == []


def test_before_an_upgrade_the_tables_are_taken_as_they_are(tmp_path, blank_database_url):
    """A database that is behind is backed up without being migrated first."""
    from openfit.config import Config
    from openfit.store import engine
    from openfit.store.migrate import migrate

    config = Config(data=tmp_path, database_url=blank_database_url)
    assert backup_before_upgrade(config) is None
    migrate(config.database_url, "0003")
    opened = engine.create(config.database_url)
    with write(opened) as conn:
        conn.exec_driver_sql(
            "insert into users (user_id, name, created_at, sequence) values (1, 'A', 1, 5)"
        )
    opened.dispose()
    made = backup_before_upgrade(config)
    assert made is not None
    assert engine.revision(config.database_url) == "0003"
    found = verify(made.path, OPEN)
    assert (found.revision, found.users) == ("0003", 1)


# The sealing by itself ---------------------------------------------------------------------------


@given(
    st.lists(
        st.sampled_from([b"", b"a", bytes(1000), bytes(sealed.CHUNK), bytes(sealed.CHUNK - 1)]),
        max_size=5,
    )
)
def test_what_is_sealed_opens_as_it_was(pieces):
    file, secret = io.BytesIO(), Secret(hub_key=b"k" * 32)
    sealer = Sealer(file.write, secret)
    for piece in pieces:
        sealer.write(piece)
    sealer.close()
    file.seek(0)
    opened = Opened(file, secret, "it")
    found = b"".join(iter(lambda: opened.read(70_000), b""))
    assert found == b"".join(pieces)


def test_sealed_chunks_cannot_change_places():
    file, secret = io.BytesIO(), Secret(hub_key=b"k" * 32)
    sealer = Sealer(file.write, secret)
    sealer.write(bytes(2 * sealed.CHUNK) + b"end")
    sealer.close()
    body, size = file.getvalue(), sealed.CHUNK + sealed.TAG
    start = len(sealer.head)
    chunks = [body[start + n * size : start + (n + 1) * size] for n in range(3)]
    for order in ((1, 0, 2), (0, 2), (0, 1), (0, 0, 2), (2,)):
        changed = io.BytesIO(sealer.head + b"".join(chunks[n] for n in order))
        with pytest.raises(Refused):
            opened = Opened(changed, secret, "it")
            while opened.read(sealed.CHUNK):
                pass
