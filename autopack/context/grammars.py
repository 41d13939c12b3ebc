"""Which grammar reads a file, and what opens a symbol in it, as queries of tree-sitter: ``@symbol`` with its ``@name``."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Grammar:
    """``module`` is an installed package of the extra ``languages``; its ``function`` gives the language."""

    module: str
    query: str
    function: str = "language"


def grammar_for(extension: str) -> Grammar | None:
    return _BY_EXTENSION.get(extension)


def _named(*kinds: str) -> str:
    return "\n".join(f"({kind} name: (_) @name) @symbol" for kind in kinds)


_FUNCTIONS: Final = "[(arrow_function) (function_expression) (class)]"
_SCRIPT: Final = f"""
{_named("function_declaration", "generator_function_declaration", "class_declaration", "method_definition")}
(variable_declarator name: (identifier) @name value: {_FUNCTIONS}) @symbol
(assignment_expression left: [(identifier) @name (member_expression property: (_) @name)] right: {_FUNCTIONS}) @symbol
(pair key: (_) @name value: [(arrow_function) (function_expression)]) @symbol
"""
_TYPED: Final = f"""{_SCRIPT}
{_named("abstract_class_declaration", "interface_declaration", "type_alias_declaration", "enum_declaration", "internal_module", "module")}
(public_field_definition name: (_) @name value: {_FUNCTIONS}) @symbol
"""
_FUNCTION_OF_C: Final = "(function_declarator declarator: (_) @name)"
_C: Final = f"""
{_named("preproc_def", "preproc_function_def")}
(function_definition declarator: {_FUNCTION_OF_C}) @symbol
(function_definition declarator: (pointer_declarator declarator: {_FUNCTION_OF_C})) @symbol
(function_definition declarator: (pointer_declarator declarator: (pointer_declarator declarator: {_FUNCTION_OF_C}))) @symbol
(struct_specifier name: (_) @name body: (_)) @symbol
(union_specifier name: (_) @name body: (_)) @symbol
(enum_specifier name: (_) @name body: (_)) @symbol
(type_definition declarator: (_) @name) @symbol
"""
_CPP: Final = f"""{_C}
(function_definition declarator: (reference_declarator {_FUNCTION_OF_C})) @symbol
(class_specifier name: (_) @name body: (_)) @symbol
(namespace_definition name: (_) @name) @symbol
"""
_GO: Final = _named("function_declaration", "method_declaration", "type_spec", "type_alias")
_RUST: Final = f"""
{_named("function_item", "struct_item", "enum_item", "union_item", "trait_item", "mod_item", "macro_definition", "type_item")}
(impl_item type: (_) @name) @symbol
"""
_TYPES: Final = ("class_declaration", "interface_declaration", "enum_declaration", "record_declaration")
_JAVA: Final = _named(*_TYPES, "annotation_type_declaration", "method_declaration", "constructor_declaration")
_SHARP: Final = _named(
    *(*_TYPES, "struct_declaration", "namespace_declaration", "delegate_declaration"),
    *("method_declaration", "constructor_declaration", "property_declaration"),
)
_RUBY: Final = _named("class", "module", "method", "singleton_method")
_PHP: Final = _named(*_TYPES[:3], "trait_declaration", "function_definition", "method_declaration")

_GRAMMARS: Final[dict[str, Grammar]] = {
    "js jsx mjs cjs": Grammar("tree_sitter_javascript", f"{_SCRIPT}(field_definition property: (_) @name value: {_FUNCTIONS}) @symbol"),
    "ts mts cts": Grammar("tree_sitter_typescript", _TYPED, "language_typescript"),
    "tsx": Grammar("tree_sitter_typescript", _TYPED, "language_tsx"),
    "go": Grammar("tree_sitter_go", _GO),
    "rs": Grammar("tree_sitter_rust", _RUST),
    "java": Grammar("tree_sitter_java", _JAVA),
    "c": Grammar("tree_sitter_c", _C),
    "h cc cpp cxx hh hpp": Grammar("tree_sitter_cpp", _CPP),
    "rb": Grammar("tree_sitter_ruby", _RUBY),
    "php": Grammar("tree_sitter_php", _PHP, "language_php"),
    "cs": Grammar("tree_sitter_c_sharp", _SHARP),
}
_BY_EXTENSION: Final = {extension: grammar for extensions, grammar in _GRAMMARS.items() for extension in extensions.split()}

HOLDS_SYMBOLS: Final = frozenset(
    {
        *("class_declaration", "abstract_class_declaration", "interface_declaration", "enum_declaration", "record_declaration"),
        *("internal_module", "module", "namespace_declaration", "namespace_definition", "trait_declaration", "struct_declaration"),
        *("class_specifier", "struct_specifier", "union_specifier", "impl_item", "trait_item", "mod_item", "class", "type_definition"),
        *("annotation_type_declaration",),
    }
)
"""What is a symbol within these is one, too; within a function it is not."""

BEFORE_SYMBOLS: Final = frozenset({"comment", "line_comment", "block_comment", "attribute_item", "decorator"})
"""What stands right above a symbol and belongs to it."""

AROUND_SYMBOLS: Final = frozenset({"export_statement", "template_declaration", "ambient_declaration"})
"""What may begin above a symbol, and is a part of it."""
