// Text and elements. Strings of the image reach the page through textContent and attributes only, never as markup.

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

/** Bytes as docker prints them: SI units, three significant digits. */
function sizeText(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${Number(value.toPrecision(3))} ${UNITS[unit]}`;
}

/** A whole number with its thousands grouped, the same in every language. */
function numberText(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

function counted(number, noun) {
  return `${numberText(number)} ${noun}${number === 1 ? "" : "s"}`;
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...children);
  return element;
}

/** An element of HTML; children are elements or text. */
function html(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** An element of SVG. */
function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

/** The key / goes to the search field that `search()` finds, if any. */
function focusOnSlash(search) {
  addEventListener("keydown", (event) => {
    const typing = event.target.closest && event.target.closest("input, select, textarea");
    const field = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey && search();
    if (field) {
      field.focus();
      event.preventDefault();
    }
  });
}
