"""What is shipped to run the hub, read as strictly as tools would that cannot be run here."""

import configparser
import importlib.util
import re
import subprocess

import pytest
import yaml
from openfit.config import SETTINGS, Config
from support.repository import ROOT

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
# Of the Compose Specification: what a service may say, as far as this file does.
SERVICE_KEYS = {
    *("build", "image", "profiles", "command", "environment", "volumes", "ports", "depends_on"),
    *("healthcheck", "read_only", "restart", "cap_drop", "cap_add", "security_opt", "tmpfs"),
    *("mem_limit", "pids_limit"),
}
HEALTH_KEYS = {"test", "interval", "timeout", "start_period", "retries", "disable"}
DURATION = re.compile(r"(\d+h)?(\d+m)?(\d+s)?")
VARIABLE = re.compile(r"\$\{(\w+):-\}")


def steps_tool():
    spec = importlib.util.spec_from_file_location(
        "dockerfile_steps", ROOT / "tools/dockerfile_steps.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TOOL = steps_tool()
STEPS = TOOL.steps((ROOT / "Dockerfile").read_text())


def said(name):
    return [one.value for one in STEPS if one.name == name]


# The image ---------------------------------------------------------------------------------------


def test_a_strict_reader_has_nothing_against_the_dockerfile():
    assert list(TOOL.judge(STEPS)) == []


@pytest.mark.parametrize(
    "fault, wanted",
    [
        ("FROM python:latest", "not pinned"),
        ("FROM python", "not pinned"),
        ("FROM example.org/python:3.13", "registry"),
        ("ADD https://example.org/x /x", "ADD"),
        ("ENV OPENFIT_SECRET_KEY=00", "secret"),
        ("CMD openfit serve", "shell form"),
        ("HEALTHCHECK CMD curl localhost", "shell"),
        ("RUN pip install openfit", "no lock"),
        ("RUN curl -o x example.org", "fetches"),
        ("COPY . .", "everything"),
    ],
)
def test_the_strict_reader_sees_what_is_wrong(fault, wanted):
    faults = TOOL.judge(TOOL.steps(f"FROM python:3.13\n{fault}\n"))
    assert any(wanted in one for one in faults)


def test_it_runs_as_nobody_in_particular_and_stops_when_told():
    assert said("USER") == ["10001:10001"]
    assert said("STOPSIGNAL") == ["SIGTERM"]
    assert said("VOLUME") == ["/data"]
    [health] = said("HEALTHCHECK")
    assert "/api/v1/health" in health and "curl" not in health and "wget" not in health


def test_nothing_in_it_names_a_processor():
    text = (ROOT / "Dockerfile").read_text().split("FROM", 1)[1]
    assert not re.search(r"amd64|arm64|x86_64|aarch64|--platform", text)


def test_everything_that_it_copies_is_there_and_not_ignored():
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[1] == "*"
    for value in said("COPY"):
        if not value.startswith("--from="):
            for source in value.split()[:-1]:
                assert (ROOT / source).exists()
                assert f"!{source}" in ignored


def test_its_settings_are_settings():
    given = {pair.split("=")[0] for value in said("ENV") for pair in value.split()}
    ours = {name for name in given if name.startswith("OPENFIT_")}
    assert ours == {"OPENFIT_DATA", "OPENFIT_LISTEN"} and ours <= SETTINGS.keys()


# Compose -----------------------------------------------------------------------------------------


def test_compose_says_only_what_its_specification_knows():
    assert {key for key in COMPOSE if not key.startswith("x-")} == {"name", "services", "volumes"}
    for name, service in SERVICES.items():
        assert service.keys() <= SERVICE_KEYS, name
        assert service["healthcheck"].keys() <= HEALTH_KEYS, name
        for key in ("interval", "timeout", "start_period"):
            found = service["healthcheck"].get(key, "1s")
            assert DURATION.fullmatch(found) and found, (name, key)
        for other in service.get("depends_on", {}):
            assert other in SERVICES
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert (
                (ROOT / source).is_dir() if source.startswith(".") else source in COMPOSE["volumes"]
            )


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_sealed(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == "unless-stopped"
    assert service["mem_limit"] and service["pids_limit"]
    assert re.search(r":\d+\.\d+", service["image"])
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    assert not service.get("privileged")


def test_by_itself_only_the_hub_starts():
    alone = [name for name, service in SERVICES.items() if not service.get("profiles")]
    assert alone == ["openfit"]
    profiles = {one for service in SERVICES.values() for one in service.get("profiles", [])}
    assert profiles == {"postgres", "grafana"}


def test_it_waits_for_postgresql_only_where_there_is_one():
    assert SERVICES["openfit"]["depends_on"]["postgres"]["required"] is False


def test_no_secret_stands_in_it_and_a_bare_start_needs_none():
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|TOKEN|URL", name):
                assert VARIABLE.fullmatch(value), name


def test_empty_variables_are_as_good_as_none(tmp_path):
    bare = {name: "" for name in SERVICES["openfit"]["environment"]}
    config = Config.from_env({"OPENFIT_DATA": str(tmp_path)} | bare)
    assert config == Config.from_env({"OPENFIT_DATA": str(tmp_path)})
    assert set(bare) <= SETTINGS.keys()


def test_grafana_reads_the_api_with_a_key_from_the_environment():
    text = (ROOT / "deploy/grafana/datasources/openfit.yaml").read_text()
    [source] = yaml.safe_load(text)["datasources"]
    assert source["url"] == "http://openfit:8080/api/v1"
    assert source["secureJsonData"] == {"bearerToken": "$GRAFANA_OPENFIT_TOKEN"}
    assert source["type"] == SERVICES["grafana"]["environment"]["GF_PLUGINS_PREINSTALL"]


# systemd and proxies -----------------------------------------------------------------------------


class Repeated(dict):
    """systemd adds up what is said twice."""

    def __setitem__(self, key, value):
        if isinstance(value, list) and key in self:
            self[key].extend(value)
        else:
            super().__setitem__(key, value)


def unit():
    found = configparser.RawConfigParser(
        strict=False, dict_type=Repeated, empty_lines_in_values=False
    )
    found.optionxform = str
    found.read(ROOT / "deploy/systemd/openfit.service")
    return {key: str(value).split("\n") for key, value in found["Service"].items()}


def test_the_unit_seals_the_hub_and_lets_it_seal_its_plugins():
    service = unit()
    wanted = {"DynamicUser": "yes", "NoNewPrivileges": "yes", "ProtectSystem": "strict"}
    assert {key: service[key] for key in wanted} == {key: [value] for key, value in wanted.items()}
    assert service["CapabilityBoundingSet"] == [""]
    added = service["SystemCallFilter"][2:]
    assert {"seccomp", "landlock_restrict_self"} <= {
        word for line in added for word in line.split()
    }
    settings = re.findall(r"OPENFIT_\w+", " ".join(service["Environment"]))
    assert set(settings) <= SETTINGS.keys() and settings


def test_systemd_itself_has_nothing_against_the_unit(tmp_path):
    import shutil

    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed here")
    text = (ROOT / "deploy/systemd/openfit.service").read_text()
    path = tmp_path / "openfit.service"
    path.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", text))
    done = subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True)
    assert [line for line in done.stderr.splitlines() if "openfit.service" in line] == []


def test_no_proxy_buffers_the_live_channel_or_refuses_a_big_archive():
    nginx = (ROOT / "deploy/proxy/nginx.conf").read_text()
    for line in (
        "proxy_buffering off;",
        "proxy_request_buffering off;",
        "client_max_body_size 20g;",
    ):
        assert line in nginx
    assert nginx.count("{") == nginx.count("}")
    caddy = (ROOT / "deploy/proxy/Caddyfile").read_text()
    assert "flush_interval -1" in caddy and "max_size 20GB" in caddy
    traefik = yaml.safe_load((ROOT / "deploy/proxy/traefik.yaml").read_text())["http"]
    balancer = traefik["services"]["openfit"]["loadBalancer"]
    assert balancer["responseForwarding"]["flushInterval"] == "-1ms" and balancer["passHostHeader"]
    assert traefik["routers"]["openfit"]["service"] in traefik["services"]


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile", "traefik.yaml"])
def test_each_proxy_names_the_two_settings_that_it_needs(name):
    text = (ROOT / "deploy/proxy" / name).read_text()
    assert "OPENFIT_URL=https://" in text and "OPENFIT_PROXIES=" in text
    assert {"OPENFIT_URL", "OPENFIT_PROXIES"} <= SETTINGS.keys()
