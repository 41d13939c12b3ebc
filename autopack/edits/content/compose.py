"""Whether a compose file has the shape that docker compose takes: services, their keys, and what they refer to."""

import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from typing import Final

from autopack.edits.content.problem import Problem
from autopack.edits.content.yaml_syntax import strict_yaml_problem
from autopack.edits.content.yaml_tree import Mapping, Node, Scalar, Sequence, first_document

TEXT_MAX: Final = 64 * 1024

_NAME: Final = re.compile(r"(?:.*/)?(?:docker-)?compose(?P<part>[.-][\w.-]+)?\.ya?ml\Z")
_TEMPLATE: Final = re.compile(r"\{%|(?<!\$)\{\{")
_SERVICE_NAME: Final = re.compile(r"[A-Za-z0-9._-]+\Z")
_TOP: Final = frozenset({"version", "name", "include", "services", "networks", "volumes", "configs", "secrets", "models"})
_SERVICE: Final = """
    annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs container_name cpu_count
    cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset credential_spec depends_on deploy develop
    device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint env_file environment expose extends external_links
    extra_hosts gpus group_add healthcheck hostname image init ipc isolation label_file labels links logging mac_address mem_limit
    mem_reservation mem_swappiness memswap_limit models network_mode networks oom_kill_disable oom_score_adj pid pids_limit
    platform ports post_start pre_start pre_stop post_stop privileged profiles provider pull_policy pull_refresh_after read_only
    restart runtime scale secrets security_opt shm_size stdin_open stop_grace_period stop_signal storage_opt sysctls tmpfs tty
    ulimits use_api_socket user userns_mode uts volumes volumes_from working_dir volume_driver log_driver log_opt net dockerfile
"""
_SHAPES: Final[dict[str, str]] = {
    "list": "ports expose volumes cap_add cap_drop devices security_opt profiles external_links volumes_from",
    "list or mapping": "environment labels depends_on networks extra_hosts sysctls annotations",
    "mapping": "healthcheck deploy logging ulimits develop blkio_config credential_spec",
    "string": "image container_name restart hostname",
}
_MAKES_IT_RUN: Final = ("image", "build", "extends", "provider")


def is_compose(path: str) -> bool:
    return _NAME.match(path.lower()) is not None


def compose_problem(path: str, text: str) -> Problem | None:
    """The first thing that docker compose would not take of a text that is YAML as it stands."""
    if len(text) > TEXT_MAX or _TEMPLATE.search(text) or strict_yaml_problem(path, text) is not None:
        return None
    root = first_document(text)
    if root is None or (isinstance(root, Scalar) and root.is_null):
        return None
    is_part = bool((_NAME.match(path.lower()) or {"part": None})["part"])  # an override is laid over another file
    return next(_problems(root, is_part=is_part), None)


def _problems(root: Node, *, is_part: bool) -> Iterator[Problem]:
    if not isinstance(root, Mapping):
        yield Problem(root.line, "its top level is no mapping", "write `services:` at the top level")
        return
    services = root.get("services")
    if services is None and _is_first_version(root):
        return
    for key, _ in root.own():
        yield from _misspelt(key, _TOP)
    yield from _sections(root)
    if services is None and not is_part and not any(root.get(name) for name in _TOP - {"version", "name"}):
        yield Problem(root.line, "it has no `services`", "name the services under `services:`")
    if not isinstance(services, Mapping):
        return
    is_whole = not is_part and root.get("include") is None
    for key, service in services.own():
        if key.value == "<<":
            continue
        if not _SERVICE_NAME.match(key.value):
            yield Problem(
                key.line, f"the service name {key.value!r} has characters other than letters, digits, `.`, `_` and `-`", "rename it"
            )
        yield from _service(key, service, is_whole=is_whole)
        if is_whole and isinstance(service, Mapping):
            yield from _references(key.value, service, root)


def _is_first_version(root: Mapping) -> bool:
    """The old form without `services`: every top-level key is a service."""
    values = [value for _, value in root.own()]
    return bool(values) and all(isinstance(value, Mapping) and (value.get("image") or value.get("build")) for value in values)


def _sections(root: Mapping) -> Iterator[Problem]:
    for key, value in root.own():
        if key.value in _TOP - {"version", "name", "include"} and not isinstance(value, Mapping) and not _may_be_anything(value):
            yield Problem(key.line, f"`{key.value}` is no mapping", "write one entry a name below it")


def _service(name: Scalar, service: Node, *, is_whole: bool) -> Iterator[Problem]:
    if not isinstance(service, Mapping):
        if is_whole and not (isinstance(service, Scalar) and service.is_tagged):
            yield Problem(name.line, f"the service {name.value!r} is no mapping", "give it an `image` or a `build`")
        return
    for key, value in service.own():
        yield from _misspelt(key, _SERVICE.split())
        if _may_be_anything(value):
            continue
        wanted = _wanted(key.value, value)
        if wanted:
            yield Problem(key.line, f"`{key.value}` of the service {name.value!r} is no {wanted}", f"write it as a {wanted}")
    if is_whole and not service.is_tagged and not any(service.get(key) for key in _MAKES_IT_RUN):
        yield Problem(name.line, f"the service {name.value!r} has neither `image` nor `build`", "give it one")


def _wanted(key: str, value: Node) -> str | None:
    """The shape that a key's value should have and has not."""
    shape = next((shape for shape, keys in _SHAPES.items() if key in keys.split()), None)
    fits = {"list": isinstance(value, Sequence), "mapping": isinstance(value, Mapping), "string": isinstance(value, Scalar)}
    return None if shape is None or fits.get(shape, not isinstance(value, Scalar)) else shape


def _misspelt(key: Scalar, known: Collection[str]) -> Iterator[Problem]:
    """An unknown key close to a known one; others may be newer than this list."""
    if key.value in known or key.value == "<<" or key.value.startswith("x-"):
        return
    close = get_close_matches(key.value, known, 1, 0.8)
    if close:
        yield Problem(key.line, f"there is no key `{key.value}` here", f"write `{close[0]}`, if that is meant")


def _references(name: str, service: Mapping, root: Mapping) -> Iterator[Problem]:
    """Services, networks and volumes that are used but nowhere defined."""
    services, volumes, networks = root.get("services"), root.get("volumes"), root.get("networks")
    for used in _names(service.get("depends_on")):
        if isinstance(services, Mapping) and services.get(used.value) is None and not _is_variable(used):
            yield Problem(used.line, f"the service {name!r} depends on {used.value!r}, which is not defined", "define it, or leave it out")
    for used in _names(service.get("networks")):
        is_defined = used.value == "default" or (isinstance(networks, Mapping) and networks.get(used.value) is not None)
        if not is_defined and not _is_variable(used):
            yield Problem(
                used.line, f"the service {name!r} uses the network {used.value!r}, which is not defined", "define it under `networks:`"
            )
    for used in _names(service.get("volumes")):
        volume, colon, _ = used.value.partition(":")
        if colon and re.fullmatch(r"[A-Za-z0-9][\w.-]+", volume) and not (isinstance(volumes, Mapping) and volumes.get(volume) is not None):
            yield Problem(used.line, f"the service {name!r} uses the volume {volume!r}, which is not defined", "define it under `volumes:`")


def _names(node: Node | None) -> list[Scalar]:
    if isinstance(node, Sequence):
        return [item for item in node.items if isinstance(item, Scalar)]
    return [key for key, _ in node.own() if key.value != "<<"] if isinstance(node, Mapping) else []


def _is_variable(name: Scalar) -> bool:
    return "$" in name.value


def _may_be_anything(value: Node) -> bool:
    return value.is_tagged or (isinstance(value, Scalar) and (value.is_null or "$" in value.value))
