"""What a web server is to say with every file: what a page may load, what a browser may keep and for how long. Written
out for hosts that read `_headers` (Netlify, Cloudflare Pages), for nginx and for Caddy."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from .kinds import ASSETS, FOR_EVER, PICTURES, SHORT, TYPES

MARK = "# Tagora wrote this file for "
POLICY = (
    "default-src 'none'; style-src {style}; script-src {script}; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action {form}"
)
SELF = "'self'"
ENGINE = "'self' 'wasm-unsafe-eval'"  # where the search is: its engine is WebAssembly
FEEDS = ("atom", "json")  # of which servers do not know the types by themselves
OWN = ".tagora"  # the record of what was published: nothing for readers
_IMAGES = ("webp", "jpg", "png")
_CHARSETS = ("html", "css", "js", "txt", "xml", "atom", "json", "svg")

Moves = Sequence[tuple[str, str]]  # former and present address of a discussion, below the site's


def page_policy(style: str = SELF, script: str = SELF, form: str | None = None) -> str:
    """As a page says it of itself. `style`, `script`: where those may come from. `form`: the address that its form is
    sent to, if it has one."""
    return POLICY.format(style=style, script=script, form=_origin(form) if form else "'none'")


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()


def of_inline(css: bytes) -> str:
    """As a source of styles: exactly this text in a page."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(css).digest()).decode()}'"


def security(inline: str, form: str | None = None) -> dict[str, str]:
    """The headers of every answer. `inline`: the style inside the page 404, as a source. `form`: where the one form is
    sent to. The policy allows what some page needs; each page's own, which holds too, says what it does without."""
    return {
        "Access-Control-Allow-Origin": "*",  # public files: an article elsewhere may show a discussion
        "Content-Security-Policy": page_policy(f"{SELF} {inline}", ENGINE, form) + "; frame-ancestors 'none'",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "X-Content-Type-Options": "nosniff",
    }


def netlify(base_url: str, inline: str, feeds: Sequence[str], form: str | None = None) -> str:
    """The file `_headers`. Pages get no Cache-Control: rules add up there, and these hosts ask anew by themselves."""
    rules = {"/*": security(inline, form)}
    rules |= {f"/{folder}*": {"Cache-Control": FOR_EVER} for folder in (ASSETS, PICTURES)}
    rules |= {f"/{path}": {"Content-Type": TYPES[path.rpartition(".")[2]]} for path in feeds}
    lines = [MARK + base_url]
    for path, headers in rules.items():
        lines += [path, *(f"  {name}: {value}" for name, value in headers.items())]
    return "\n".join(lines) + "\n"


def nginx(base_url: str, root: str, inline: str, moves: Moves, form: str | None = None) -> str:
    """What belongs inside nginx's `server`. `root`: the folder that holds the site."""
    top, root = urlsplit(base_url).path or "/", root.rstrip("/")
    types = " ".join(f"{_plain(TYPES[suffix])} {suffix};" for suffix in (*_CHARSETS, *_IMAGES))
    shared = [
        "index index.html;",
        f"error_page 404 {top}404.html;",
        "default_type application/octet-stream;",
        f"types {{ {types} }}",
        "charset utf-8;",
        f"charset_types {' '.join(_plain(TYPES[suffix]) for suffix in _CHARSETS if suffix != 'html')};",
    ]

    def location(path: str, cache: str) -> Iterator[str]:
        yield f"location ^~ {top}{path} {{"
        yield f"    alias {_quoted(f'{root}/{path}')};"
        yield from (f"    {line}" for line in shared)
        for name, value in (security(inline, form) | {"Cache-Control": cache}).items():
            yield f"    add_header {name} {_quoted(value)} always;"
        yield "}"

    lines = [f"{MARK}{base_url}: include it inside server {{ … }}"]
    if top != "/":
        lines.append(f"location = {top.rstrip('/')} {{ return 301 {top}; }}")
    lines += [*location("", SHORT), *location(ASSETS, FOR_EVER), *location(PICTURES, FOR_EVER)]
    lines.append(f"location ^~ {top}{OWN}/ {{ return 404; }}")
    lines += [f"location = {top}{former} {{ return 301 {top}{present}; }}" for former, present in moves]
    return "\n".join(lines) + "\n"


def caddy(base_url: str, root: str, inline: str, moves: Moves, form: str | None = None) -> str:
    """What belongs inside a site's block of a Caddyfile."""
    top = urlsplit(base_url).path or "/"
    says = [f"{name} {_quoted(value)}" for name, value in security(inline, form).items()]
    inside = [
        f"root * {_quoted(root)}",
        "header {",
        *(f"\t{line}" for line in says),
        "}",
        f"@assets path /{ASSETS}* /{PICTURES}*",
        f"@pages not path /{ASSETS}* /{PICTURES}*",
        f"header @assets Cache-Control {_quoted(FOR_EVER)}",
        f"header @pages Cache-Control {_quoted(SHORT)}",
        *(f"@{suffix} path *.{suffix}\n\theader @{suffix} Content-Type {_quoted(TYPES[suffix])}" for suffix in FEEDS),
        *(f"redir /{former} {top}{present} 301" for former, present in moves),
        "file_server {",
        f"\thide {OWN}",
        "}",
    ]
    lines = [f"{MARK}{base_url}: it belongs inside the site's block"]
    if top != "/":
        lines.append(f"redir {top.rstrip('/')} {top} 301")
    lines += [f"handle_path {top}* {{", *(f"\t{line}" for line in inside), "}"]
    lines += ["handle_errors {", f"\troot * {_quoted(root)}", "\trewrite * /404.html", "\theader {"]
    lines += [*(f"\t\t{line}" for line in (*says, f"Cache-Control {_quoted(SHORT)}")), "\t}", "\tfile_server", "}"]
    return "\n".join(lines) + "\n"


def _plain(kind: str) -> str:
    return kind.partition(";")[0]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
