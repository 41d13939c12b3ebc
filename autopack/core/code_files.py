"""Which files are code, by the end of their name."""

from typing import Final

CODE_SUFFIXES: Final = (
    *(".py", ".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".rb", ".go", ".rs", ".sh", ".java", ".kt", ".php", ".cs"),
    *(".c", ".h", ".cc", ".cpp", ".hpp", ".swift", ".scala"),
)
