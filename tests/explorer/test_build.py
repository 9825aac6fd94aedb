"""build.py: the joined runtime is the modules, and modules that cannot be joined are refused."""

import re
import subprocess
from pathlib import Path

import pytest

from vae_core.explorer.build import PUBLIC, join, runtime_css, runtime_js


@pytest.mark.node
def test_runtime_is_one_module_with_the_public_names(node: str, tmp_path: Path) -> None:
    (tmp_path / "runtime.mjs").write_text(runtime_js(), "utf-8")
    script = f"console.log(Object.keys(await import({str(tmp_path / 'runtime.mjs')!r})).sort().join())"
    command = [node, "--input-type=module", "-e", script]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert set(result.stdout.strip().split(",")) == PUBLIC


def test_runtime_holds_code_alone() -> None:
    lines = (runtime_js() + runtime_css()).splitlines()
    assert not [line for line in lines if not line or line != line.strip() or line.startswith("//")]
    assert "/*" not in runtime_css()


@pytest.mark.node
def test_joined_modules_do_what_they_did_apart(node: str) -> None:
    modules = {
        "a.js": (
            "// About a.\n"
            "import {double} from './c.js';\n"
            "import {\n  LIMIT,\n  greet,\n} from './b.js';\n"
            "/**\n * Long\n * comment.\n */\n"
            "export function mount(n) {\n"
            "  const path = 'http://x  // y';\n"
            "  greet(path); // a comment\n"
            "  return `${greet(path)}  // ${double(Math.min(n, LIMIT))}`;\n"
            "}\n"
        ),
        "b.js": (
            "import {double} from './c.js';\n"
            "export const LIMIT = double(20); // forty\n"
            "export async function wait() {}\n"
            "export class Unused {}\n"
            'export const greet = name => "it\'s " + name;\n'
        ),
        "c.js": "export function double(n) {\n  return 2 * n;\n}\n",
    }
    text = join(modules)
    assert re.findall(r"^export .*", text, re.MULTILINE) == ["export function mount(n) {"]
    assert "comment" not in text
    assert text.index("double(n)") < text.index("LIMIT =") < text.index("mount(")
    script = text + "console.log(mount(50));"
    command = [node, "--input-type=module", "-e", script]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout == "it's http://x  // y  // 80\n"


def test_order_of_the_files_does_not_matter() -> None:
    modules = {"a.js": "import {b} from './b.js';\nconst a = b;\n", "b.js": "export const b = 1;\n"}
    assert join(modules) == join(dict(reversed(modules.items()))) == "const b = 1;\nconst a = b;\n"


@pytest.mark.parametrize(
    ("modules", "sentence"),
    [
        ({"a.js": "const x = 1;\n", "b.js": "function x() {}\n"}, r"x is declared in a\.js and in b\.js"),
        ({"a.js": "import {x} from './b.js';\n"}, r"a\.js imports b\.js, which is not there"),
        ({"a.js": "import {x} from './b.js';\n", "b.js": "const x = 1;\n"}, "does not export it"),
        ({"a.js": "import {x as y} from './b.js';\n", "b.js": "export const x = 1;\n"}, "does not export it"),
        (
            {"a.js": "import {b} from './b.js';\n", "b.js": "import {a} from './a.js';\n"},
            r"a\.js -> b\.js -> a\.js: modules import each other",
        ),
        ({"a.js": "import * as b from './b.js';\n"}, r"a\.js:1: this form of import"),
        ({"a.js": "const x = 1;\nexport default x;\n"}, r"a\.js:2: this form of import or export"),
        ({"a.js": "const {x, y} = z;\n"}, "without destructuring"),
        ({"a.js": "const x = `\n  kept?\n`;\n"}, r"a\.js:1: a template literal must close"),
        ({"a.js": "/* why */ const x = 1;\n"}, r"a\.js:1: code after a block comment"),
        ({"a.js": "const x = '</Script>';\n"}, "would end a script"),
    ],
)
def test_what_cannot_be_joined_is_refused(modules: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        join(modules)
