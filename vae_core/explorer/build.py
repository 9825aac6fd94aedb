"""Joins the browser modules of `web/` into one text, since modules cannot import each other from file://.

The modules keep to a small part of the language, so that joining needs no parser: imports of the form
`import {a, b} from './x.js';` (no renaming), `export` before a declaration, top-level names that are unique
across modules, template literals that close on their line, block comments on lines of their own. Anything
else is a ValueError that names the file.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path

WEB = Path(__file__).parent / "web"
PUBLIC = frozenset(
    {
        "mount",
        "mountDirections",
        "mountMini",
        "mountPath",
        "mountReplay",
        "createDecoder",
        "createEncoder",
        "parseBundle",
        "parseExtras",
    }
)

_IMPORT = re.compile(r"^import \{([^}]*)\} from '\./([\w-]+\.js)';\n", re.MULTILINE)
_DECLARATION = re.compile(
    r"^(export )?(?:async )?(?:function\*?|class|const|let|var) ([\w$]+|[{\[])", re.MULTILINE
)
_TRAILING = re.compile(r"\s+// .*$")


@cache
def runtime_js(names: Collection[str] = PUBLIC, without: Collection[str] = frozenset()) -> str:
    """The modules of `web/` as one ES module that exports these of the PUBLIC names alone.

    With fewer names only the modules that those need are in it; `without` are modules of features
    (`features.js`) that are left out, such as draw.js. Both are frozen sets.
    """
    modules = {path.name: path.read_text("utf-8") for path in WEB.glob("*.js")}
    modules["features.js"] = _fewer_features(modules["features.js"], without)
    if names == PUBLIC:
        return join(modules)
    roots = [name for name, text in modules.items() if set(_exported(text)) & set(names)]
    return join({name: modules[name] for name in _order(modules, roots)}, frozenset(names))


@cache
def runtime_css() -> str:
    """The style sheets of `web/`, joined, without comments and indentation."""
    text = "\n".join(path.read_text("utf-8") for path in sorted(WEB.glob("*.css")))
    lines = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).splitlines()
    return "".join(line.strip() + "\n" for line in lines if line.strip())


def join(modules: Mapping[str, str], public: Collection[str] = PUBLIC) -> str:
    """One module text from `{file name: text}`, imported modules before those that import them.

    It exports the `public` names.

    Raises ValueError where joining would change what a module means.
    """
    owners: dict[str, str] = {}
    exports: dict[str, set[str]] = {}
    for name, text in sorted(modules.items()):
        exports[name] = set()
        for exported, declared in _DECLARATION.findall(text):
            if declared in "{[":
                raise ValueError(f"{name}: declare top-level names one by one, without destructuring.")
            if declared in owners:
                raise ValueError(f"{declared} is declared in {owners[declared]} and in {name}.")
            owners[declared] = name
            if exported:
                exports[name].add(declared)
    texts = (_body(name, modules[name], exports, public) for name in _order(modules, modules))
    return "".join(texts)


def _exported(text: str) -> list[str]:
    return [declared for exported, declared in _DECLARATION.findall(text) if exported]


def _fewer_features(text: str, without: Collection[str]) -> str:
    """The text of features.js without the features of these modules."""
    for imported, source in _IMPORT.findall(text):
        if source in without:
            text = re.sub(rf"(\.\.\.)?\b{imported.strip()}\b, ?", "", text)  # in the list of features
            text = text.replace(f"import {{{imported}}} from './{source}';\n", "")
    return text


def _order(modules: Mapping[str, str], roots: Iterable[str]) -> list[str]:
    """File names of these and of what they import, each after the ones it imports."""
    order: list[str] = []

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise ValueError(f"{' -> '.join((*path, name))}: modules import each other in a circle.")
        if name not in modules:
            raise ValueError(f"{path[-1]} imports {name}, which is not there.")
        if name not in order:
            for needed in sorted(source for _, source in _IMPORT.findall(modules[name])):
                visit(needed, (*path, name))
            order.append(name)

    for name in sorted(roots):
        visit(name, ())
    return order


def _body(name: str, text: str, exports: Mapping[str, set[str]], public: Collection[str]) -> str:
    """A module's text without imports, comments and indentation; only `public` names stay exported."""
    for imported, source in _IMPORT.findall(text):
        for wanted in (part.strip() for part in imported.split(",") if part.strip()):
            if wanted not in exports[source]:
                raise ValueError(f"{name} imports {wanted} from {source}, which does not export it.")
    lines = _code_lines(name, _IMPORT.sub("", text))
    kept = (line.removeprefix("export ") if _is_private(line, public) else line for line in lines)
    joined = "".join(line + "\n" for line in kept)
    if re.search(r"</script|<!--", joined, re.IGNORECASE):
        raise ValueError(f"{name} holds </script or <!--, which would end a script inside a page.")
    return joined


def _is_private(line: str, public: Collection[str]) -> bool:
    declaration = _DECLARATION.match(line)
    return bool(declaration and declaration[1] and declaration[2] not in public)


def _code_lines(name: str, text: str) -> list[str]:
    lines = []
    in_comment = False
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if in_comment or line.startswith("/*"):
            in_comment = "*/" not in line
            if not in_comment and not line.endswith("*/"):
                raise ValueError(f"{name}:{number}: code after a block comment; put it on a line of its own.")
            continue
        if not line or line.startswith("//"):
            continue
        line = _without_trailing_comment(line)
        if line.count("`") % 2:
            raise ValueError(f"{name}:{number}: a template literal must close on its line.")
        if re.match(r"(import|export)\b", line) and not _DECLARATION.match(line):
            raise ValueError(f"{name}:{number}: this form of import or export is not joined: {line}")
        lines.append(line)
    return lines


def _without_trailing_comment(line: str) -> str:
    """The line without ` // ...` at its end, unless that might be inside a string."""
    found = _TRAILING.search(line)
    if found and all(line[: found.start()].count(quote) % 2 == 0 for quote in "'\"`"):
        return line[: found.start()]
    return line
