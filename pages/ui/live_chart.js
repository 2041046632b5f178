// Draws a plotly figure into one element that stays, so that zoom, hovering and the eye survive an
// update. The figure's colours may be theme variables: "var(--st-...)", also faint: "... at 20 %".
let library;

function load(address) {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      library = undefined;
      reject(new Error(`This chart needs ${address}, which could not be loaded. Reload the page.`));
    };
    document.head.append(script);
  });
  return library;
}

function themed(value, style) {
  if (Array.isArray(value)) return value.map((item) => themed(item, style));
  if (value && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, themed(v, style)]));
  const named = typeof value === "string" && value.match(/^var\((--st-[\w-]+)\)( at 20 %)?$/);
  if (!named) return value;
  const colour = style.getPropertyValue(named[1]).trim();
  return named[2] && /^#[0-9a-f]{6}$/i.test(colour) ? `${colour}33` : colour;
}

// One thing at a time: plotly fails where a figure comes, or its chart goes, while it still draws.
// Of the turns that wait the newest alone counts.
async function takeTurns(chart) {
  if (chart.isBusy) return;
  chart.isBusy = true;
  while (chart.next) {
    const turn = chart.next;
    chart.next = undefined;
    try {
      await turn();
    } catch (error) {
      window.Plotly?.purge(chart);
      chart.textContent = error.message;
      chart.hasFailed = true;
    }
  }
  chart.isBusy = false;
}

async function draw(chart, data, style) {
  const plotly = await load(data.address);
  const figure = themed(JSON.parse(data.figure), style);
  if (chart.hasFailed) chart.replaceChildren(); // what was said in place of the chart
  chart.hasFailed = false;
  await plotly.react(chart, figure.data, figure.layout, data.config);
}

export default function ({ data, parentElement }) {
  let chart = parentElement.querySelector("[data-chart]");
  if (!chart) {
    chart = document.createElement("div");
    chart.dataset.chart = "";
    chart.setAttribute("role", "figure");
    parentElement.append(chart);
  }
  chart.setAttribute("aria-label", data.alt);
  chart.style.height = `${data.height}px`;
  chart.next = () => draw(chart, data, getComputedStyle(parentElement));
  takeTurns(chart);
  // When the chart leaves the page, not at an update.
  return () => {
    chart.next = () => window.Plotly?.purge(chart);
    takeTurns(chart);
  };
}
