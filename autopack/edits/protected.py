"""Protected names: what no edit may ever touch, and what it may only where the scope names that exact file."""

import re
from functools import lru_cache
from typing import Final

from autopack.edits.names import name_key

# All tables are compared with `name_key` of a path: case-folded, at any depth. A final "/" means everything below.
_NEVER_COMPONENT: Final = re.compile(r"\.git|git~\d+|\.gitmodules|gitmod~\d+|gi7eba~\d+|\.autonomous_runs|autono~\d+|autopack\.db.*|autopa~\d+(?:\.db.*)?")

_CI: Final = (
    *(".github/workflows/", ".github/actions/", ".gitea/workflows/", ".forgejo/workflows/", ".gitlab/ci/", ".circleci/", ".buildkite/", ".woodpecker/"),
    *(".azure-pipelines/", ".semaphore/", ".teamcity/", ".tekton/", ".builds/", "bamboo-specs/", ".gitlab-ci.yml", ".gitlab-ci.yaml", ".travis.yml"),
    *("bitbucket-pipelines.yml", ".drone.yml", ".drone.yaml", ".drone.star", ".drone.jsonnet", ".woodpecker.yml", ".woodpecker.yaml", "appveyor.yml"),
    *(".appveyor.yml", ".cirrus.yml", ".cirrus.star", ".build.yml", "buildspec.yml", "buildspec.yaml", "cloudbuild.yaml", "cloudbuild.yml"),
    *("wercker.yml", "codefresh.yml"),
)
_CREDENTIALS: Final = (
    *(".npmrc", ".yarnrc", ".yarnrc.yml", ".pnpmrc", ".pypirc", "pip.conf", "pip.ini", ".netrc", "_netrc", ".pgpass", ".my.cnf", ".git-credentials"),
    *(".gitconfig", ".dockercfg", ".docker/config.json", ".cargo/", ".gem/credentials", ".gemrc", ".bundle/config", ".condarc", "nuget.config"),
    *(".m2/settings.xml", ".m2/settings-security.xml", ".composer/auth.json", ".terraformrc", ".vault-token", ".htpasswd", ".aws/", ".azure/"),
    *(".kube/", ".gcloud/", ".config/gh/", ".config/git/", ".config/gcloud/", ".config/pip/"),
)
_KEYS: Final = (".ssh/", ".gnupg/", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_ecdsa_sk", "id_ed25519_sk", "authorized_keys", "secring.gpg")
_RUNS_BY_BEING_THERE: Final = (
    *(".envrc", ".direnv/", ".vscode/", ".vscode-server/", ".idea/", ".fleet/", ".zed/", ".vs/", ".run/", ".devcontainer/", ".devcontainer.json"),
    *(".husky/", ".githooks/", "lefthook.yml", "lefthook.yaml", ".lefthook.yml", ".lefthook.yaml", ".lefthook/", ".overcommit.yml"),
    *(".pre-commit-config.yaml", ".pre-commit-config.yml", ".mise.toml", "mise.toml", ".mise/", ".rtx.toml", ".pnpmfile.cjs", ".pnpmfile.mjs"),
    *(".yarn/releases/", ".yarn/plugins/", "bunfig.toml", ".pdbrc", ".pdbrc.py", ".gdbinit", ".lldbinit", ".vimrc", ".nvimrc", ".exrc", ".nvim.lua"),
    *(".dir-locals.el", ".bashrc", ".bash_profile", ".profile", ".zshrc", ".zshenv", ".zprofile", ".inputrc", ".irbrc", ".pryrc", ".rprofile"),
    *(".psqlrc", ".sqliterc", "ipython_config.py", ".ipython/", ".jupyter/", ".autopack/"),
)
_AGENT_RULES: Final = (
    *(".mcp.json", "mcp.json", "agents.md", "agents.override.md", "agent.md", "claude.md", "claude.local.md", "gemini.md", ".claude/", ".claude.json"),
    *(".cursor/", ".cursorrules", ".windsurf/", ".windsurfrules", ".clinerules", ".clinerules/", ".roo/", ".roomodes", ".roorules", ".continue/"),
    *(".continuerules", ".aider.conf.yml", ".aider.model.settings.yml", ".aiderrules", ".codex/", ".gemini/", ".kiro/", ".junie/", ".amazonq/"),
    *(".goosehints", ".opencode/", "opencode.json", "opencode.jsonc", ".trae/", ".agents/", ".agent/", ".augment/", ".augment-guidelines", ".rules"),
    *(".openhands/", ".qwen/", ".crush/", ".crush.json", "crush.json", ".factory/", ".github/copilot-instructions.md", ".github/instructions/"),
    *(".github/prompts/", ".github/chatmodes/", ".github/agents/", ".github/hooks/", ".github/skills/", ".copilot/", "copilot-instructions.md"),
)
_PATTERNS: Final[dict[str, str]] = {  # of the last component, but `.env` of any
    "a CI definition": r"jenkinsfile.*|.*\.jenkinsfile|azure-pipelines.*\.ya?ml",
    "key material": r".*\.(?:pem|key|p12|pfx|p8|pk8|jks|keystore|ppk|kdbx)",
    "a file that runs by being there": r"(?:sitecustomize|usercustomize)(?:\..*)?|.*\.(?:pth|egg-link|code-workspace)",
}
_ENV: Final = re.compile(r"\.env.*")
_ENV_TEMPLATE: Final = re.compile(r"\.env.*\.(?:example|sample|template)|\.env(?:example|sample|template)")
_TABLES: Final[dict[str, tuple[str, ...]]] = {
    "a CI definition": _CI,
    "a credentials file": _CREDENTIALS,
    "key material": _KEYS,
    "a file that runs by being there": _RUNS_BY_BEING_THERE,
    "a rule file of an agent": _AGENT_RULES,
}


def never_allowed(path: str) -> str | None:
    """The component that no scope opens (git's own files, Autopack's own state), or ``None``."""
    return next((part for part in path.split("/") if _NEVER_COMPONENT.fullmatch(name_key(part))), None)


def needs_exact_scope(path: str) -> str | None:
    """What the file is, if it may be changed only where the scope names that exact file; else ``None``."""
    *parents, leaf = parts = name_key(path).split("/")
    if any(_ENV.fullmatch(part) for part in parents) or (_ENV.fullmatch(leaf) and not _ENV_TEMPLATE.fullmatch(leaf) and leaf != ".envrc"):
        return "an environment file"
    if any(part in ("sitecustomize", "usercustomize") for part in parents):
        return "a file that runs by being there"
    files, directories = _lookup()
    for start in range(len(parts)):
        for end in range(start + 1, min(start + 3, len(parts)) + 1):
            name = "/".join(parts[start:end])
            kind = files.get(name) if end == len(parts) else directories.get(name)
            if kind:
                return kind
    return next((kind for kind, pattern in _patterns() if pattern.fullmatch(leaf)), None)


@lru_cache(maxsize=1)
def _lookup() -> tuple[dict[str, str], dict[str, str]]:
    files = {name: kind for kind, names in _TABLES.items() for name in names if not name.endswith("/")}
    directories = {name[:-1]: kind for kind, names in _TABLES.items() for name in names if name.endswith("/")}
    return files, directories


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(pattern)) for kind, pattern in _PATTERNS.items())
