"""Manifests: read without running the plugin, and refused in words that lead to the line."""

import subprocess
import sys

import openfit_sdk
import pytest
from openfit_sdk.manifest import (
    Manifest,
    ManifestError,
    installed,
    parse_manifest,
    rate,
    read_manifest,
    seconds,
)

GOOD = """
id = "scales"
name = "Kitchen Scales"
sdk = "1"
data_types = ["sleep", "metric:weight", "metric:scales.wobble"]
sync_modes = ["poll"]
hosts = ["api.scales.example", "*.cdn.example"]
[auth]
type = "oauth2"
authorize_url = "https://scales.example/allow"
token_url = "https://scales.example/token"
[limits]
requests = ["100/15min", "1000/day"]
every = "1h30m"
slice = "90d"
[metrics.wobble]
name = "Wobble"
unit = "mm"
kind = "instant"
fold = "mean"
family = "body"
resolution = 0.1
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package that must not be imported, with this manifest."""

    def write(toml: str, name: str = "openfit_scales") -> str:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "__init__.py").write_text("raise SystemExit('the plugin was run')")
        (folder / "manifest.toml").write_text(toml)
        return name

    monkeypatch.syspath_prepend(tmp_path)
    return write


def publish(tmp_path, dist, name, module):
    """What pip writes about an installed plugin."""
    folder = tmp_path / f"{dist}-2.1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {dist}\nVersion: 2.1.0\n")
    (folder / "entry_points.txt").write_text(f"[openfit]\n{name} = {module}\n")


def named(name):
    return {plugin.name: plugin for plugin in installed()}[name]


def test_a_manifest_is_read_without_running_the_plugin(package):
    manifest = read_manifest(package(GOOD))
    assert (manifest.name, manifest.on_disconnect, manifest.access) == (
        "Kitchen Scales",
        "keep",
        "official",
    )
    assert manifest.limits.rates == [(100, 900.0), (1000, 86_400.0)]
    assert (manifest.limits.every_seconds, manifest.limits.slice_seconds) == (5400, 90 * 86_400)
    assert manifest.limits.reread_seconds is None
    assert [definition.id for definition in manifest.definitions()] == ["scales.wobble"]
    assert "openfit_scales" not in sys.modules


def test_what_is_announced_and_contacted_is_told_apart(package):
    manifest = read_manifest(package(GOOD))
    assert manifest.emits("sleep")
    assert manifest.emits("metric", "weight")
    assert not manifest.emits("activity")
    assert not manifest.emits("metric", "heart_rate")
    assert manifest.may_contact("api.scales.example")
    assert manifest.may_contact("eu.cdn.example")
    for host in ("scales.example", "cdn.example", "evilcdn.example", "api.scales.example.evil"):
        assert not manifest.may_contact(host)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('id = "scales"', 'id = "Kitchen Scales"'), "small letters, digits and _"),
        (('sdk = "1"', 'sdk = "2"'), "sdk '2' is not spoken here"),
        (('name = "Kitchen Scales"\n', ""), "missing required field `name`"),
        (('["poll"]', '["pol"]'), r"Invalid enum value 'pol' - at `\$.sync_modes\[0\]`"),
        (('every = "1h30m"', 'evry = "1h30m"'), r"unknown field `evry` - at `\$.limits`"),
        (('"1h30m"', '"soon"'), r"'soon' is no span of time; write it as 90s"),
        (('"1000/day"', '"many"'), r"'many' is no rate; write it as 100/min"),
        (('token_url = "https://scales.example/token"\n', ""), "oauth2 needs authorize_url and"),
        (('"api.scales.example"', '"https://api.scales.example"'), "is no bare name; write it as"),
        (("resolution = 0.1", "resolution = 0"), "scales.wobble: resolution must be above 0"),
        (("[auth]", "[auth"), "openfit_scales/manifest.toml: "),
    ],
)
def test_a_wrong_manifest_is_refused_with_file_key_and_remedy(change, said, package):
    toml = GOOD.replace(*change)
    assert toml != GOOD
    with pytest.raises(ManifestError, match=said) as caught:
        read_manifest(package(toml))
    assert str(caught.value).startswith("openfit_scales/manifest.toml: ")
    assert str(caught.value).endswith("Correct that, and the plugin can be used.")


def test_a_manifest_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "manifest.toml").write_bytes(b"id = '\xff'")
    with pytest.raises(ManifestError, match="manifest.toml"):
        parse_manifest(tmp_path / "manifest.toml")


@pytest.mark.parametrize("module", ["openfit_absent", "openfit_sdk.testing", "json.decoder:x"])
def test_an_entry_point_must_name_a_top_level_package(module):
    with pytest.raises(ManifestError, match="is no top-level package that can be found"):
        read_manifest(module)


def test_a_package_without_a_manifest_says_what_is_missing():
    with pytest.raises(ManifestError, match=r"openfit_sdk has no manifest.toml beside __init__.py"):
        read_manifest("openfit_sdk")


def test_an_installed_plugin_is_found_with_the_version_of_its_distribution(package, tmp_path):
    publish(tmp_path, "openfit-scales", "scales", package(GOOD))
    plugin = named("scales")
    assert (plugin.dist, plugin.version, plugin.error) == ("openfit-scales", "2.1.0", None)
    assert isinstance(plugin.manifest, Manifest)
    assert "openfit_scales" not in sys.modules


def test_a_broken_plugin_is_listed_with_its_error(package, tmp_path):
    publish(tmp_path, "openfit-scales", "scales", package("id = 1"))
    plugin = named("scales")
    assert plugin.manifest is None
    assert "Expected `str`, got `int` - at `$.id`" in plugin.error


def test_an_entry_point_bears_the_id_of_its_manifest(package, tmp_path):
    publish(tmp_path, "openfit-scales", "kitchen", package(GOOD))
    assert named("kitchen").error == "the entry point is called kitchen, the manifest scales"


def test_two_packages_of_one_name_are_both_refused(package, tmp_path):
    module = package(GOOD)
    publish(tmp_path, "openfit-scales", "scales", module)
    publish(tmp_path, "other-scales", "scales", module)
    plugin = named("scales")
    assert plugin.manifest is None
    assert plugin.error == (
        "openfit-scales and other-scales both call themselves scales; remove one of them"
    )


@pytest.mark.parametrize(
    ("text", "expected"), [("90s", 90), ("30m", 1800), ("1h30m", 5400), ("3d", 259_200)]
)
def test_spans(text, expected):
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "3", "3 d", "-3d", "3w", "h3"])
def test_what_is_no_span(text):
    with pytest.raises(ValueError, match="is no span of time"):
        seconds(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("100/min", (100, 60)), ("100/15min", (100, 900)), ("5 / hour", (5, 3600))],
)
def test_rates(text, expected):
    assert rate(text) == expected


def test_the_documented_names_are_there():
    for name in openfit_sdk.__all__:
        assert getattr(openfit_sdk, name) is not None
    assert openfit_sdk.__version__.count(".") == 2
    with pytest.raises(AttributeError, match="openfit_sdk has no manager"):
        _ = openfit_sdk.manager


def test_a_host_and_its_hub_start_without_numpy():
    code = "import sys, openfit_sdk.host, openfit_sdk.spawn; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
