// Text as it is, character by character, with some of its words underlined. Nothing of it is read
// as HTML or Markdown: every piece goes in as a text node.
const STYLES = {
  for: { colour: "var(--st-blue-color)", line: "solid" },
  against: { colour: "var(--st-orange-color)", line: "dotted" },
}

export default function (component) {
  const { data, parentElement } = component
  let box = parentElement.querySelector("[data-marked]")
  if (!box) {
    box = document.createElement("div")
    box.dataset.marked = ""
    box.tabIndex = 0 // long texts scroll; the keyboard has to reach them
    box.setAttribute("role", "region")
    Object.assign(box.style, {
      whiteSpace: "pre-wrap",
      overflowWrap: "anywhere",
      overflowY: "auto",
      lineHeight: "1.75",
      color: "var(--st-text-color)",
      font: "inherit",
    })
    parentElement.appendChild(box)
  }
  box.setAttribute("aria-label", data.label)
  box.style.maxHeight = `${data.maxHeight}px`
  box.replaceChildren(...data.pieces.map(drawn))
}

function drawn([text, side, level, meaning]) {
  if (!side) return document.createTextNode(text)
  const mark = document.createElement("mark")
  mark.textContent = text
  mark.title = meaning
  Object.assign(mark.style, {
    background: "none",
    color: "inherit",
    fontWeight: level > 2 ? "650" : "inherit",
    textDecorationLine: "underline",
    textDecorationStyle: STYLES[side].line,
    textDecorationColor: STYLES[side].colour,
    textDecorationThickness: `${level + 1}px`,
    textUnderlineOffset: "4px",
    textDecorationSkipInk: "none",
  })
  return mark
}
