"""The texts of the npm workspace case: its base tree, and each phase's files before and after."""

import json
from collections.abc import Mapping
from typing import Any, Final

from tests.support.oracle import FileChange, changes_between

DEPENDENCY: Final = "is-number"
VERSION: Final = "7.0.0"
RESULTS: Final = "junit.xml"
CHECK: Final = f"node --test --test-reporter=junit --test-reporter-destination={RESULTS} packages/*/test/*.test.js"
LOCK: Final = "package-lock.json"


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=2) + "\n"


def _package(name: str, dependencies: Mapping[str, str]) -> dict[str, Any]:
    return {"name": f"@shop/{name}", "version": "1.0.0", "main": "index.js", "license": "MIT", "dependencies": dict(dependencies)}


def _locked(name: str, dependencies: Mapping[str, str]) -> dict[str, Any]:
    package = _package(name, dependencies)
    return {key: package[key] for key in ("name", "version", "license", "dependencies") if package[key]}


ROOT: Final = {"name": "shop", "version": "1.0.0", "private": True, "workspaces": ["packages/*"], "scripts": {"test": CHECK}}
A_NEEDS_B: Final = {"@shop/b": "1.0.0"}
BASE_LOCK: Final = {
    "name": "shop",
    "version": "1.0.0",
    "lockfileVersion": 3,
    "requires": True,
    "packages": {
        "": {"name": "shop", "version": "1.0.0", "workspaces": ["packages/*"]},
        "node_modules/@shop/a": {"resolved": "packages/a", "link": True},
        "node_modules/@shop/b": {"resolved": "packages/b", "link": True},
        "packages/a": _locked("a", A_NEEDS_B),
        "packages/b": _locked("b", {}),
    },
}
BASE: Final[Mapping[str, str]] = {
    ".gitignore": f"node_modules/\n{RESULTS}\n",
    "README.md": "# Shop\n\nPackage `a` sells, package `b` formats.\n",
    "package.json": _json(ROOT),
    LOCK: _json(BASE_LOCK),
    "packages/a/package.json": _json(_package("a", A_NEEDS_B)),
    "packages/a/index.js": """'use strict';
const { format } = require('@shop/b');

function label(name, cents) {
  return `${name}: ${format(cents)}`;
}

module.exports = { label };
""",
    "packages/a/test/a.test.js": """'use strict';
const test = require('node:test');
const assert = require('node:assert');
const { label } = require('..');

test('a label names the thing and its price', () => {
  assert.match(label('tea', 250), /^tea: .*2\\.50$/);
});
""",
    "packages/b/package.json": _json(_package("b", {})),
    "packages/b/index.js": """'use strict';

function format(cents) {
  return (cents / 100).toFixed(2);
}

module.exports = { format };
""",
    "packages/b/test/b.test.js": """'use strict';
const test = require('node:test');
const assert = require('node:assert');
const { format } = require('..');

test('cents become a price', () => {
  assert.strictEqual(format(250), '2.50');
});
""",
}

B_FORMATS: Final[Mapping[str, str]] = {
    "packages/b/index.js": """'use strict';

function format(cents, sign = '') {
  const minus = cents < 0 ? '-' : '';
  return `${minus}${sign}${(Math.abs(cents) / 100).toFixed(2)}`;
}

module.exports = { format };
""",
    "packages/b/test/b.test.js": """'use strict';
const test = require('node:test');
const assert = require('node:assert');
const { format } = require('..');

test('cents become a price', () => {
  assert.strictEqual(format(250), '2.50');
});

test('the sign stands after the minus', () => {
  assert.strictEqual(format(-5), '-0.05');
  assert.strictEqual(format(-1234, '€'), '-€12.34');
});
""",
}

A_REFUSES: Final[Mapping[str, str]] = {
    "packages/a/package.json": _json(_package("a", {**A_NEEDS_B, DEPENDENCY: VERSION})),
    "packages/a/index.js": """'use strict';
const isNumber = require('is-number');
const { format } = require('@shop/b');

function label(name, cents) {
  if (!isNumber(cents)) throw new TypeError(`the price of ${name} is no number`);
  return `${name}: ${format(Number(cents))}`;
}

module.exports = { label };
""",
    "packages/a/test/a.test.js": """'use strict';
const test = require('node:test');
const assert = require('node:assert');
const { label } = require('..');

test('a label names the thing and its price', () => {
  assert.match(label('tea', 250), /^tea: .*2\\.50$/);
});

test('a price that is no number is refused', () => {
  assert.throws(() => label('tea', 'x'), TypeError);
  assert.strictEqual(label('tea', '250'), 'tea: 2.50');
});
""",
}

A_TOTALS: Final[Mapping[str, str]] = {
    "README.md": "# Shop\n\nPackage `a` sells, package `b` formats.\n`total([100, 23])` is `€1.23`.\n",
    "packages/a/index.js": """'use strict';
const isNumber = require('is-number');
const { format } = require('@shop/b');

function label(name, cents) {
  if (!isNumber(cents)) throw new TypeError(`the price of ${name} is no number`);
  return `${name}: ${format(Number(cents))}`;
}

function total(prices) {
  return format(prices.reduce((sum, cents) => sum + cents, 0), '€');
}

module.exports = { label, total };
""",
    "packages/a/test/total.test.js": """'use strict';
const test = require('node:test');
const assert = require('node:assert');
const { total } = require('..');

test('a total is formatted by package b as the candidate has it', () => {
  assert.strictEqual(total([100, 23]), '€1.23');
  assert.strictEqual(total([-100]), '-€1.00');
});
""",
}

PHASES: Final[Mapping[str, tuple[FileChange, ...]]] = {
    "b-formats": changes_between(BASE, B_FORMATS),
    "a-refuses": changes_between({**BASE, **B_FORMATS}, A_REFUSES),
    "a-totals": changes_between({**BASE, **B_FORMATS, **A_REFUSES}, A_TOTALS),
}
