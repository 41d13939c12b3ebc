"""A package registry on loopback: one small package for each of pip, npm, Cargo and Go, and pytest with what it needs as this Python has it.

A set-up step with `network: true` reaches it and a check without does not: what the check uses has come through set-up.
"""

import hashlib
import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.distributions import files_of, needed_by

NAME = "halves"
VERSION = "1.0.0"
_NPM = {
    "package/package.json": json.dumps({"name": NAME, "version": VERSION, "main": "index.js"}),
    "package/index.js": "module.exports = (number) => number / 2;\n",
}
_CRATE = {
    f"{NAME}-{VERSION}/Cargo.toml": f'[package]\nname = "{NAME}"\nversion = "{VERSION}"\nedition = "2021"\n',
    f"{NAME}-{VERSION}/src/lib.rs": "pub fn half(number: u32) -> u32 { number / 2 }\n",
}


@contextmanager
def registry() -> Iterator[str]:
    """Its address: `/simple/` for pip, `/` for npm, `sparse+.../index/` for Cargo, `/go` for Go."""
    pages: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.do_GET()

        def do_GET(self):
            page = pages.get(self.path.partition("?")[0].lower())
            self.send_response(404 if page is None else 200)
            kind = "text/html" if self.path.startswith("/simple/") else "application/octet-stream"
            self.send_header("Content-Type", "application/json" if page is not None and page.startswith(b"{") else kind)
            self.send_header("Content-Length", str(len(page or b"")))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(page or b"")

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        address = f"http://127.0.0.1:{server.server_port}"
        pages |= {**_python(), **_node(address), **_cargo(address), **_go()}
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield address
        server.shutdown()


def _python() -> dict[str, bytes]:
    pages = {}
    wheels = {NAME: _wheel(NAME, VERSION, {f"{NAME}/__init__.py": b"def half(number):\n    return number // 2\n"})}
    brought = needed_by(["pytest"])
    for name, installed in brought.items():
        needs = [other for other in brought if other != name] if name == "pytest" else []
        files = {file: path.read_bytes() for file, path in files_of(installed).items() if not file.endswith(".dist-info/METADATA")}
        wheels[name.lower()] = _wheel(name, installed.version, files, needs)
    for name, (file, data) in wheels.items():
        pages[f"/simple/{name}/"] = f'<a href="../../files/{file}#sha256={hashlib.sha256(data).hexdigest()}">{file}</a>'.encode()
        pages[f"/files/{file}".lower()] = data
    return pages


def _wheel(name: str, version: str, files: dict[str, bytes], needs: Sequence[str] = ()) -> tuple[str, bytes]:
    """``files``: those of the packages and, of the metadata, the entry points."""
    info = f"{name}-{version}.dist-info"
    entries = next((data for path, data in files.items() if path.endswith(".dist-info/entry_points.txt")), None)
    files = {path: data for path, data in files.items() if ".dist-info/" not in path}
    files |= {f"{info}/entry_points.txt": entries} if entries is not None else {}
    required = "".join(f"Requires-Dist: {other}\n" for other in needs)
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{required}".encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD"))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, data in {**files, f"{info}/RECORD": record.encode()}.items():
            archive.writestr(zipfile.ZipInfo(path), data)
    return f"{name}-{version}-py3-none-any.whl", buffer.getvalue()


def _node(address: str) -> dict[str, bytes]:
    archive = _tarball(_NPM)
    dist = {"tarball": f"{address}/{NAME}.tgz", "shasum": hashlib.sha1(archive, usedforsecurity=False).hexdigest()}
    version = {"name": NAME, "version": VERSION, "main": "index.js", "dist": dist}
    about = {"name": NAME, "dist-tags": {"latest": VERSION}, "versions": {VERSION: version}}
    return {f"/{NAME}": json.dumps(about).encode(), f"/{NAME}.tgz": archive}


def _cargo(address: str) -> dict[str, bytes]:
    archive = _tarball(_CRATE)
    row = {"name": NAME, "vers": VERSION, "deps": [], "cksum": hashlib.sha256(archive).hexdigest(), "features": {}, "yanked": False}
    return {
        "/index/config.json": json.dumps({"dl": f"{address}/crates"}).encode(),
        f"/index/{NAME[:2]}/{NAME[2:4]}/{NAME}": json.dumps(row).encode() + b"\n",
        f"/crates/{NAME}/{VERSION}/download": archive,
    }


def _go() -> dict[str, bytes]:
    module, root = f"module example.org/{NAME}\n\ngo 1.18\n", f"example.org/{NAME}@v{VERSION}"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(f"{root}/go.mod", module)
        archive.writestr(f"{root}/half.go", f"package {NAME}\n\nfunc Half(number int) int {{ return number / 2 }}\n")
    about = json.dumps({"Version": f"v{VERSION}", "Time": "2024-01-01T00:00:00Z"}).encode()
    versions = f"/go/example.org/{NAME}/@v"
    return {
        f"{versions}/list": f"v{VERSION}\n".encode(),
        **{f"{versions}/v{VERSION}.{kind}": data for kind, data in (("info", about), ("mod", module.encode()), ("zip", buffer.getvalue()))},
    }


def _tarball(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, text in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()
