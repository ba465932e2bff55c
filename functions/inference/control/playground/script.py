"""One script out of the page's JavaScript modules, because a browser would ask for each module by a request of its own.

On Lambda a dozen requests at once would start a dozen functions. The modules keep to a part of JavaScript that needs no
parser: imports and exports are declarations at the beginning of a line, and nobody imports in a circle.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+)\.js";$', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) (\w+))", re.MULTILINE)


def joined_script(modules: Mapping[str, str], first: str) -> str:
    """The module `first` and all that it imports, each in a function of its own, in the order in which they run.

    `modules` are sources by name. Raises ValueError for a module that is imported in a circle or is not there.
    """
    parts: dict[str, str] = {}
    _add(modules, first, parts, ())
    return "\n".join(parts.values())


def _add(modules: Mapping[str, str], name: str, parts: dict[str, str], above: tuple[str, ...]) -> None:
    if name in above:
        raise ValueError(f"modules import each other: {' -> '.join((*above, name))}")
    if name in parts:
        return
    if name not in modules:
        raise ValueError(f"{above[-1] if above else 'nobody'} imports {name}.js, which is not there")
    source = modules[name]
    for _, imported in IMPORT.findall(source):
        _add(modules, imported, parts, (*above, name))
    exported = ", ".join(EXPORT.findall(source))
    body = EXPORT.sub("", IMPORT.sub(r"const {\1} = \2_js;", source))
    parts[name] = f"const {name}_js = (() => {{\n{body}\nreturn {{{exported}}};\n}})();"
