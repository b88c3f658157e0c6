"""Settings and secrets."""

import stat

import pytest
from openfit import crypto
from openfit.config import Config
from openfit.errors import SetupError


def test_nothing_has_to_be_set(tmp_path):
    config = Config.from_env({"XDG_DATA_HOME": str(tmp_path)})
    assert config.data == tmp_path / "openfit"
    assert config.database_url == f"sqlite:///{tmp_path / 'openfit' / 'openfit.db'}"
    assert (config.host, config.port) == ("127.0.0.1", 8080)


def test_the_demo_keeps_to_a_folder_of_its_own(tmp_path):
    assert Config.from_env({"XDG_DATA_HOME": str(tmp_path)}, demo=True).data.name == "openfit-demo"


def test_a_misspelt_setting_stops_the_start_and_names_the_nearest():
    with pytest.raises(SetupError, match="OPENFIT_LISTN is not a setting.*OPENFIT_LISTEN"):
        Config.from_env({"OPENFIT_LISTN": "0.0.0.0:80"})


def test_settings_of_the_tests_are_nobodys_business():
    assert Config.from_env({"OPENFIT_TEST_CHROMIUM": "x", "HOME": "/"}).port == 8080


@pytest.mark.parametrize("text", ["8080", "host:", ":80", "host:99999", "host:http"])
def test_a_bad_address_is_refused_with_an_example(text):
    with pytest.raises(SetupError, match="for example 127.0.0.1:8080"):
        Config.from_env({"OPENFIT_LISTEN": text, "HOME": "/"})


def test_an_ipv6_address_may_be_listened_on():
    config = Config.from_env({"OPENFIT_LISTEN": "[::1]:9000", "HOME": "/"})
    assert (config.host, config.port) == ("::1", 9000)


def test_the_key_file_is_made_once_for_its_owner_alone(tmp_path):
    key = crypto.load_key(tmp_path, None)
    assert crypto.load_key(tmp_path, None) == key
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


def test_a_sealed_secret_opens_only_for_its_row_and_key():
    key, other = bytes(32), bytes([1] * 32)
    sealed = crypto.seal(key, b"refresh token", "row-1")
    assert b"refresh" not in sealed
    assert crypto.unseal(key, sealed, "row-1") == b"refresh token"
    with pytest.raises(SetupError, match="does not open the saved credentials"):
        crypto.unseal(key, sealed, "row-2")
    with pytest.raises(SetupError, match="key id [0-9a-f]{8}"):
        crypto.unseal(other, sealed, "row-1")


def test_a_secret_key_that_is_no_key_is_refused(tmp_path):
    with pytest.raises(SetupError, match="64 hex digits"):
        crypto.load_key(tmp_path, "hunter2")
