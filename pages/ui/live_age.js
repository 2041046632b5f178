// Says how old the data is and counts on by itself: the page need not be drawn anew for that, and
// the age goes on when the server no longer answers.
const UNITS = [ // as core/quantities.py says durations: below so many seconds, in what unit
  [99.5, 1, "s"],
  [99.5 * 60, 60, "min"],
  [47.5 * 3600, 3600, "h"],
  [Infinity, 86400, "days"],
];

export function duration(seconds) {
  const [, size, unit] = UNITS.find(([below]) => seconds < below);
  const count = seconds / size;
  return `${size >= 3600 && count < 10 ? Number(count.toFixed(1)) : Math.round(count)} ${unit}`;
}

function show(line) {
  const { data, since } = line.shown;
  // Below 0 where the server's clock was set back since.
  const age = Math.round(Math.max(0, data.age ?? 0) + (performance.now() - since) / 1000);
  const words = data.staleAfter !== null && age > data.staleAfter ? data.stale : data.fresh;
  const said = data.age === null ? words.before : words.before + duration(age) + words.after;
  if (line.textContent !== said) line.textContent = said;
  line.style.color = words.isWarning ? "var(--st-orange-text-color)" : "";
}

export default function ({ data, parentElement }) {
  let line = parentElement.querySelector("[data-age]");
  if (!line) {
    line = document.createElement("span");
    line.dataset.age = "";
    parentElement.append(line);
  }
  line.shown = { data, since: performance.now() };
  show(line);
  line.timer ??= setInterval(() => show(line), 1000);
  // When the line leaves the page, not at an update.
  return () => {
    clearInterval(line.timer);
    line.timer = undefined;
  };
}
