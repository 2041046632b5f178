"""The page that signs in, as plain HTML: no script, nothing from elsewhere, kept by no cache."""

from html import escape

import streamlit as st
from starlette.responses import HTMLResponse

__all__ = ["HEADERS", "Form", "page"]

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
}
_THEME = ("backgroundColor", "secondaryBackgroundColor", "textColor", "borderColor", "primaryColor")
_STYLE = """
:root { color-scheme: dark light; DARK }
@media (prefers-color-scheme: light) { :root { LIGHT } }
body { background: var(--backgroundColor); color: var(--textColor); margin: 0 1rem;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 26rem; margin: 14vh auto 0; padding: 1.6rem 1.8rem; border-radius: 12px;
  background: var(--secondaryBackgroundColor); border: 1px solid var(--borderColor); }
h1 { font-size: 1.4rem; margin: 0 0 .6rem; }
form { margin: 1.2rem 0 0; }
label { display: block; margin-bottom: .35rem; }
input { box-sizing: border-box; width: 100%; padding: .55rem .7rem; font: inherit;
  color: inherit; background: var(--backgroundColor); border: 1px solid var(--borderColor);
  border-radius: .5rem; }
button { margin-top: .9rem; padding: .5rem 1.1rem; font: inherit; cursor: pointer; color: #fff;
  background: var(--primaryColor); border: 0; border-radius: .5rem; }
:is(a, button, input):focus-visible { outline: 2px solid var(--primaryColor); outline-offset: 2px; }
a { color: inherit; }
.said { border-left: 3px solid #e0823d; padding-left: .8rem; }
"""


class Form:
    """One form with one button; `fields` are its hidden values, `asks` is a password's label."""

    def __init__(self, action: str, button: str, fields: dict[str, str], asks: str = "") -> None:
        self._action, self._button, self._fields, self._asks = action, button, fields, asks

    def html(self) -> str:
        """Return the form, every value escaped."""
        hidden = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
            for name, value in self._fields.items()
        )
        asked = (
            f'<label for="password">{escape(self._asks)}</label><input id="password" '
            'name="password" type="password" autocomplete="current-password" required autofocus>'
            if self._asks
            else ""
        )
        return (
            f'<form method="post" action="{escape(self._action)}">{hidden}{asked}'
            f"<button>{escape(self._button)}</button></form>"
        )


def page(
    title: str, says: str, form: Form | None = None, *, problem: str = "", status: int = 200
) -> HTMLResponse:
    """Return a page that says one thing and offers at most one form."""
    said = f'<p class="said" role="alert">{escape(problem)}</p>' if problem else ""
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_style()}</style></head><body><main>"
        f"<h1>{escape(title)}</h1>{said}<p>{escape(says)}</p>{form.html() if form else ''}"
        '<p><a href="admin">Back to the app</a></p></main></body></html>',
        status_code=status,
        headers=HEADERS,
    )


def _style() -> str:
    """Return the style in the colours of the app's themes."""
    style = _STYLE
    for theme in ("dark", "light"):
        colours = "".join(f"--{name}:{st.get_option(f'theme.{theme}.{name}')};" for name in _THEME)
        style = style.replace(theme.upper(), colours)
    return style
