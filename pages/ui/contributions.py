"""What raises and what lowers a probability: ranked by metric, and by metric and step."""

from functools import lru_cache

import numpy as np

from core import quantities
from core.failure.forecast import FailureForecast
from core.metrics import METRICS, metric_spec
from pages.ui import charts

__all__ = ["heatmap", "ranked"]

_HEIGHT_PX = 340
_RAISES, _LOWERS = "var(--st-orange-color)", "var(--st-blue-color)"


def ranked(forecast: FailureForecast | None, *, key: str) -> None:
    """Draw each metric's contribution as a bar, the one that raises the risk most on top."""
    if forecast is None:
        charts.empty(
            "The contributions of the metrics stand here from the first prediction on.",
            height=_HEIGHT_PX,
        )
        return
    causes = sorted(forecast.causes, key=lambda cause: cause.contribution)
    labels = [metric_spec(cause.metric).label for cause in causes]
    contributions = [cause.contribution for cause in causes]
    reach = 1.25 * max([1.0, *(abs(value) for value in contributions)])
    chart = charts.figure(
        {
            "type": "bar",
            "orientation": "h",
            "x": contributions,
            "y": labels,
            "marker": {"color": [_RAISES if value > 0 else _LOWERS for value in contributions]},
            "text": [_signed(value) for value in contributions],
            "textposition": "outside",
            "cliponaxis": False,
            "customdata": [
                [
                    "raises" if cause.contribution > 0 else "lowers",
                    quantities.percent(cause.probability),
                ]
                for cause in causes
            ],
            "hovertemplate": "%{y} %{customdata[0]} the risk: %{x:+.2f} log-odds<br>"
            "at fault, should the host fail: %{customdata[1]}<extra></extra>",
        },
        height=_HEIGHT_PX,
        revision=key,
        x={
            "range": [-reach, reach],
            "fixedrange": True,
            "title": {
                "text": "◀ lowers the risk · log-odds · raises it ▶",
                "font": {"color": charts.FADED, "size": 12},
            },
        },
        y={"fixedrange": True, "showgrid": False, "tickfont": {"color": charts.TEXT}},
    )
    words = ", ".join(
        f"{metric_spec(cause.metric).label} {_signed(cause.contribution)}" for cause in causes[::-1]
    )
    charts.live(chart, key=key, alt=f"Contribution of each metric in log-odds: {words}.")


def heatmap(forecast: FailureForecast | None, *, key: str) -> None:
    """Draw the scored window: one cell per metric and step, coloured by its contribution."""
    if forecast is None:
        charts.empty(
            "The ten steps of the scored window stand here from the first prediction on.",
            height=_HEIGHT_PX,
        )
        return
    charts.show(_heatmap(forecast, key), key=key)


@lru_cache(maxsize=8)  # a forecast is the same object for all who look
def _heatmap(forecast: FailureForecast, key: str) -> charts.Drawing:
    steps = [_step(float(ago_s)) for ago_s in forecast.ago_s]
    # By number: two steps of which the words are the same, such as "-2 min", are two columns.
    columns = list(range(len(steps)))
    reach = max(0.1, float(np.nanmax(np.abs(forecast.cells), initial=0.0)))
    chart = charts.figure(
        {
            "type": "heatmap",
            "x": columns,
            "y": [
                f"{spec.label} –" if np.isnan(values).all() else spec.label
                for spec, values in zip(METRICS, forecast.window.T, strict=True)
            ],
            "z": forecast.cells.T,
            "zmin": -reach,
            "zmax": reach,
            "colorscale": [[0.0, _LOWERS], [0.5, charts.GRID], [1.0, _RAISES]],
            "xgap": 2,
            "ygap": 2,
            "customdata": [
                [_cell(forecast, step, metric) for step in columns]
                for metric in range(len(METRICS))
            ],
            "text": [steps] * len(METRICS),
            "hovertemplate": "%{y}, %{text}: %{customdata}<extra></extra>",
            "colorbar": {
                "title": {**charts.axis_title("log-odds"), "side": "right"},
                "tickfont": {"size": 12, "color": charts.FADED},
                "thickness": 10,
                "outlinewidth": 0,
                "tickvals": [-reach, 0, reach],
                "ticktext": [_signed(-reach), "0", _signed(reach)],
            },
        },
        height=_HEIGHT_PX,
        revision=key,
        x={
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
            "tickvals": columns[1::2],
            "ticktext": steps[1::2],
            "tickangle": 0,
        },
        y={
            "fixedrange": True,
            "showgrid": False,
            "autorange": "reversed",
            "tickfont": {"color": charts.TEXT},
        },
    )
    return charts.drawing(
        chart,
        alt=f"The {len(steps)} steps of the scored window, each metric coloured by how much it "
        "raises (orange) or lowers (blue) the risk; the values are in the tiles and on hover.",
    )


def _signed(contribution: float) -> str:
    """Return a contribution with its sign; 0 where it has none worth telling."""
    text = quantities.rounded(abs(contribution)) if abs(contribution) >= 0.005 else "0"
    return text if text == "0" else f"{'-' if contribution < 0 else '+'}{text}"


def _step(ago_s: float) -> str:
    return "now" if ago_s == 0 else f"-{quantities.duration(ago_s)}"


def _cell(forecast: FailureForecast, step: int, metric: int) -> str:
    value, contribution = forecast.window[step, metric], forecast.cells[step, metric]
    if np.isnan(value):
        return "not measured"
    return (
        f"{quantities.quantity(float(value), METRICS[metric].unit)} "
        f"({_signed(contribution)} log-odds)"
    )
