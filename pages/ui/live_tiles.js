// Draws the tiles of the metrics. What is there stays and takes new words and curves, so that a
// tooltip that is being read survives an update.
const SVG = "http://www.w3.org/2000/svg";

function part(tile, tag, name) {
  const made = document.createElement(tag);
  made.className = `live-tile-${name}`;
  tile.append(made);
  return made;
}

function begin(name) {
  const tile = document.createElement("div");
  tile.className = "live-tile st-key-card_tile"; // the look of a card
  tile.dataset.metric = name;
  tile.label = part(tile, "span", "label");
  tile.help = part(tile, "button", "help");
  tile.help.type = "button";
  tile.help.textContent = "?";
  tile.value = part(tile, "div", "value");
  tile.beside = part(tile, "div", "beside");
  tile.course = document.createElementNS(SVG, "svg");
  tile.course.setAttribute("preserveAspectRatio", "none");
  tile.course.setAttribute("role", "img");
  tile.course.append(document.createElementNS(SVG, "path"));
  tile.append(tile.course);
  return tile;
}

function show(tile, known, box) {
  tile.label.textContent = known.label;
  tile.label.style.color = known.colour ? `var(--st-${known.colour}-text-color)` : "";
  tile.help.dataset.help = known.help;
  tile.help.setAttribute("aria-label", `${known.label}: ${known.help}`);
  tile.value.textContent = known.value;
  tile.beside.textContent = known.beside;
  tile.course.style.display = known.course ? "" : "none";
  tile.course.setAttribute("viewBox", box);
  tile.course.setAttribute("aria-label", known.alt);
  tile.course.firstChild.setAttribute("d", known.course);
}

export default function ({ data, parentElement }) {
  let grid = parentElement.querySelector(".live-tiles");
  if (!grid) {
    grid = document.createElement("div");
    grid.className = "live-tiles";
    parentElement.append(grid);
  }
  data.tiles.forEach((known, place) => {
    let tile = grid.children[place];
    if (tile?.dataset.metric !== known.name) {
      const fresh = begin(known.name);
      if (tile) tile.replaceWith(fresh);
      else grid.append(fresh);
      tile = fresh;
    }
    show(tile, known, data.box);
  });
  while (grid.children.length > data.tiles.length) grid.lastChild.remove();
}
