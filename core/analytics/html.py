"""A report as one HTML file that opens offline: no script, no request, everything escaped."""

from html import escape

from core.analytics import svg
from core.analytics.figures import (
    Bars,
    Curve,
    Dots,
    Facts,
    Figure,
    Matrix,
    Missing,
    Report,
    Section,
    Table,
)

__all__ = ["as_html"]

# Nothing may be loaded and nothing may run; the style below is all there is.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STYLE = """
:root { color-scheme: light dark; --page: #fff; --text: #16202e; --faint: #556277;
  --line: #d5dce6; --own: #0b62c4; --other: #a34c00; --card: #f6f8fb; --rgb: 11 98 196 }
@media (prefers-color-scheme: dark) { :root { --page: #0b1020; --text: #e8edf7;
  --faint: #9aa6bd; --line: #2a3550; --own: #6db3ff; --other: #f2a93b; --card: #161e33;
  --rgb: 109 179 255 } }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem; background: var(--page);
  color: var(--text); font: 15px/1.5 system-ui, sans-serif; overflow-wrap: break-word }
h1 { font-size: 1.5rem } h2 { margin-top: 2.5rem } h3 { margin-bottom: .2rem }
.says, .foot, figcaption { color: var(--faint) } .warn::before { content: "\\25B2  " }
.warn { color: var(--other) } .wide { overflow-x: auto }
table { border-collapse: collapse } th, td { border: 1px solid var(--line);
  padding: .25rem .6rem; text-align: left } th { background: var(--card); font-weight: 600 }
td.n { text-align: right; white-space: nowrap;
  padding: .25rem .35rem; font-size: .85rem } dl { display: flex; flex-wrap: wrap; gap: .7rem }
dl div { border: 1px solid var(--line); border-radius: .6rem; padding: .5rem .9rem }
dt { color: var(--faint) } dd { margin: 0; font-size: 1.3rem }
svg { max-width: 100%; height: auto } svg text { fill: var(--text); font-size: 12px }
svg .axis { stroke: var(--line) } svg .faint { fill: var(--faint) }
svg .own { fill: var(--own); stroke: var(--own) }
svg .other { fill: var(--other); stroke: var(--other) }
svg .line { fill: none; stroke: var(--own); stroke-width: 2 }
svg .aim { stroke: var(--faint); stroke-dasharray: 4 4 }
"""


def as_html(report: Report) -> str:
    """Return the report as a page of its own, light and dark as the reader's system is."""
    warnings = "".join(f'<p class="warn">{escape(said)}</p>' for said in report.warnings)
    sections = "".join(map(_section, report.sections))
    title = f"{report.model.capitalize()} {report.version}"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="referrer" content="no-referrer">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<p>{escape(title)}</p><h1>{escape(report.headline)}</h1>{warnings}{sections}"
        f'<p class="foot">{escape(report.footnote)}</p></body></html>\n'
    )


def _section(section: Section) -> str:
    return f"<h2>{escape(section.title)}</h2>{''.join(map(_figure, section.figures))}"


def _figure(figure: Figure) -> str:
    heading = f"<h3>{escape(figure.title)}</h3>"
    if isinstance(figure, Missing):
        return f'{heading}<p class="says">{escape(figure.reason)}</p>'
    says = f'<p class="says">{escape(figure.says)}</p>'
    return f'{heading}{says}<div class="wide">{_drawn(figure)}</div>'


def _drawn(figure: Dots | Bars | Matrix | Curve | Table | Facts) -> str:
    match figure:
        case Dots():
            return svg.dots(figure)
        case Bars():
            return svg.bars(figure)
        case Curve():
            return svg.curve(figure)
        case Matrix():
            return _matrix(figure)
        case Facts():
            facts = "".join(
                f"<div><dt>{escape(one.name)}</dt><dd>{escape(one.value)}</dd>"
                f"{escape(one.about)}</div>"
                for one in figure.facts
            )
            return f"<dl>{facts}</dl>"
        case Table():
            return _table(figure)


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _matrix(matrix: Matrix) -> str:
    head = "".join(f'<th scope="col">{escape(label)}</th>' for label in matrix.labels)
    rows = []
    for label, counts, shares in zip(matrix.labels, matrix.counts, matrix.shares, strict=True):
        cells = "".join(
            f'<td class="n" style="background:rgb(var(--rgb) / {0.75 * (share or 0):.2f})">'
            + (f"{n:,} ({100 * (share or 0):.0f} %)" if n else "")
            + "</td>"
            for n, share in zip(counts, shares, strict=True)
        )
        rows.append(f'<tr><th scope="row">{escape(label)}</th>{cells}</tr>')
    return (
        f"<table><caption>{escape(matrix.what)}: rows are true, columns are said</caption>"
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )
