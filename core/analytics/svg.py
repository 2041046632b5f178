"""Charts as inline SVG, for a report that needs no script."""

from html import escape

from core.analytics.figures import Bars, Curve, Dots

__all__ = ["bars", "curve", "dots"]

_WIDTH, _NAMES, _ROW = 720, 250, 24
_LONGEST = 38


def dots(figure: Dots) -> str:
    """Return the dot plot; round is the model, a diamond a baseline."""
    values = [v for one in figure.dots for v in (one.value, one.low, one.high) if v is not None]
    low, high = _span(values)
    rows = []
    for i, one in enumerate(figure.dots):
        y = 14 + i * _ROW
        kind = "other" if one.is_baseline else "own"
        line = ""
        if one.low is not None and one.high is not None:
            line = (
                f'<line class="{kind}" stroke-width="2" x1="{_x(one.low, low, high):.1f}" y1="{y}" '
                f'x2="{_x(one.high, low, high):.1f}" y2="{y}"/>'
            )
        x = _x(one.value, low, high)
        mark = f'<circle class="{kind}" cx="{x:.1f}" cy="{y}" r="5"/>'
        if one.is_baseline:
            mark = f'<path class="{kind}" d="M{x:.1f} {y - 6}l6 6-6 6-6-6z"/>'
        rows.append(f"{_name(one.name, y)}{line}{mark}{_value(one.value, figure.unit, y)}")
    return _svg(figure.title, figure.says, 20 + len(rows) * _ROW, "".join(rows))


def bars(figure: Bars) -> str:
    """Return bars that begin at zero."""
    top = max((abs(one.value) for one in figure.bars), default=0.0) or 1.0
    rows = []
    for i, one in enumerate(figure.bars):
        y, width = 14 + i * _ROW, max(one.value, 0.0) / top * (_WIDTH - _NAMES - 150)
        rows.append(
            f'{_name(one.name, y)}<rect class="own" x="{_NAMES}" y="{y - 7}" width="{width:.1f}" '
            f'height="14"/>{_value(one.value, figure.unit, y)}'
        )
    return _svg(figure.title, figure.says, 20 + len(rows) * _ROW, "".join(rows))


def curve(figure: Curve) -> str:
    """Return the lines, with the diagonal and the mark where there are any."""
    xs = [x for one in figure.series for x in one.x]
    ys = [y for one in figure.series for y in one.y]
    if figure.is_diagonal:
        xs, ys = [0.0, 100.0], [0.0, 100.0]
    (x0, x1), (y0, y1) = _span(xs), _span(ys)

    def at(x: float, y: float) -> tuple[float, float]:
        return 60 + (x - x0) / (x1 - x0) * 440, 250 - (y - y0) / (y1 - y0) * 230

    parts = [
        '<path class="axis" fill="none" d="M60 20V250H500"/>',
        f'<text x="280" y="284" text-anchor="middle">{escape(figure.x_title)}</text>',
        f'<text x="60" y="12">{escape(figure.y_title)}</text>',
        *(f'<text class="faint" x="{60 + 440 * i}" y="266" text-anchor="middle">{v:.3g}</text>'
          for i, v in enumerate((x0, x1))),
        *(f'<text class="faint" x="54" y="{254 - 230 * i}" text-anchor="end">{v:.3g}</text>'
          for i, v in enumerate((y0, y1))),
    ]  # fmt: skip
    if figure.is_diagonal:
        parts.append('<line class="aim" x1="60" y1="250" x2="500" y2="20"/>')
    for one in figure.series:
        points = [at(x, y) for x, y in zip(one.x, one.y, strict=True)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline class="line" points="{path}"/>')
        if len(points) <= 20:
            parts += [f'<circle class="own" cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for x, y in points]
    if figure.mark is not None:
        x, y = at(*figure.mark)
        parts.append(f'<circle class="other" cx="{x:.1f}" cy="{y:.1f}" r="6"/>')
    return _svg(figure.title, figure.says, 295, "".join(parts))


def _svg(title: str, says: str, height: int, content: str) -> str:
    label = escape(f"{title}. {says}", quote=True)
    return (
        f'<svg role="img" aria-label="{label}" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" '
        f'height="{height}">{content}</svg>'
    )


def _span(values: list[float]) -> tuple[float, float]:
    low, high = min(values, default=0.0), max(values, default=1.0)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _x(value: float, low: float, high: float) -> float:
    return _NAMES + 10 + (value - low) / (high - low) * (_WIDTH - _NAMES - 150)


def _name(name: str, y: int) -> str:
    cut = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
    return f'<text x="{_NAMES - 8}" y="{y + 4}" text-anchor="end">{escape(cut)}</text>'


def _value(value: float, unit: str, y: int) -> str:
    text = f"{value:.3g} {unit}".rstrip()
    if len(unit) > 14:
        text = f"{value:.3g}"
    return f'<text x="{_WIDTH - 4}" y="{y + 4}" text-anchor="end">{escape(text)}</text>'
