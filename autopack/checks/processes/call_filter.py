"""Refuses system calls that reach past a sandbox's namespaces: the user's keyrings, sockets to the host, io_uring.

It is a classic BPF program for ``bwrap --seccomp`` (seccomp(2)). Keyrings belong to the user and not to a namespace;
a network namespace cuts the internet's families and not those of the machine (AF_VSOCK reaches a virtual machine's host); io_uring opens
sockets without the call that is looked at.
"""

import errno
import os
import platform
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Final


@dataclass(frozen=True)
class _Machine:
    """``audit`` is the kernel's AUDIT_ARCH_*; the rest are numbers of system calls, on x86_64 below those of its x32 twin."""

    audit: int
    socket: int
    refused: tuple[int, ...]
    end: int


_URING: Final = (425, 426, 427)  # the same number on every machine
_MACHINES: Final[dict[str, _Machine]] = {
    "x86_64": _Machine(0xC000003E, 41, (248, 249, 250, *_URING), 0x4000_0000),  # add_key, request_key, keyctl
    "aarch64": _Machine(0xC00000B7, 198, (217, 218, 219, *_URING), 0x8000_0000),
}
FAMILIES: Final = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, 16)  # AF_NETLINK: programs list their network devices by it
"""The socket families that a program may use."""

_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # struct seccomp_data, little endian
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW: Final = 0x7FFF_0000
_ERRNO: Final = 0x0005_0000


def has_filter() -> bool:
    """Whether there is a filter for this kind of machine."""
    return platform.machine() in _MACHINES


@contextmanager
def call_filter(*, is_wanted: bool) -> Iterator[tuple[tuple[str, ...], tuple[int, ...]]]:
    """Bubblewrap's arguments for the filter, and the descriptor to pass with them; neither where there is no filter."""
    if not is_wanted or not has_filter():
        yield (), ()
        return
    reader, writer = os.pipe()
    try:
        os.write(writer, _program(platform.machine()))
        os.close(writer)
        yield ("--seccomp", str(reader)), (reader,)
    finally:
        os.close(reader)


@cache
def _program(machine: str) -> bytes:
    """Jumps count from the next instruction; the last three instructions are the exits."""
    kind = _MACHINES[machine]
    tests = [(_EQUAL, number) for number in kind.refused]
    body = [(_LOAD, _ARCHITECTURE), (_EQUAL, kind.audit), (_LOAD, _NUMBER), (_AT_LEAST, kind.end), *tests, (_EQUAL, kind.socket)]
    families = [(_LOAD, _FIRST_ARGUMENT), *((_EQUAL, family) for family in FAMILIES)]
    strange = len(body) + len(families)
    refuse, allow = strange + 1, strange + 2
    words = []
    for at, (code, value) in enumerate((*body, *families)):
        yes = no = at + 1
        if code == _EQUAL and value == kind.audit:
            no = refuse
        elif (code, value) in tests or code == _AT_LEAST:
            yes = refuse
        elif at == len(body) - 1:
            no = allow
        elif code == _EQUAL:
            yes = allow
        words.append(struct.pack("<HBBI", code, yes - at - 1, no - at - 1, value))
    outcomes = (_ERRNO | errno.EAFNOSUPPORT, _ERRNO | errno.ENOSYS, _ALLOW)
    return b"".join(words) + b"".join(struct.pack("<HBBI", _RETURN, 0, 0, value) for value in outcomes)
