"""Lines as test runners and compilers print them where a check is red: (fault, tool, line)."""

from typing import Final

SAMPLES: Final = (
    ("import", "vitest", 'Error: Failed to resolve import "./cart" from "src/shop.test.ts". Does the file exist?'),
    ("import", "node", "SyntaxError: The requested module './a.js' does not provide an export named 'b'"),
    ("syntax", "pytest", "E   SyntaxError: '(' was never closed"),
    ("syntax", "unittest", "SyntaxError: invalid syntax"),
    ("syntax", "jest", "    Jest encountered an unexpected token"),
    ("syntax", "jest", "    SyntaxError: /w/src/a.js: Unexpected token (3:8)"),
    ("syntax", "vitest", "Error: Transform failed with 1 error:"),
    ("syntax", "go", "./shop.go:7:2: syntax error: unexpected newline, expected comma or )"),
    ("syntax", "cargo", "error: expected `;`, found `}`"),
    ("syntax", "tsc", "src/shop.ts(4,7): error TS1005: ';' expected."),
    ("import", "pytest", "E   ModuleNotFoundError: No module named 'shop.cart'"),
    ("import", "unittest", "ImportError: cannot import name 'total' from 'shop'"),
    ("import", "jest", "    Cannot find module './cart' from 'src/shop.test.js'"),
    ("import", "node", "Error [ERR_MODULE_NOT_FOUND]: Cannot find module '/w/cart.js'"),
    ("import", "go", "shop.go:3:8: package shop/cart is not in std"),
    ("import", "cargo", "error[E0432]: unresolved import `crate::cart`"),
    ("import", "tsc", "src/shop.ts(1,22): error TS2307: Cannot find module './cart' or its corresponding type declarations."),
    ("logic", "pytest", "E       assert 3 == 4"),
    ("logic", "unittest", "AssertionError: 3 != 4"),
    ("logic", "jest", "    expect(received).toBe(expected) // Object.is equality"),
    ("logic", "vitest", " AssertionError: expected 3 to be 4 // Object.is equality"),
    ("logic", "go", "--- FAIL: TestTotal (0.00s)"),
    ("logic", "cargo", "assertion `left == right` failed"),
)
