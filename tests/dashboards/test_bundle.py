"""A bundle is the modules it was made of: every name once, in an order in which it runs, and no other file to fetch."""

import re
import subprocess

import httpx
import pytest
from servers import require

from dashboards.board.assets import asset, static_files
from dashboards.board.bundle import bound, bundle
from dashboards.board.pages import pages

ENTRIES = [("main.js", ""), ("health.js", ""), ("desk.js", ""), *(("shell.js", page.module) for page in pages())]


def made(**texts):
    return {f"{name}.js": asset(f"{name}.js", text.encode()) for name, text in texts.items()}


def run(folder, script):
    path = folder / "bundle.mjs"
    path.write_bytes(script)
    return subprocess.run([require("node", "nodejs"), path], capture_output=True, text=True, check=True).stdout


@pytest.mark.npm
def test_a_bundle_does_what_its_modules_do(tmp_path):
    files = made(
        counter="let n = 0;\nexport function next() {\n  return ++n;\n}\nexport const FIRST = next();\n",
        left='import { next } from "./counter.js";\n// Not said.\nconst own = "left";\n'
        "export const left = () => `${own} ${next()}`;\n",
        right='import { FIRST, next } from "./counter.js";\nconst own = "right";\n'
        "export async function right() {\n  return `${own} ${FIRST} ${next()}`;\n}\n",
        main='import { left } from "./left.js";\nimport { right } from "./right.js";\n'
        "console.log(left(), await right(), left());\n",
    )
    name = bundle(files, "main.js", "")
    assert run(tmp_path, files[name].body) == "left 2 right 1 3 left 4\n"
    assert b"Not said" not in files[name].body


def test_modules_that_need_one_another_are_refused():
    files = made(
        a='import { b } from "./b.js";\nexport const a = 1;\n',
        b='import { a } from "./a.js";\nexport const b = 2;\n',
        main='import { a } from "./a.js";\n',
    )
    with pytest.raises(AssertionError, match="import one another"):
        bundle(files, "main.js", "")


@pytest.mark.npm
@pytest.mark.parametrize(("entry", "chosen"), ENTRIES, ids=lambda one: one)
def test_every_page_s_bundle_is_a_whole_script(tmp_path, entry, chosen):
    files = static_files()
    script = files[bundle(files, entry, chosen)].body
    assert not re.search(rb'\bfrom "\./|\bimport\(', script)
    path = tmp_path / "bundle.mjs"
    path.write_bytes(script)
    subprocess.run([require("node", "nodejs"), "--check", path], check=True)


def test_styles_keep_their_order_and_when_they_hold():
    files = {name: asset(name, text) for name, text in {"a.css": b"a{}", "dark.css": b"b{}", "c.css": b"c{}"}.items()}
    links = ['a.css"', 'dark.css" media="(prefers-color-scheme: dark), print"', 'c.css"']
    page = "".join(f'<link rel="stylesheet" href="/static/{link}>\n' for link in links).encode()
    assert bound(page, files) == b'<link rel="stylesheet" href="/static/a-dark-c.css">\n'
    assert files["a-dark-c.css"].body == b"a{}\n@media (prefers-color-scheme: dark), print {\nb{}}\nc{}"


def test_a_page_asks_for_few_files_and_gets_them(board):
    with httpx.Client(base_url=board) as client:
        for path in ("/", "/health", *(page.path for page in pages())):
            names = re.findall(r"(?:src|href)=\"/static/([^\"#]+)", client.get(path).text)
            assert len(set(names)) == 3, names  # the script, the styles, the logo
            assert {client.get(f"/static/{name}").status_code for name in names} == {200}
