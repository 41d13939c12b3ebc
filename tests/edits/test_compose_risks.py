import pytest

from autopack.edits.content.compose_risks import compose_risks

SERVICE = "services:\n  web:\n    image: web:1\n"
RISKS = {
    "    privileged: true\n": "runs privileged",
    "    pid: host\n": "`pid: host`",
    "    network_mode: host\n": "`network_mode: host`",
    "    ipc: host\n": "`ipc: host`",
    "    use_api_socket: true\n": "Docker socket",
    "    cap_add: [ALL]\n": "the capability ALL",
    "    cap_add: [CAP_SYS_ADMIN]\n": "the capability CAP_SYS_ADMIN",
    "    security_opt: [seccomp=unconfined]\n": "its confinement",
    "    volumes: [/var/run/docker.sock:/var/run/docker.sock]\n": "the socket /var/run/docker.sock",
    "    volumes: ['${DOCKER_SOCK:-/var/run/docker.sock}:/s:ro']\n": "the socket ${DOCKER_SOCK:-/var/run/docker.sock}",
    "    volumes:\n      - {type: bind, source: /run/podman/podman.sock, target: /s}\n": "the socket /run/podman/podman.sock",
    "    volumes: [/:/host]\n": "the host's folder /",
    "    volumes: [/etc/:/etc]\n": "the host's folder /etc/",
    "    devices: [/dev:/dev]\n": "the host's folder /dev",
}
ORDINARY = [
    "",
    "    privileged: false\n",
    "    network_mode: bridge\n",
    "    volumes: [./data:/data, 'data:/var', '/srv/app:/app']\n",
    "    cap_add: [NET_BIND_SERVICE]\n",
]


@pytest.mark.parametrize("lines", RISKS)
def test_what_opens_the_machine_is_told(lines):
    (risk,) = compose_risks("deploy/docker-compose.yml", SERVICE, SERVICE + lines)
    assert risk.startswith("deploy/docker-compose.yml: the service `web` ")
    assert RISKS[lines] in risk


@pytest.mark.parametrize("lines", ORDINARY)
def test_an_ordinary_service_is_not(lines):
    assert compose_risks("compose.yaml", None, SERVICE + lines) == ()


def test_only_what_is_new_is_told_and_only_of_compose_files():
    open_one = SERVICE + "    privileged: true\n"
    assert compose_risks("compose.yaml", open_one, open_one + "  other:\n    image: b\n") == ()
    assert len(compose_risks("compose.yaml", None, open_one)) == 1
    assert compose_risks("values.yaml", None, open_one) == ()
    assert compose_risks("compose.yaml", open_one, None) == ()


def test_a_merged_service_is_judged_by_what_it_merges():
    text = "x-base: &base\n  privileged: true\nservices:\n  web:\n    <<: *base\n    image: web:1\n"
    assert len(compose_risks("compose.yaml", None, text)) == 1


@pytest.mark.parametrize("text", ["{% if a %}\n" + SERVICE, SERVICE + "${MORE}\n", "# " + "x" * 70_000 + "\n" + SERVICE])
def test_what_cannot_be_looked_into_is_told_once(text):
    (risk,) = compose_risks("compose.yaml", SERVICE, text)
    assert "cannot be read" in risk
    assert compose_risks("compose.yaml", text, text + "# more\n") == ()
