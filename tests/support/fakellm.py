"""fakellm: a scripted LLM server on loopback, standard library only (Python >= 3.9).

Speaks
  POST /v1/messages                 Anthropic Messages (JSON and SSE, tool_use, cache usage)
  POST /v1/messages/count_tokens    Anthropic token count
  POST /v1/chat/completions         OpenAI Chat Completions (JSON and SSE, tool_calls, usage)
  POST /v1/responses                OpenAI Responses (JSON and SSE, function and custom tools)
  POST /v1/responses/input_tokens   OpenAI token count
  POST /v1/embeddings               deterministic hashed bag-of-words vectors (float or base64)
  GET  /v1/models[/ID]              model list (Anthropic shape when anthropic-version is sent)
  GET  /__stats, POST /__reset, GET /__log     for tests
The leading /v1 may be missing.

    python fakellm.py --script myscript.py:reply --log calls.jsonl --port 0 --port-file P
                      [--latency S] [--tps N] [--fault SPEC ...]

The script callable gets one Req and returns a str or a dict:
  {"text": str, "tools": [{"name":, "args": {...}} | {"name":, "raw": "bad json"}],
   "stop": "...", "delay": s, "usage": {...}, "fault": FAULT}
or a dict that is sent as it stands, whatever it is:
  {"wire": {"status": 200, "headers": {...}, "json": ANY | "events": [[NAME or None, DATA], ...] | "bytes": b"..."}}
FAULT is a kind name or {"kind": ..., ...}:
  status       status=429, retry_after=, message=, type=
  reset        connection reset before any byte
  reset_mid    reset after `after` characters (default 20) of the payload
  hang         sleep `seconds`, then answer normally (then="close" to close instead)
  hang_mid     stream half, sleep `seconds`, then go on
  sse_error    error event in the middle of the stream (JSON reply when not streaming: 529/500)
  truncate     cut to `chars` (default 20), stop_reason max_tokens / finish_reason length
  malformed    a 200 whose body is not JSON / whose SSE data is not JSON
  empty        no content at all
  refusal      the provider's refusal shape
--fault says the same from outside: `FIRST[-LAST]:KIND[:k=v,k=v]`, counted over the calls
for which the script's module says `is_main(req)` (all generating calls when it has none),
e.g. --fault 1-2:status:status=429,retry_after=1   --fault 1:hang:seconds=30
"""

# A protocol server vendored as one file, so that it can also be started by path; its dispatchers stay whole.
# ruff: noqa: PLR0912, PLR0915, PLR0917 - a wire protocol told in one place reads best as one function
# ruff: noqa: BLE001 - a defect of a script must become a loud reply, whatever it raises
# ruff: noqa: SIM115 - the log stays open as long as the server does
# ruff: noqa: N818 - Reset is an instruction to drop the connection
# ruff: noqa: TRY300 - the kept-alive answer is the end of the straight line

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import gzip
import hashlib
import importlib.util
import inspect
import json
import math
import os
import re
import socket
import struct
import sys
import threading
import time
import traceback
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

INTERESTING = (
    "user-agent",
    "anthropic-version",
    "anthropic-beta",
    "openai-beta",
    "authorization",
    "x-api-key",
    "x-stainless-retry-count",
    "x-stainless-timeout",
    "idempotency-key",
    "accept",
    "content-encoding",
    "session_id",
    "x-session-id",
    "x-client-request-id",
)
ANTHROPIC_ERR = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    503: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}
OPENAI_ERR = {
    400: "invalid_request_error",
    401: "invalid_request_error",
    403: "permission_error",
    404: "invalid_request_error",
    408: "timeout",
    409: "conflict",
    413: "invalid_request_error",
    429: "rate_limit_exceeded",
    500: "server_error",
    503: "server_error",
    529: "server_error",
}
REASON = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    408: "Request Timeout",
    409: "Conflict",
    413: "Payload Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
    529: "Overloaded",
}


def toks(s: str) -> int:
    return max(1, math.ceil(len(s) / 4)) if s else 0


def plain(content: Any) -> str:
    """Text of any provider's content value."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(plain(x) for x in content)
    if isinstance(content, dict):
        for k in ("text", "content", "output", "input"):
            if k in content:
                v = content[k]
                return v if isinstance(v, str) else plain(v)
    return ""


@dataclass
class Req:
    provider: str  # anthropic | chat | responses
    path: str
    body: dict
    headers: dict
    raw_len: int
    call: int  # 1-based, over every generating request of this server
    main: int = 0  # 1-based, over those the script calls main
    model: str = ""
    stream: bool = False
    system: str = ""
    messages: list = field(default_factory=list)
    tools: list = field(default_factory=list)  # names
    tool_kinds: dict = field(default_factory=dict)  # name -> function|custom|...
    response_format: Any = None

    def turns(self) -> list:
        """Flat history: ('user'|'assistant'|'call'|'result', text-or-(name,args))."""
        out = []
        for m in self.messages:
            if not isinstance(m, dict):
                continue
            t = m.get("type")
            if t in ("function_call", "custom_tool_call", "local_shell_call"):
                out.append(("call", (m.get("name", t), m.get("arguments") or m.get("input") or "")))
                continue
            if t in ("function_call_output", "custom_tool_call_output", "local_shell_call_output"):
                out.append(("result", plain(m.get("output"))))
                continue
            role, c = m.get("role"), m.get("content")
            if role == "tool":
                out.append(("result", plain(c)))
                continue
            if isinstance(c, list):
                for b in c:
                    bt = b.get("type") if isinstance(b, dict) else None
                    if bt == "tool_use":
                        out.append(("call", (b["name"], json.dumps(b.get("input")))))
                    elif bt == "tool_result":
                        out.append(("result", plain(b.get("content"))))
                    else:
                        out.append((role, plain(b)))
            elif c:
                out.append((role, c))
            for tc in m.get("tool_calls") or []:
                f = tc.get("function") or {}
                out.append(("call", (f.get("name"), f.get("arguments"))))
        return out

    @property
    def last_user(self) -> str:
        return next((t for r, t in reversed(self.turns()) if r == "user"), "")


def parse(provider: str, path: str, body: dict, headers: dict, raw_len: int, call: int) -> Req:
    r = Req(provider, path, body, headers, raw_len, call, model=str(body.get("model", "")), stream=bool(body.get("stream")))
    if provider == "responses":
        inp = body.get("input") or []
        r.messages = [{"role": "user", "content": inp}] if isinstance(inp, str) else list(inp)
        r.system = body.get("instructions") or ""
        r.response_format = (body.get("text") or {}).get("format")
    else:
        r.messages = list(body.get("messages") or [])
        r.system = (
            plain(body.get("system"))
            if provider == "anthropic"
            else "\n".join(plain(m.get("content")) for m in r.messages if m.get("role") in ("system", "developer"))
        )
        r.response_format = body.get("response_format") or body.get("output_format") or (body.get("output_config") or {}).get("format")
    for t in body.get("tools") or []:
        n = t.get("name") or (t.get("function") or {}).get("name") or t.get("type")
        r.tools.append(n)
        r.tool_kinds[n] = t.get("type", "function") or "function"
    return r


class PrefixCache:
    """What a provider's prompt cache would have charged (never expires)."""

    def __init__(self):
        self.seen: set = set()

    def anthropic(self, body: dict) -> tuple[int, int, int]:
        """(uncached input, cache_creation, cache_read) tokens from cache_control breakpoints."""
        h, total, marks = hashlib.sha256(), 0, []
        blocks = [("t", t) for t in body.get("tools") or []]
        s = body.get("system")
        blocks += [("s", b) for b in ([{"type": "text", "text": s}] if isinstance(s, str) else s or [])]
        for m in body.get("messages") or []:
            c = m.get("content")
            blocks += [(m.get("role"), b) for b in ([{"type": "text", "text": c}] if isinstance(c, str) else c or [])]
        for kind, b in blocks:
            mark = isinstance(b, dict) and b.get("cache_control")
            txt = json.dumps({k: v for k, v in b.items() if k != "cache_control"}, sort_keys=True) if isinstance(b, dict) else str(b)
            h.update(f"{kind}\0{txt}\0".encode())
            total += toks(txt)
            key = h.hexdigest()
            marks.append((total, key, bool(mark)))
        last = max((i for i, m in enumerate(marks) if m[2]), default=-1)
        if last < 0 or marks[last][0] < 1024:
            return total, 0, 0
        read = max((n for n, k, _ in marks[: last + 1] if k in self.seen), default=0)
        self.seen.update(k for n, k, m in marks[: last + 1] if m)
        end = marks[last][0]
        return total - end, end - read, read

    def openai(self, text: str) -> int:
        h, hit = hashlib.sha256(), 0
        for i in range(0, len(text) - 511, 512):
            h.update(text[i : i + 512].encode())
            k = h.hexdigest()
            if k in self.seen:
                hit = i // 4 + 128
            self.seen.add(k)
        return hit if hit >= 1024 else 0


def embed(text: str, dim: int) -> list[float]:
    v = [0.0] * dim
    for w in re.findall(r"\w+", text.lower()):
        d = hashlib.blake2b(w.encode(), digest_size=8).digest()
        i = int.from_bytes(d[:4], "big") % dim
        v[i] += 1.0 if d[4] & 1 else -1.0
    n = math.sqrt(sum(x * x for x in v)) or 1.0
    return [x / n for x in v]


def chunks(s: str, n: int = 24) -> list[str]:
    return [s[i : i + n] for i in range(0, len(s), n)] or ([""] if s == "" else [])


class Reset(Exception):
    pass


# ---------------------------------------------------------------- rendering


def norm(reply: Any) -> dict:
    if reply is None:
        reply = {"fault": "empty"}
    if isinstance(reply, str):
        reply = {"text": reply}
    r = {"text": "", "tools": [], "stop": None, "delay": 0.0, "usage": {}, "fault": None, **reply}
    f = r["fault"]
    r["fault"] = {"kind": f} if isinstance(f, str) else (dict(f) if f else None)
    return r


def apply_content_fault(r: dict) -> dict:
    f = r["fault"]
    if not f:
        return r
    if f["kind"] == "truncate":
        left = int(f.get("chars", 20))
        r["text"], left = r["text"][:left], max(0, left - len(r["text"]))
        kept = []
        for t in r["tools"]:
            raw = t.get("raw", None) or json.dumps(t.get("args", {}))
            kept.append({**t, "raw": raw[:left], "cut": True})
            left = max(0, left - len(raw))
            break
        r["tools"] = kept
        r["stop"] = "max_tokens"
    elif f["kind"] == "empty":
        r["text"], r["tools"] = "", []
    elif f["kind"] == "refusal":
        r["tools"] = []
        r["text"] = f.get("text", "I can't help with that.")
        r["stop"] = "refusal"
    return r


def args_text(t: dict) -> str:
    if "raw" in t:
        return t["raw"]
    if "input" in t:  # custom (freeform) tool
        return t["input"]
    return json.dumps(t.get("args", {}))


def out_tokens(r: dict) -> int:
    return r["usage"].get("output") or max(1, toks(r["text"]) + sum(toks(args_text(t)) + 8 for t in r["tools"]))


def r_anthropic(q: Req, r: dict, cache: PrefixCache, rid: str):
    inp, create, read = cache.anthropic(q.body)
    u = {
        "input_tokens": r["usage"].get("input", inp),
        "cache_creation_input_tokens": create,
        "cache_read_input_tokens": read,
        "cache_creation": {"ephemeral_5m_input_tokens": create, "ephemeral_1h_input_tokens": 0},
        "output_tokens": out_tokens(r),
        "service_tier": "standard",
    }
    stop = r["stop"] or ("tool_use" if r["tools"] else "end_turn")
    content, ev = [], []
    if r["text"]:
        content.append({"type": "text", "text": r["text"]})
    for i, t in enumerate(r["tools"]):
        try:
            a = json.loads(args_text(t))
        except ValueError:
            a = {"_raw": args_text(t)}
        content.append({"type": "tool_use", "id": t.get("id") or f"toolu_{rid}_{i}", "name": t["name"], "input": a, "_raw": args_text(t)})
    base = {"id": f"msg_{rid}", "type": "message", "role": "assistant", "model": q.model}
    full = {
        **base,
        "content": [{k: v for k, v in b.items() if k != "_raw"} for b in content],
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": u,
    }

    def e(kind, **d):
        ev.append((kind, {"type": kind, **d}))

    e("message_start", message={**base, "content": [], "stop_reason": None, "stop_sequence": None, "usage": {**u, "output_tokens": 1}})
    e("ping")
    for i, b in enumerate(content):
        if b["type"] == "text":
            e("content_block_start", index=i, content_block={"type": "text", "text": ""})
            for c in chunks(b["text"]):
                e("content_block_delta", index=i, delta={"type": "text_delta", "text": c})
        else:
            e("content_block_start", index=i, content_block={"type": "tool_use", "id": b["id"], "name": b["name"], "input": {}})
            for c in chunks(b["_raw"]):
                e("content_block_delta", index=i, delta={"type": "input_json_delta", "partial_json": c})
        e("content_block_stop", index=i)
    e("message_delta", delta={"stop_reason": stop, "stop_sequence": None}, usage=u)
    e("message_stop")
    return full, ev, u


def r_chat(q: Req, r: dict, cache: PrefixCache, rid: str):
    text = json.dumps([q.body.get("tools"), q.messages])
    n, out = r["usage"].get("input", toks(text)), out_tokens(r)
    u = {
        "prompt_tokens": n,
        "completion_tokens": out,
        "total_tokens": n + out,
        "prompt_tokens_details": {"cached_tokens": cache.openai(text), "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }
    stop = {"max_tokens": "length", "refusal": "stop"}.get(r["stop"], r["stop"]) or ("tool_calls" if r["tools"] else "stop")
    ref = r["text"] if r["stop"] == "refusal" else None
    tcs = [
        {"id": t.get("id") or f"call_{rid}_{i}", "type": "function", "function": {"name": t["name"], "arguments": args_text(t)}}
        for i, t in enumerate(r["tools"])
    ]
    msg = {"role": "assistant", "content": None if ref else (r["text"] or None), "refusal": ref}
    if tcs:
        msg["tool_calls"] = tcs
    base = {"id": f"chatcmpl-{rid}", "created": int(time.time()), "model": q.model, "system_fingerprint": "fp_fake"}
    full = {
        **base,
        "object": "chat.completion",
        "usage": u,
        "choices": [{"index": 0, "message": msg, "logprobs": None, "finish_reason": stop}],
    }
    ev = []

    def e(delta, fin=None, **k):
        ev.append(
            (
                None,
                {
                    **base,
                    "object": "chat.completion.chunk",
                    "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": fin}],
                    **k,
                },
            )
        )

    e({"role": "assistant", "content": ""})
    for c in chunks(r["text"]) if r["text"] else []:
        e({"refusal": c} if ref else {"content": c})
    for i, t in enumerate(tcs):
        e({"tool_calls": [{"index": i, "id": t["id"], "type": "function", "function": {"name": t["function"]["name"], "arguments": ""}}]})
        for c in chunks(t["function"]["arguments"]):
            e({"tool_calls": [{"index": i, "function": {"arguments": c}}]})
    e({}, stop)
    if (q.body.get("stream_options") or {}).get("include_usage"):
        ev.append((None, {**base, "object": "chat.completion.chunk", "choices": [], "usage": u}))
    ev.append((None, "[DONE]"))
    return full, ev, u


def r_responses(q: Req, r: dict, cache: PrefixCache, rid: str):
    text = json.dumps([q.body.get("tools"), q.system, q.messages])
    n, out = r["usage"].get("input", toks(text)), out_tokens(r)
    u = {
        "input_tokens": n,
        "input_tokens_details": {"cached_tokens": cache.openai(text)},
        "output_tokens": out,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": n + out,
    }
    cut = r["stop"] == "max_tokens"
    base = {
        "id": f"resp_{rid}",
        "object": "response",
        "created_at": int(time.time()),
        "model": q.model,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "output": [],
    }
    ev, items, seq = [], [], [0]

    def e(kind, **d):
        ev.append((kind, {"type": kind, "sequence_number": seq[0], **d}))
        seq[0] += 1

    e("response.created", response={**base, "status": "in_progress"})
    e("response.in_progress", response={**base, "status": "in_progress"})
    st = "incomplete" if cut else "completed"
    if r["text"]:
        i, iid = len(items), f"msg_{rid}"
        ref = r["stop"] == "refusal"
        part = (
            {"type": "refusal", "refusal": r["text"]}
            if ref
            else {"type": "output_text", "text": r["text"], "annotations": [], "logprobs": []}
        )
        item = {"type": "message", "id": iid, "status": st, "role": "assistant", "content": [part]}
        e("response.output_item.added", output_index=i, item={**item, "status": "in_progress", "content": []})
        pt = {"item_id": iid, "output_index": i, "content_index": 0}
        e("response.content_part.added", part={**part, ("refusal" if ref else "text"): ""}, **pt)
        k = "response.refusal" if ref else "response.output_text"
        for c in chunks(r["text"]):
            e(k + ".delta", delta=c, **({} if ref else {"logprobs": []}), **pt)
        e(k + ".done", **({"refusal": r["text"]} if ref else {"text": r["text"], "logprobs": []}), **pt)
        e("response.content_part.done", part=part, **pt)
        e("response.output_item.done", output_index=i, item=item)
        items.append(item)
    for j, t in enumerate(r["tools"]):
        i, iid, a = len(items), f"fc_{rid}_{j}", args_text(t)
        custom = q.tool_kinds.get(t["name"]) == "custom" or "input" in t
        kind, key = ("custom_tool_call", "input") if custom else ("function_call", "arguments")
        item = {"type": kind, "id": iid, "call_id": t.get("id") or f"call_{rid}_{j}", "name": t["name"], key: a, "status": st}
        e("response.output_item.added", output_index=i, item={**item, key: "", "status": "in_progress"})
        k = "response.custom_tool_call_input" if custom else "response.function_call_arguments"
        for c in chunks(a):
            e(k + ".delta", item_id=iid, output_index=i, delta=c)
        e(k + ".done", item_id=iid, output_index=i, **{key: a})
        e("response.output_item.done", output_index=i, item=item)
        items.append(item)
    full = {**base, "status": st, "output": items, "usage": u, "incomplete_details": {"reason": "max_output_tokens"} if cut else None}
    e("response.incomplete" if cut else "response.completed", response=full)
    return full, ev, u


RENDER = {"anthropic": r_anthropic, "chat": r_chat, "responses": r_responses}


def error_body(provider: str, status: int, f: dict, rid: str) -> dict:
    msg = f.get("message") or f"fake fault {status}"
    if provider == "anthropic":
        return {
            "type": "error",
            "error": {"type": f.get("type") or ANTHROPIC_ERR.get(status, "api_error"), "message": msg},
            "request_id": f"req_{rid}",
        }
    return {
        "error": {
            "message": msg,
            "type": f.get("type") or OPENAI_ERR.get(status, "server_error"),
            "param": None,
            "code": f.get("code") or (OPENAI_ERR.get(status) if status == 429 else None),
        }
    }


# ---------------------------------------------------------------- server


class Server:
    def __init__(self, script=None, is_main=None, log=None, latency=0.0, tps=0.0, faults=(), models=(), quiet=True):
        self.script = script or (lambda _q: "OK")
        self.is_main = is_main or (lambda _q: True)
        self.logf = Path(log).open("a", buffering=1) if log else None
        self.latency, self.tps, self.quiet = latency, tps, quiet
        self.faults = [parse_fault(s) if isinstance(s, str) else s for s in faults]
        self.models = list(models) or ["fake-model", "claude-fake", "gpt-fake"]
        self.cache = PrefixCache()
        self.calls = self.mains = 0
        self.records: list[dict] = []
        self.t0 = time.time()

    def note(self, rec: dict) -> None:
        self.records.append({k: rec[k] for k in rec if k != "body"})
        if self.logf:
            self.logf.write(json.dumps(rec) + "\n")

    async def handle(self, rd: asyncio.StreamReader, wr: asyncio.StreamWriter) -> None:
        try:
            while await self.one(rd, wr):
                pass
        except Reset:
            s = wr.get_extra_info("socket")
            with contextlib.suppress(OSError):
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            wr.transport.abort()
            return
        except (ConnectionError, asyncio.IncompleteReadError, BrokenPipeError):
            pass
        finally:
            with contextlib.suppress(Exception):
                wr.close()

    async def one(self, rd, wr) -> bool:
        line = await rd.readline()
        if not line.strip():
            return False
        method, target, _ = line.decode("latin1").split(" ", 2)
        h = {}
        while True:
            ln = (await rd.readline()).decode("latin1").strip()
            if not ln:
                break
            k, _, v = ln.partition(":")
            h[k.strip().lower()] = v.strip()
        if h.get("expect", "").lower() == "100-continue":
            wr.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if "chunked" in h.get("transfer-encoding", ""):
            raw = b""
            while True:
                n = int((await rd.readline()).split(b";")[0], 16)
                raw += await rd.readexactly(n)
                await rd.readline()
                if n == 0:
                    break
        else:
            raw = await rd.readexactly(int(h.get("content-length") or 0))
        enc = h.get("content-encoding", "")
        if "gzip" in enc:
            raw = gzip.decompress(raw)
        elif "deflate" in enc:
            raw = zlib.decompress(raw)
        path = target.split("?")[0].rstrip("/") or "/"
        p = re.sub(r"^(/v1)+", "", path) or "/"
        keep = h.get("connection", "").lower() != "close"
        if p.startswith("/__"):
            await self.control(wr, method, p, raw)
            return keep
        try:
            body = json.loads(raw) if raw.strip() else {}
        except ValueError:
            body = {"_unparsed": raw.decode("utf8", "replace")}
        prov = {"/messages": "anthropic", "/chat/completions": "chat", "/responses": "responses"}.get(p)
        if method == "POST" and prov:
            return await self.generate(wr, prov, path, h, body, len(raw)) and keep
        t = time.time()
        st, out = self.simple(method, p, body, h, len(raw))
        self.note(
            {
                "t": round(t - self.t0, 4),
                "kind": "other",
                "method": method,
                "path": path,
                "status": st,
                "chars": len(raw),
                "headers": {k: h[k] for k in h if k in INTERESTING or k.startswith("x-autopack")},
                "body": body,
            }
        )
        await self.send_json(wr, st, out)
        return keep

    def simple(self, method, p, body, h, n):
        if p == "/messages/count_tokens":
            return 200, {"input_tokens": toks(json.dumps({k: body.get(k) for k in ("tools", "system", "messages")}))}
        if p == "/responses/input_tokens":
            n = toks(json.dumps({k: body.get(k) for k in ("tools", "instructions", "input")}))
            return 200, {"object": "response.input_tokens", "input_tokens": n}
        if p == "/embeddings":
            dim = int(body.get("dimensions") or 256)
            inp = body.get("input")
            inp = [inp] if isinstance(inp, str) or (inp and isinstance(inp[0], int)) else list(inp or [])
            data = []
            for i, s in enumerate(inp):
                v = embed(s if isinstance(s, str) else " ".join(map(str, s)), dim)
                if body.get("encoding_format") == "base64":
                    v = base64.b64encode(struct.pack(f"<{dim}f", *v)).decode()
                data.append({"object": "embedding", "index": i, "embedding": v})
            u = sum(toks(str(s)) for s in inp)
            return 200, {
                "object": "list",
                "data": data,
                "model": body.get("model", "fake-embed"),
                "usage": {"prompt_tokens": u, "total_tokens": u},
            }
        if p == "/models" or p.startswith("/models/"):
            anth = "anthropic-version" in h

            def one(m):
                return (
                    {"type": "model", "id": m, "display_name": m, "created_at": "2025-01-01T00:00:00Z"}
                    if anth
                    else {"id": m, "object": "model", "created": 1735689600, "owned_by": "fake"}
                )

            if p != "/models":
                return 200, one(p.split("/", 2)[2])
            d = [one(m) for m in self.models]
            return 200, (
                {"data": d, "has_more": False, "first_id": self.models[0], "last_id": self.models[-1]}
                if anth
                else {"object": "list", "data": d, "models": []}
            )
        return 404, {"error": {"message": f"no {method} {p} here", "type": "invalid_request_error"}}

    async def control(self, wr, method, p, raw):
        if p == "/__reset":
            self.calls = self.mains = 0
            self.records.clear()
            self.cache = PrefixCache()
            cfg = json.loads(raw or b"{}")
            if "faults" in cfg:
                self.faults = [parse_fault(s) for s in cfg["faults"]]
            out: Any = {"ok": True}
        elif p == "/__log":
            out = self.records
        else:
            g = [r for r in self.records if r["kind"] == "gen"]
            out = {
                "calls": self.calls,
                "main": self.mains,
                "prompt_chars": sum(r["chars"] for r in g),
                "prompt_tokens": sum(r["tokens"] for r in g),
                "statuses": [r["status"] for r in g],
            }
        await self.send_json(wr, 200, out)

    async def send_json(self, wr, status, obj, extra=None, raw=None):
        data = raw if raw is not None else json.dumps(obj).encode()
        hd = {"content-type": "application/json", "content-length": str(len(data)), **(extra or {})}
        wr.write(
            (f"HTTP/1.1 {status} {REASON.get(status, 'X')}\r\n" + "".join(f"{k}: {v}\r\n" for k, v in hd.items()) + "\r\n").encode() + data
        )
        await wr.drain()

    async def generate(self, wr, prov, path, h, body, raw_len) -> bool:
        self.calls += 1
        call, rid = self.calls, f"{self.calls:05d}{os.urandom(3).hex()}"
        t = time.time()
        q = parse(prov, path, body, h, raw_len, call)
        main = bool(self.is_main(q))
        if main:
            self.mains += 1
            q.main = self.mains
        rec = {
            "t": round(t - self.t0, 4),
            "kind": "gen",
            "call": call,
            "request_id": f"req_{rid}",
            "main": q.main if main else 0,
            "provider": prov,
            "path": path,
            "model": q.model,
            "stream": q.stream,
            "tools": q.tools,
            "headers": {
                k: (h[k] if k not in ("authorization", "x-api-key") else h[k][:16])
                for k in h
                if k in INTERESTING or k.startswith("x-autopack")
            },
            "chars": raw_len,
            "tokens": math.ceil(raw_len / 4),
            "status": 200,
            "fault": None,
            "done": False,
            "body": body,
        }
        r: dict = {}
        try:
            res = self.script(q)
            if inspect.isawaitable(res):
                res = await res
            r = norm(res)
            if main:
                for lo, hi, f in self.faults:
                    if lo <= q.main <= hi:
                        r["fault"] = dict(f)
            rec["fault"] = r["fault"]
            r = apply_content_fault(r)
            keep = await self.deliver(wr, q, r, rec, rid)
            rec["done"] = True
            return keep
        except Reset:
            rec["status"] = 0
            raise
        except (ConnectionError, asyncio.CancelledError):
            rec["status"] = -1  # the client went away
            raise
        except Exception as ex:  # a bug in the script must be loud
            rec["status"], rec["fault"] = 599, repr(ex)

            traceback.print_exc()
            await self.send_json(wr, 500, {"error": {"message": f"script error {ex!r}", "type": "server_error"}})
            return True
        finally:
            rec["latency"] = round(time.time() - t, 4)
            rec["reply"] = {k: r.get(k) for k in ("text", "tools", "stop")}
            self.note(rec)

    async def as_it_stands(self, wr, wire, rec, rid) -> bool:
        if "events" in wire:
            texts = [(name, data if isinstance(data, str) else json.dumps(data)) for name, data in wire["events"]]
            raw = "".join((f"event: {name}\n" if name else "") + f"data: {text}\n\n" for name, text in texts).encode()
            kind = "text/event-stream"
        else:
            raw, kind = wire["bytes"] if "bytes" in wire else json.dumps(wire["json"]).encode(), "application/json"
        rec["status"] = int(wire.get("status", 200))
        await self.send_json(
            wr, rec["status"], None, {"request-id": f"req_{rid}", "content-type": kind, **wire.get("headers", {})}, raw=raw
        )
        return True

    async def deliver(self, wr, q, r, rec, rid) -> bool:
        if r.get("wire"):
            return await self.as_it_stands(wr, r["wire"], rec, rid)
        f = r["fault"] or {}
        kind = f.get("kind")
        delay = float(r["delay"]) + self.latency + (out_tokens(r) / self.tps if self.tps and not q.stream else 0)
        if delay:
            await asyncio.sleep(delay)
        if kind == "hang":
            await asyncio.sleep(float(f.get("seconds", 30)))
            if f.get("then") == "close":
                raise Reset
        if kind == "reset":
            raise Reset
        if kind == "status" or (kind == "sse_error" and not q.stream):
            st = int(f.get("status", 529 if q.provider == "anthropic" else 500))
            extra = {"request-id": f"req_{rid}"}
            if "retry_after" in f:
                extra["retry-after"] = str(f["retry_after"])
            if "should_retry" in f:
                extra["x-should-retry"] = str(f["should_retry"])
            rec["status"] = st
            await self.send_json(wr, st, error_body(q.provider, st, f, rid), extra)
            return True
        full, ev, usage = RENDER[q.provider](q, r, self.cache, rid)
        rec["usage"] = usage
        idh = {"request-id": f"req_{rid}", "x-request-id": f"req_{rid}"}
        if not q.stream:
            data = json.dumps(full).encode()
            if kind == "malformed":
                data = data[: len(data) // 2] + b" <<not json"
            if kind in ("reset_mid", "hang_mid"):
                cut = len(data) // 2 if kind == "hang_mid" else min(int(f.get("after", 20)), len(data) - 1)
                wr.write(f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(data)}\r\n\r\n".encode() + data[:cut])
                await wr.drain()
                if kind == "reset_mid":
                    await asyncio.sleep(0.05)
                    raise Reset
                await asyncio.sleep(float(f.get("seconds", 30)))
                wr.write(data[cut:])
                await wr.drain()
                return True
            await self.send_json(wr, 200, None, idh, raw=data)
            return True
        wr.write(
            (
                "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n"
                "transfer-encoding: chunked\r\n" + "".join(f"{k}: {v}\r\n" for k, v in idh.items()) + "\r\n"
            ).encode()
        )

        async def put(s: str):
            b = s.encode()
            wr.write(f"{len(b):x}\r\n".encode() + b + b"\r\n")
            await wr.drain()

        sent = 0
        for i, (name, data) in enumerate(ev):
            s = data if isinstance(data, str) else json.dumps(data)
            delta = isinstance(data, dict) and (
                "delta" in data or bool(data.get("choices") and set(data["choices"][0]["delta"]) - {"role"})
            )
            if kind == "malformed" and i == len(ev) // 2:
                s = s[: len(s) // 2] + " <<not json"
            await put((f"event: {name}\n" if name else "") + f"data: {s}\n\n")
            sent += 24 if delta else 0
            if self.tps and delta:
                await asyncio.sleep(6 / self.tps)
            if kind == "reset_mid" and (sent >= int(f.get("after", 20)) or i >= len(ev) - 3):
                await asyncio.sleep(0.05)
                raise Reset
            if kind == "sse_error" and i >= len(ev) // 2:
                st = int(f.get("status", 529 if q.provider == "anthropic" else 500))
                eb = error_body(q.provider, st, f, rid)
                if q.provider == "responses":
                    eb = {"type": "error", "code": "server_error", "message": "fake fault", "param": None, "sequence_number": i}
                await put(("event: error\n" if q.provider != "chat" else "") + f"data: {json.dumps(eb)}\n\n")
                break
            if kind == "hang_mid" and i == len(ev) // 2:
                await asyncio.sleep(float(f.get("seconds", 30)))
        wr.write(b"0\r\n\r\n")
        await wr.drain()
        return True


def parse_fault(spec: str):
    parts = spec.split(":", 2)
    lo, _, hi = parts[0].partition("-")
    f: dict = {"kind": parts[1]}
    for kv in parts[2].split(",") if len(parts) > 2 and parts[2] else []:
        k, _, v = kv.partition("=")
        f[k] = v
    return int(lo), int(hi) if hi else int(lo), f


def load(spec: str):
    path, _, fn = spec.partition(":")
    sp = importlib.util.spec_from_file_location("fakellm_script", path)
    m = importlib.util.module_from_spec(sp)
    sys.modules["fakellm_script"] = m
    sp.loader.exec_module(m)
    return getattr(m, fn or "reply"), getattr(m, "is_main", None)


async def serve(server: Server, port: int = 0, ready=None) -> None:
    s = await asyncio.start_server(server.handle, "127.0.0.1", port, limit=1 << 26)
    if ready:
        ready(s.sockets[0].getsockname()[1])
    async with s:
        await s.serve_forever()


def start_in_thread(**kw):
    """For tests: (base_url, Server). Dies with the process."""

    srv, got, ev = Server(**kw), [], threading.Event()

    def run():
        asyncio.run(serve(srv, 0, lambda p: (got.append(p), ev.set())))

    threading.Thread(target=run, daemon=True).start()
    ev.wait(5)
    return f"http://127.0.0.1:{got[0]}", srv


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--port", type=int, default=0)
    ap.add_argument("--port-file")
    ap.add_argument("--script", help="FILE.py:FUNC")
    ap.add_argument("--log")
    ap.add_argument("--latency", type=float, default=0.0)
    ap.add_argument("--tps", type=float, default=0.0, help="output tokens per second, 0 = at once")
    ap.add_argument("--fault", action="append", default=[])
    ap.add_argument("--model", action="append", default=[])
    a = ap.parse_args()
    fn, im = load(a.script) if a.script else (None, None)
    srv = Server(fn, im, a.log, a.latency, a.tps, a.fault, a.model)

    def ready(p):
        if a.port_file:
            Path(a.port_file + ".tmp").write_text(str(p))
            Path(a.port_file + ".tmp").replace(a.port_file)
        print(f"fakellm on http://127.0.0.1:{p}", flush=True)

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(srv, a.port, ready))


if __name__ == "__main__":
    main()
