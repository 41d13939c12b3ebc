"""What a user's shell, a hook or an alias may say to git, each set to something nasty: every variable that git 2.30 to 2.55 documents.

Left out is what Autopack follows on purpose: who the user is, which configuration and programs of git are used, how it reaches a server.
"""

from pathlib import Path
from typing import Final

_TRACES: Final = (
    *("TRACE", "TRACE_FSMONITOR", "TRACE_PACK_ACCESS", "TRACE_PACKET", "TRACE_PACKFILE", "TRACE_PERFORMANCE", "TRACE_REFS"),
    *("TRACE_SETUP", "TRACE_SHALLOW", "TRACE_CURL", "TRACE2", "TRACE2_EVENT", "TRACE2_PERF"),
)


def nasty_git_variables(folder: Path) -> dict[str, str]:
    """`folder` is not made: whatever lies in it afterwards was written because of one of these."""
    inside, program = f"{folder}/inside", f"touch {folder}.ran; false"
    values = {
        "GIT_DIR": f"{folder}/git-dir",
        "GIT_WORK_TREE": f"{folder}/work-tree",
        "GIT_COMMON_DIR": f"{folder}/common-dir",
        "GIT_INDEX_FILE": f"{folder}/index",
        "GIT_INDEX_VERSION": "9",
        "GIT_OBJECT_DIRECTORY": f"{folder}/objects",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": f"{folder}/alternates",
        "GIT_NAMESPACE": "elsewhere",
        "GIT_SHALLOW_FILE": inside,
        "GIT_GRAFT_FILE": inside,
        "GIT_REPLACE_REF_BASE": "refs/elsewhere/",
        "GIT_NO_REPLACE_OBJECTS": "0",
        "GIT_QUARANTINE_PATH": inside,
        "GIT_PREFIX": "elsewhere/",
        "GIT_IMPLICIT_WORK_TREE": "0",
        "GIT_CONFIG": inside,
        "GIT_CONFIG_COUNT": "nasty",
        "GIT_CONFIG_KEY_0": "core.bare",
        "GIT_CONFIG_VALUE_0": "true",
        "GIT_CONFIG_PARAMETERS": "'core.bare'='true'",
        "GIT_DEFAULT_HASH": "sha256",
        "GIT_DEFAULT_REF_FORMAT": "nasty",
        "GIT_DEFAULT_REF_STORAGE_FORMAT": "nasty",
        "GIT_REF_STORAGE_FORMAT": "nasty",
        "GIT_REFERENCE_BACKEND": "nasty",
        "GIT_TEMPLATE_DIR": f"{folder}/template",
        "GIT_AUTHOR_DATE": "nasty",
        "GIT_COMMITTER_DATE": "nasty",
        "GIT_ATTR_SOURCE": "nasty",
        "GIT_DIFF_OPTS": "--unified=0",
        "GIT_EXTERNAL_DIFF": program,
        "GIT_EXTERNAL_DIFF_TRUST_EXIT_CODE": "true",
        "GIT_DIFF_PATH_COUNTER": "nasty",
        "GIT_DIFF_PATH_TOTAL": "nasty",
        "GIT_DIFF_TOOL": program,
        "GIT_PAGER": program,
        "GIT_PAGER_IN_USE": "1",
        "GIT_EDITOR": program,
        "GIT_SEQUENCE_EDITOR": program,
        "GIT_PROXY_COMMAND": program,
        "GIT_MERGE_VERBOSITY": "9",
        "GIT_MERGE_AUTOEDIT": "yes",
        "GIT_PROGRESS_DELAY": "0",
        "GIT_PRINT_SHA1_ELLIPSIS": "yes",
        "GIT_FLUSH": "nasty",
        "GIT_OPTIONAL_LOCKS": "1",
        "GIT_LITERAL_PATHSPECS": "0",
        "GIT_GLOB_PATHSPECS": "1",
        "GIT_NOGLOB_PATHSPECS": "1",
        "GIT_ICASE_PATHSPECS": "1",
        "GIT_NOTES_REF": "nasty",
        "GIT_NOTES_DISPLAY_REF": "nasty",
        "GIT_REFLOG_ACTION": "nasty",
        "GIT_REF_PARANOIA": "nasty",
        "GIT_PUSH_OPTION_COUNT": "nasty",
        "GIT_PROTOCOL": "version=9",
        "GIT_TERMINAL_PROMPT": "1",
        "GIT_TRACE_REDACT": "0",
        "GIT_FORCE_UNTRACKED_CACHE": "1",
        "GIT_REDIRECT_STDIN": inside,
        "GIT_REDIRECT_STDOUT": inside,
        "GIT_REDIRECT_STDERR": inside,
    }
    return {**values, **{f"GIT_{name}": f"{folder}.trace" for name in _TRACES}}
