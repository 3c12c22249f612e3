"""One script and one sheet of styles a page, made of the files of ``static`` when the board starts: fewer requests.

The files stay plain modules that a browser could load one by one. In a bundle each becomes a function that gives what
it exports, in an order in which everything stands before who needs it; the page's entry comes last and as it is.
"""

import re

from dashboards.board.assets import Asset, asset

_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w.]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?function|const) (\w+)", re.MULTILINE)
_COMMENT = re.compile(r"^ *// .*\n", re.MULTILINE)
#: How the frame of the pages asks for the module of the one that is shown.
_CHOSEN = "import(`./${module}`)"
_STYLE = re.compile(r'<link rel="stylesheet" href="/static/([\w.]+)"(?: media="([^"]*)")?>\n?')
_SCRIPT = re.compile(r'(<script type="module" src="/static/)([\w.]+)(">)')
_MODULE = re.compile(r'data-module="([\w.]+)"')


def bound(page: bytes, files: dict[str, Asset]) -> bytes:
    """``page`` with one script and one style sheet, which are added to ``files``."""
    text = page.decode()
    text = _with_styles(text, files)
    chosen = _MODULE.search(text)

    def script(found: re.Match[str]) -> str:
        name = bundle(files, found[2], chosen[1] if chosen else "")
        return f"{found[1]}{name}{found[3]}"

    return _SCRIPT.sub(script, text).encode()


def _with_styles(text: str, files: dict[str, Asset]) -> str:
    links = [(found[1], found[2]) for found in _STYLE.finditer(text)]
    name = f"{'-'.join(file.removesuffix('.css') for file, _ in links)}.css"
    sheets = [files[file].body.decode() for file, _ in links]
    files[name] = asset(
        name,
        "\n".join(
            f"@media {media} {{\n{sheet}}}" if media else sheet for (_, media), sheet in zip(links, sheets, strict=True)
        ).encode(),
    )
    first = f'<link rel="stylesheet" href="/static/{name}">\n'
    return _STYLE.sub(lambda found: first if found[1] == links[0][0] else "", text)


def bundle(files: dict[str, Asset], entry: str, chosen: str) -> str:
    """The name of the file with ``entry`` and all that it imports, and the module ``chosen``; added to ``files``."""
    ordered: list[str] = []
    for first in filter(None, (chosen, entry)):
        _collect(files, first, ordered, ())
    texts = [_as_function(files, name) for name in ordered if name != entry]
    own = _linked(files[entry].body.decode()).replace(_CHOSEN, f"Promise.resolve({_place(chosen)})")
    assert not _EXPORT.search(own), f"{entry} is where a page begins: nobody imports it"
    name = f"{entry.removesuffix('.js')}-{chosen.removesuffix('.js') or 'page'}.js"
    files[name] = asset(name, "".join([*texts, own]).encode())
    return name


def _collect(files: dict[str, Asset], name: str, ordered: list[str], above: tuple[str, ...]) -> None:
    assert name not in above, f"modules import one another: {' → '.join((*above, name))}"
    if name in ordered:
        return
    for _, needed in _IMPORT.findall(files[name].body.decode()):
        _collect(files, needed, ordered, (*above, name))
    ordered.append(name)


def _place(name: str) -> str:
    return f"${name.removesuffix('.js')}"


def _linked(text: str) -> str:
    """A module's text with what it imports taken from where that was put."""
    linked = _IMPORT.sub(lambda found: f"const {{{found[1]}}} = {_place(found[2])};\n", _COMMENT.sub("", text))
    assert not re.search(r"^import\b", linked, re.MULTILINE), linked
    return linked


def _as_function(files: dict[str, Asset], name: str) -> str:
    text = _linked(files[name].body.decode())
    given = ", ".join(found[2] for found in _EXPORT.finditer(text))
    body = _EXPORT.sub(r"\1 \2", text)
    assert not re.search(r"^export\b", body, re.MULTILINE), body
    return f"const {_place(name)} = (() => {{\n{body}return {{ {given} }};\n}})();\n"
