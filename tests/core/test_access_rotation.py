"""Another secret key: everything opens before, between and after, on both databases."""

import ast
import os
import signal
import stat
import subprocess
import sys
from collections import Counter
from pathlib import Path

import msgspec
import openfit
import pytest
from openfit import crypto
from openfit.access import resealing, totp
from openfit.config import Config
from openfit.errors import Refused, SetupError
from openfit.hub import open_hub
from openfit.intake import connect, sync
from openfit.leaving import backup, in_use, plan, restore
from openfit.leaving.sealed import Secret
from openfit.store import connections, engine, sealed_rows
from openfit.store.tables import metadata
from openfit_sdk import AuthState
from sqlalchemy import LargeBinary
from support.access import house_on

OLD, NEW = "11" * 32, "22" * 32


@pytest.fixture
def config(tmp_path, database_url):
    """A hub with something of each kind that is sealed."""
    config = Config(data=tmp_path / "data", database_url=database_url)
    with house_on(config.data, database_url) as house:
        house.set_up()
        house.access.settled(lambda conn: house.access.second.offer(conn, 1))
        state = AuthState(access_token="a vendor's token", account_id="me")
        connect.save(house.hub, 1, "vendor", "Vendor", state, {}, None)
        with engine.write(house.hub.engine) as conn:
            wish = plan.Plan(every="day", encryption="passphrase")
            plan.store(house.hub, conn, wish, "a good passphrase")
    return config


def secrets_in(config) -> list[object]:
    """All of it, opened as the hub does."""
    hub = open_hub(config)
    with hub.engine.connect() as conn:
        [row] = connections.of_user(conn, 1)
        said = plan.secret(hub, conn, plan.read(conn))
        [factor] = [one for one in sealed_rows.rows(conn) if one.kind == "second factor"]
    key = crypto.load_key(config.data, config.secret_key)
    return [
        sync.auth_state(hub, row).access_token,
        crypto.unseal(key, factor.body, factor.name),
        said.passphrase,
    ]


def sealed_by(config) -> set[str]:
    hub = open_hub(config)
    with hub.engine.connect() as conn:
        return {one.body[1:5].hex() for one in sealed_rows.rows(conn)}


def in_file(config) -> list[str]:
    return (config.data / "secret-key").read_text().split()


def id_of(text: str) -> str:
    return crypto.key_id(bytes.fromhex(text)).hex()


def test_everything_is_sealed_anew_and_the_old_key_opens_nothing_any_more(config):
    [before], known = in_file(config), secrets_in(config)
    done = resealing.rotate(config)
    [after] = in_file(config)
    assert (done.scanned, done.resealed, done.lost) == (3, 3, Counter())
    assert after != before and sealed_by(config) == {id_of(after)}
    assert secrets_in(config) == known
    assert done.kept.read_text().split() == [before]
    for file in (config.data / "secret-key", done.kept):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with open_hub(config).engine.connect() as conn:
        lost = resealing.unopened(conn, bytes.fromhex(before))
    assert lost == {"credentials": 1, "second factor": 1, "passphrase": 1}
    assert len(resealing.said(lost)) == 3


def begun(config, path):
    resealing.begin(path)


def not_committed(config, path):
    key = resealing.begin(path)
    with pytest.raises(ZeroDivisionError), engine.write(open_hub(config).engine) as conn:
        for one in list(sealed_rows.rows(conn))[:2]:
            plain = crypto.unseal(key, one.body, one.name)
            sealed_rows.put(conn, one, crypto.seal(key, plain, one.name))
        raise ZeroDivisionError


def committed(config, path):
    resealing.reseal(open_hub(config).engine, resealing.begin(path))


def kept(config, path):
    resealing.keep(path, crypto.load_key(config.data, None))


@pytest.mark.parametrize("step", [kept, begun, not_committed, committed])
def test_killed_at_any_step_everything_opens_and_it_goes_on_there(config, step):
    path, [before], known = config.data / "secret-key", in_file(config), secrets_in(config)
    step(config, path)
    assert secrets_in(config) == known
    begun_with = in_file(config)
    done = resealing.rotate(config)
    [after] = in_file(config)
    assert secrets_in(config) == known and sealed_by(config) == {id_of(after)}
    assert begun_with in ([before], [after, before])  # no third key is made
    assert done.resealed == (0 if step is committed else 3)
    assert sorted(one.name for one in config.data.glob("*secret-key*")) == [
        "secret-key", f"secret-key.{id_of(before)}",
    ]  # fmt: skip


def test_really_killed_it_leaves_a_hub_that_opens(config):
    """By the signal that nobody can catch, while the rows are being written."""
    known = secrets_in(config)
    script = (
        "import os, signal, sys\n"
        "from openfit.access import resealing\n"
        "from openfit.config import Config\n"
        "from openfit.store import sealed_rows\n"
        "whole, puts = sealed_rows.put, []\n"
        "def put(*one):\n"
        "    whole(*one); puts.append(one)\n"
        "    if len(puts) == 2: os.kill(os.getpid(), signal.SIGKILL)\n"
        "sealed_rows.put = put\n"
        "resealing.rotate(Config.from_env())\n"
    )
    environment = os.environ | {
        "OPENFIT_DATA": str(config.data), "OPENFIT_DATABASE_URL": config.database_url,
    }  # fmt: skip
    killed = subprocess.run([sys.executable, "-c", script], env=environment, timeout=120)
    assert killed.returncode == -signal.SIGKILL
    assert secrets_in(config) == known
    assert resealing.rotate(config).resealed == 3
    assert secrets_in(config) == known


def test_where_the_setting_says_the_keys_its_first_one_seals(config, tmp_path):
    def under(*keys):
        return msgspec.structs.replace(config, secret_key=" ".join(keys))

    [before], known = in_file(config), secrets_in(config)
    with pytest.raises(Refused) as one:
        resealing.rotate(under(before))
    assert one.value.code == "one_key" and "openssl rand -hex 32" in one.value.next_step
    both = under(NEW, before)
    assert secrets_in(both) == known  # before anything changed
    done = resealing.rotate(both)
    assert (done.scanned, done.resealed, done.kept) == (3, 3, None)
    assert sealed_by(both) == {id_of(NEW)} and in_file(config) == [before]
    assert secrets_in(both) == secrets_in(under(NEW)) == known
    assert resealing.rotate(both).resealed == 0  # as often as one likes


def test_a_backup_that_the_old_key_sealed_opens_where_both_are_said(config, tmp_path):
    [before] = in_file(config)
    hub = open_hub(config)
    by = backup.secret_of(config, None, hub_key=True)
    made = backup.create(backup.Hoard(hub.engine, hub.raw), tmp_path, secret=by)
    for said, opens in ((f"{NEW} {before}", True), (NEW, False)):
        secret = Secret(hub_key=crypto.load_key(config.data, said))
        if opens:
            assert restore.verify(made.path, secret).users == 1
        else:
            with pytest.raises(Refused) as refused:
                restore.verify(made.path, secret)
            assert refused.value.code == "wrong_key"


def test_what_no_key_opens_is_counted_and_left(config):
    known = sealed_by(config)
    strangers = msgspec.structs.replace(config, secret_key=f"{NEW},{OLD}")
    done = resealing.rotate(strangers)
    assert (done.scanned, done.resealed) == (3, 0)
    assert done.lost == {"credentials": 1, "second factor": 1, "passphrase": 1}
    assert sealed_by(config) == known


def test_a_hub_that_runs_keeps_its_key(config):
    before = in_file(config)
    with in_use.shared(config.data), pytest.raises(Refused) as refused:
        resealing.rotate(config)
    assert refused.value.code == "in_use"
    assert in_file(config) == before


def test_sessions_go_on_and_so_does_the_second_factor(config):
    with house_on(config.data, config.database_url) as house:
        session = house.login("ann").json()
        secret = house.access.second.opened(house.user(1))[1]
    resealing.rotate(config)
    with house_on(config.data, config.database_url) as house:
        assert house.get("/account", token=session["access_token"]).status_code == 401
        again = house.post("/auth/refresh", {"refresh_token": session["refresh_token"]})
        token = again.json()["access_token"]
        shown = {"code": totp.at_step(secret, house.clock.ms() // 30_000)}
        assert house.call("put", "/account/totp", shown, token=token).status_code == 200


def test_a_key_that_is_none_is_said_to_be(tmp_path):
    for text in ("", "zz", f"{NEW} 11", NEW[:-2]):
        with pytest.raises(SetupError, match="64 hex digits"):
            crypto.parse_keys(text, "OPENFIT_SECRET_KEY")
    key = crypto.parse_keys(f"{NEW}, {OLD} {NEW}", "here")
    assert (key.hex(), [one.hex() for one in key.older]) == (NEW, [OLD])


# That nothing sealed is forgotten ----------------------------------------------------------------

SEALING = {
    "access/resealing.py", "access/totp.py", "intake/connect.py", "leaving/plan.py",
    "access/oidc_sign_in.py",  # a cookie of ten minutes
}  # fmt: skip
SEALED = {"connections.auth_state", "users.totp"}
PLAIN = {
    "entities.body", "minute_block.payload", "raw_bodies.body", "replays.body", "results.body",
    "block.payload", "pieces.timed", "pieces.untimed",
}  # fmt: skip


def test_every_column_of_bytes_is_known_to_be_sealed_or_not():
    found = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert found == SEALED | PLAIN


def test_whatever_seals_is_known_here():
    """Another place that seals makes this fail until `store/sealed_rows.py` has its rows."""
    root = Path(openfit.__file__).parent
    found = {
        str(file.relative_to(root))
        for file in root.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "seal"
        and isinstance(node.value, ast.Name) and node.value.id == "crypto"
    }  # fmt: skip
    assert found == SEALING
