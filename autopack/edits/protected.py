"""Protected names: what no edit may ever touch, and what it may only where the scope names that exact file."""

import re
from functools import lru_cache
from typing import Final

from autopack.core.tool_made import is_tool_made
from autopack.edits.names import name_key

# All names are compared with `name_key` of a path: case-folded, at any depth. A final "/" means everything below.
_NEVER: Final = re.compile(
    r"\.git|git~\d+|\.gitmodules|gitmod~\d+|gi7eba~\d+|\.autonomous_runs|autono~\d+|autopack\.db.*|autopa~\d+(?:\.db.*)?",
    re.DOTALL,
)
_ENV: Final = re.compile(r"\.env.*", re.DOTALL)
_ENV_TEMPLATE: Final = re.compile(r"\.env(?:.*\.)?(?:example|sample|template)", re.DOTALL)

_CI: Final = "a CI definition"
_CREDENTIALS: Final = "a credentials file"
_KEY: Final = "key material"
_RUNS: Final = "a file that runs by being there"
_AGENT: Final = "a rule file of an agent"
_ENVIRONMENT: Final = "an environment file"
_GIT: Final = "a file that tells git what to ignore or to convert"
_TOOL_MADE: Final = "a file that a tool writes (a plan's `derive` steps make it)"

_TABLES: Final[dict[str, str]] = {
    _CI: """
        .github/workflows/ .github/actions/ .gitea/workflows/ .forgejo/workflows/ .gitlab/ci/ .circleci/ .buildkite/ .woodpecker/
        .azure-pipelines/ .semaphore/ .teamcity/ .tekton/ .builds/ bamboo-specs/ .gitlab-ci.yml .gitlab-ci.yaml .travis.yml
        bitbucket-pipelines.yml .drone.yml .drone.yaml .drone.star .drone.jsonnet .woodpecker.yml .woodpecker.yaml appveyor.yml
        .appveyor.yml .cirrus.yml .cirrus.star .build.yml buildspec.yml buildspec.yaml cloudbuild.yaml cloudbuild.yml wercker.yml
        codefresh.yml
    """,
    _CREDENTIALS: """
        .npmrc .yarnrc .yarnrc.yml .pnpmrc .pypirc pip.conf pip.ini .netrc _netrc .pgpass .my.cnf .git-credentials .gitconfig
        .dockercfg .docker/config.json .cargo/ .gem/credentials .gemrc .bundle/config .condarc nuget.config .m2/settings.xml
        .m2/settings-security.xml .composer/auth.json .terraformrc .vault-token .htpasswd .aws/ .azure/ .kube/ .gcloud/
        .config/gh/ .config/git/ .config/gcloud/ .config/pip/ .s3cfg .boto .kaggle/ .databrickscfg kubeconfig credentials.json
        service-account.json client_secret.json application_default_credentials.json
    """,
    _KEY: ".ssh/ .gnupg/ id_rsa id_dsa id_ecdsa id_ed25519 id_ecdsa_sk id_ed25519_sk authorized_keys secring.gpg",
    _RUNS: """
        .envrc .direnv/ .vscode/ .vscode-server/ .idea/ .fleet/ .zed/ .vs/ .run/ .devcontainer/ .devcontainer.json .husky/
        .githooks/ .git-hooks/ lefthook.yml lefthook.yaml .lefthook.yml .lefthook.yaml .lefthook/ .overcommit.yml .pre-commit-config.yaml
        .pre-commit-config.yml .mise.toml mise.toml .mise/ .rtx.toml .pnpmfile.cjs .pnpmfile.mjs .yarn/releases/ .yarn/plugins/
        .pdbrc .pdbrc.py .gdbinit .lldbinit .vimrc .nvimrc .exrc .nvim.lua .dir-locals.el .bashrc .bash_profile
        .profile .zshrc .zshenv .zprofile .inputrc .irbrc .pryrc .rprofile .psqlrc .sqliterc ipython_config.py .ipython/ .jupyter/
        .autopack/ sitecustomize/ usercustomize/
    """,
    _AGENT: """
        .mcp.json agents.md agents.override.md claude.md claude.local.md gemini.md .claude/ .claude.json
        .cursor/ .cursorrules .windsurf/ .windsurfrules .clinerules .clinerules/ .roo/ .roomodes .roorules .continue/
        .continuerules .aider.conf.yml .aider.model.settings.yml .aiderrules .codex/ .gemini/ .kiro/ .junie/ .amazonq/ .goosehints
        .opencode/ opencode.json opencode.jsonc .trae/ .agents/ .agent/ .augment/ .augment-guidelines .rules .openhands/ .qwen/
        .crush/ .crush.json crush.json .factory/ .copilot/ .github/copilot-instructions.md copilot-instructions.md
        .github/instructions/ .github/prompts/ .github/chatmodes/ .github/agents/ .github/hooks/ .github/skills/
    """,
}
_GIT_RULES: Final = frozenset({".gitignore", ".gitattributes", ".lfsconfig"})
_DOCUMENTS: Final = frozenset({"agents.md", "claude.md", "gemini.md"})  # in small letters, below the root, an ordinary page
_LEAVES: Final[dict[str, re.Pattern[str]]] = {
    _CI: re.compile(r"jenkinsfile(?:[.-](?!(?:md|rst|txt|html|py)\Z).*)?|.*\.jenkinsfile|azure-pipelines.*\.ya?ml", re.DOTALL),
    _KEY: re.compile(r".*\.(?:pem|key|p12|pfx|p8|pk8|jks|keystore|ppk|kdbx)", re.DOTALL),
    _RUNS: re.compile(r"(?:sitecustomize|usercustomize)(?:\..*)?|.*\.(?:pth|egg-link|code-workspace)", re.DOTALL),
}


def never_allowed(path: str) -> str | None:
    """The component that no scope opens (git's own files, Autopack's own state), or ``None``."""
    return next((part for part in path.split("/") if _NEVER.fullmatch(name_key(part))), None)


def needs_exact_scope(path: str) -> str | None:
    """What the file is, if it may be changed only where the scope names that exact file; else ``None``."""
    *parents, leaf = parts = name_key(path).split("/")
    if any(_ENV.fullmatch(part) for part in parents) or (leaf != ".envrc" and _ENV.fullmatch(leaf) and not _ENV_TEMPLATE.fullmatch(leaf)):
        return _ENVIRONMENT
    if leaf in _GIT_RULES:
        return _GIT
    if len(parts) > 1 and leaf in _DOCUMENTS and path.endswith(leaf):
        return None
    named = _lookup()
    for start in range(len(parts)):
        for end in range(start + 1, min(start + 2, len(parts)) + 1):
            name = "/".join(parts[start:end])
            kind = named.get(name + "/") or (named.get(name) if end == len(parts) else None)
            if kind:
                return kind
    kind = next((kind for kind, pattern in _LEAVES.items() if pattern.fullmatch(leaf)), None)
    return kind or (_TOOL_MADE if is_tool_made(leaf) else None)


def is_ci(path: str) -> bool:
    """Whether the file is a CI definition."""
    return needs_exact_scope(path) == _CI


def steers_git(path: str) -> bool:
    """Whether git goes by that file in deciding what it ignores, converts or hands to a filter."""
    return name_key(path).rpartition("/")[2] in _GIT_RULES


@lru_cache(maxsize=1)
def _lookup() -> dict[str, str]:
    return {name: kind for kind, names in _TABLES.items() for name in names.split()}
