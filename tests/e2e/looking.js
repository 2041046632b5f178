// What a page is to somebody with a narrow window, without a mouse, or who does not see its charts.
(() => {
  const main = () => document.querySelector("[data-testid=stMain]");
  const isSeen = (element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    element.getBoundingClientRect().width > 1;
  const named = (element) =>
    element.getAttribute("aria-label") || element.textContent.trim() || element.outerHTML.slice(0, 120);
  const CONTROLS = "a[href], button, input, select, textarea, [role=button], [role=slider]";
  // Between the parts of these one goes by the arrow keys.
  const GROUPS =
    "[role=radiogroup], [role=grid], [role=tablist], [role=listbox], [role=toolbar], " +
    "[data-testid=stSelectbox], [data-testid=stMultiSelect], [data-testid=stNumberInput]";
  const controls = () =>
    [...document.querySelectorAll(CONTROLS)].filter(
      (one) => isSeen(one) && !one.disabled && one.ariaDisabled !== "true" && !one.closest("[inert]"),
    );
  const isReached = (one) => {
    const group = one.closest(GROUPS);
    return (
      one.tabIndex >= 0 ||
      (group && controls().some((other) => group.contains(other) && other.tabIndex >= 0))
    );
  };

  window.looking = {
    // Judged on one ground: over a gradient nothing could be said of a contrast. And as it is once
    // it rests: Streamlit lets what is about to be drawn anew fade.
    flatten: () => {
      const style = document.createElement("style");
      style.textContent =
        "* { background-image: none !important; transition: none !important }" +
        "[data-stale=true] { opacity: 1 !important }";
      document.head.append(style);
    },
    sideways: () => Math.max(
      main().scrollWidth - main().clientWidth,
      document.documentElement.scrollWidth - window.innerWidth,
    ),
    undrawn: () => [...document.querySelectorAll("[data-chart]")].filter(
      (chart) => !chart.querySelector("svg"),
    ).length,
    withoutWords: () =>
      [...document.querySelectorAll("[data-chart]")]
        .filter((chart) => !/\w+ \w+/.test(chart.getAttribute("aria-label") ?? ""))
        .map((chart) => chart.outerHTML.slice(0, 120)),
    // A chart stands below words that say what it is of, in the same part of the page, or says it
    // large in itself.
    withoutTitle: () =>
      [...document.querySelectorAll("[data-chart]")]
        .filter((chart) => {
          const block = chart.closest("[data-testid=stVerticalBlock]");
          const [first] = chart.getAttribute("aria-label").match(/\w+/);
          return !chart.textContent.includes(first) && ![...block.querySelectorAll("h1, h2, h3, h4, p, label")].some(
            (words) =>
              words.textContent.trim() &&
              words.compareDocumentPosition(chart) & Node.DOCUMENT_POSITION_FOLLOWING,
          );
        })
        .map((chart) => chart.getAttribute("aria-label")),
    beyondKeys: () => controls().filter((one) => !isReached(one)).map(named),
  };
})();
