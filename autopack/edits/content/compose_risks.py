"""What a compose file opens towards the machine it runs on: the Docker socket, privileges, the host's namespaces and folders."""

import re
from collections.abc import Iterator
from typing import Final

from autopack.core.visible import escaped
from autopack.edits.content.compose import TEXT_MAX, is_compose
from autopack.edits.content.yaml_syntax import strict_yaml_problem
from autopack.edits.content.yaml_tree import Mapping, Node, Scalar, Sequence, first_document

SHOWN_MAX: Final = 200

_TRUE: Final = frozenset({"true", "yes", "on"})
_SOCKET: Final = re.compile(r"(?:docker|podman|containerd|crio|dockerd)\.sock\b")
_HOST_FOLDER: Final = re.compile(r"/(?:etc|root|home|proc|sys|dev|boot|var/run|run|var/lib/docker|usr|bin|sbin|lib)?/*\Z")
_STRONG: Final = frozenset({"all", "sys_admin", "sys_ptrace", "sys_module", "sys_rawio", "dac_read_search", "bpf", "net_admin"})
_NAMESPACES: Final = ("pid", "network_mode", "ipc", "uts", "userns_mode", "cgroup", "net")


def compose_risks(path: str, before: str | None, after: str | None) -> tuple[str, ...]:
    """What the new text opens and the old one did not, as sentences; nothing for a file that is no compose file."""
    if after is None or not is_compose(path):
        return ()
    known = set(_risks(path, before or ""))
    return tuple(dict.fromkeys(f"{path}: {risk}" for risk in _risks(path, after) if risk not in known))


def _risks(path: str, text: str) -> list[str]:
    if len(text) > TEXT_MAX or strict_yaml_problem(path, text) is not None:
        return ["it cannot be read here as compose reads it, so what it opens is not known"]
    root = first_document(text)
    services = root.get("services") if isinstance(root, Mapping) else None
    found = services if isinstance(services, Mapping) else root
    if not isinstance(found, Mapping):
        return []
    services_found = ((name.value, service) for name, service in found.own() if isinstance(service, Mapping))
    return [
        escaped(" ".join(f"the service `{name}` {risk}".split()))[:SHOWN_MAX]
        for name, service in services_found
        for risk in _opened(service)
    ]


def _opened(service: Mapping) -> Iterator[str]:
    for key in ("privileged", "use_api_socket"):
        if _text(service.get(key)).lower() in _TRUE:
            yield "runs privileged" if key == "privileged" else "is given the Docker socket"
    for key in _NAMESPACES:
        if _text(service.get(key)).lower() == "host":
            yield f"shares the host's namespace (`{key}: host`)"
    yield from _rights(service)
    for source in _sources(service):
        if _SOCKET.search(source):
            yield f"mounts the socket {source}"
        elif _HOST_FOLDER.match(source):
            yield f"mounts the host's folder {source}"


def _rights(service: Mapping) -> Iterator[str]:
    for capability in _texts(service.get("cap_add")):
        if capability.lower().removeprefix("cap_") in _STRONG:
            yield f"is given the capability {capability}"
    for option in _texts(service.get("security_opt")):
        if "unconfined" in option or option.replace("=", ":") == "label:disable":
            yield f"is taken out of its confinement ({option})"


def _sources(service: Mapping) -> Iterator[str]:
    """What of the machine a service's volumes and devices name."""
    for key in ("volumes", "devices"):
        value = service.get(key)
        for item in value.items if isinstance(value, Sequence) else ():
            if isinstance(item, Mapping):
                yield _text(item.get("source"))
            else:
                yield _source(_text(item))


def _source(volume: str) -> str:
    """What stands before the colon of the short form; a colon inside ``${NAME:-default}`` is none."""
    return re.split(r":(?![-?+])", volume, maxsplit=1)[0]


def _text(node: Node | None) -> str:
    return node.value.strip() if isinstance(node, Scalar) else ""


def _texts(node: Node | None) -> list[str]:
    return [_text(item) for item in node.items] if isinstance(node, Sequence) else []
