// The treemap: area is bytes, a click zooms into a directory.

const MOST_CELLS = 4000;
const LEAST_AREA = 14; // square pixels of a cell
const SPLIT_AREA = 220; // from which a directory shows what it holds

class TreeMap {
  /** `on` has zoom(place), up(), point(place, event or null) and leave(). */
  constructor(archive, number, on) {
    this.archive = archive;
    this.on = on;
    this.pattern = `hatch-${number}`;
    this.element = svg("svg", {
      class: "map", tabindex: 0, role: "group",
      "aria-label": "Map: area is bytes. Arrow keys choose, Enter zooms in, Escape zooms out.",
    });
    this.pointed = -1;
    this.top = [];
    this.listen();
  }

  listen() {
    const cell = (event) => event.target.closest("g[data-place]");
    this.element.addEventListener("click", (event) => {
      const found = cell(event);
      if (found) {
        const place = Number(found.dataset.place);
        this.on.zoom(this.archive.children[place] ? place : this.archive.parents[place]);
      }
    });
    this.element.addEventListener("pointermove", (event) => {
      const found = cell(event);
      if (found) {
        this.on.point(Number(found.dataset.place), event);
      } else {
        this.on.leave();
      }
    });
    this.element.addEventListener("pointerleave", () => this.on.leave());
    this.element.addEventListener("blur", () => this.mark(-1));
    this.element.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    if (event.key in steps && this.top.length) {
      const at = this.top.indexOf(this.pointed);
      const next = at < 0 ? 0 : (at + steps[event.key] + this.top.length) % this.top.length;
      this.mark(this.top[next]);
    } else if (event.key === "Enter" && this.pointed > 0 && this.archive.children[this.pointed]) {
      this.on.zoom(this.pointed);
    } else if (event.key === "Escape" || event.key === "Backspace") {
      this.on.up();
    } else {
      return;
    }
    event.preventDefault();
  }

  /** Chooses a cell by keyboard; -1 none. */
  mark(place) {
    this.pointed = place;
    for (const old of this.element.querySelectorAll(".pointed")) {
      old.classList.remove("pointed");
    }
    const found = place < 0 ? null : this.element.querySelector(`g[data-place="${place}"]`);
    if (found) {
      found.classList.add("pointed");
      this.on.point(place, null, found.getBoundingClientRect());
    } else {
      this.on.leave();
    }
  }

  /** `totals` of the archive, the directory in `focus`, `matching` places or null, `colour(row)` as a class. */
  draw({ totals, focus, matching, colour, hatched }) {
    const { clientWidth: width, clientHeight: height } = this.element;
    this.element.replaceChildren(this.hatch());
    this.element.setAttribute("viewBox", `0 0 ${width} ${height}`);
    if (!width || !totals.sums[focus]) {
      this.top = [];
      this.element.append(svg("text", { class: "nothing", x: "50%", y: "50%" }, "No file here has any bytes."));
      return;
    }
    const cells = this.layout(totals, focus, width, height);
    this.top = (cells.children || []).map((cell) => cell.data);
    const drawn = document.createDocumentFragment();
    cells.eachBefore((cell) => {
      if (cell.depth > 0 && cell.x1 > cell.x0 && cell.y1 > cell.y0) {
        drawn.append(this.cell(cell, totals, matching, colour, hatched));
      }
    });
    this.element.append(drawn);
  }

  hatch() {
    const pattern = svg("pattern", {
      id: this.pattern, width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)",
    }, svg("line", { class: "hatch", y2: 7 }));
    return svg("defs", {}, pattern);
  }

  layout(totals, focus, width, height) {
    const scale = (width * height) / totals.sums[focus];
    let least = LEAST_AREA;
    let root;
    do {
      const kept = (place) => totals.sums[place] * scale >= least;
      root = d3.hierarchy(focus, (place) => {
        const split = place === focus || totals.sums[place] * scale >= SPLIT_AREA;
        return split && this.archive.children[place] ? this.archive.children[place].filter(kept) : null;
      });
      least *= 2;
    } while (root.descendants().length > MOST_CELLS);
    root.each((cell) => { cell.value = totals.sums[cell.data]; });
    root.sort((one, other) => other.value - one.value || one.data - other.data);
    return d3.treemap()
      .size([width, height])
      .round(true)
      .paddingInner(1)
      .paddingOuter((cell) => (cell.depth === 0 || cell.x1 - cell.x0 < 12 ? 0 : 2))
      .paddingTop((cell) => (cell.depth > 0 && hasTitle(cell) ? 17 : cell.depth === 0 || cell.x1 - cell.x0 < 12 ? 0 : 2))(root);
  }

  cell(cell, totals, matching, colour, hatched) {
    const place = cell.data;
    const folder = Boolean(this.archive.children[place]);
    const width = cell.x1 - cell.x0;
    const height = cell.y1 - cell.y0;
    const open = folder && Boolean(cell.children);
    const row = totals.largest[place];
    const tone = row ? colour(row) : "";
    const rest = !open && (folder || (row && row.count > 0));
    const group = svg("g", {
      class: [folder ? "folder" : "file", open ? "open" : "", rest ? "rest" : "", tone].join(" ").trim(),
      "data-place": place,
      transform: `translate(${cell.x0},${cell.y0})`,
    }, svg("rect", { width, height, rx: 2 }));
    if (matching && !open && !matching[place]) {
      group.classList.add("dimmed");
    }
    if (row && !open && hatched(row)) {
      const stripes = svg("rect", { class: "stripes", width, height });
      stripes.style.fill = `url(#${this.pattern})`;
      group.append(stripes);
    }
    if (open ? hasTitle(cell) : width > 44 && height > 16) {
      group.append(svg("text", { x: 5, y: 12.5 }, fitted(this.archive.names[place], width - 9, open)));
      const size = sizeText(totals.sums[place]);
      if (!open && height > 32 && fitted(size, width - 9, false) === size) { // a number is whole or not there
        group.append(svg("text", { x: 5, y: 27, opacity: 0.85 }, size));
      }
    }
    return group;
  }
}

/** Has an open directory room for its name above what it holds? */
function hasTitle(cell) {
  return cell.x1 - cell.x0 > 44 && cell.y1 - cell.y0 > 34;
}

const ruler = document.createElement("canvas").getContext("2d");

/** Text cut to so many pixels in the font of the map's names, bold those of open directories; empty without room. */
function fitted(text, pixels, bold) {
  ruler.font = bold ? "600 11px system-ui, sans-serif" : "11.5px system-ui, sans-serif";
  const characters = [...text.slice(0, 400)];
  const fits = (most) => {
    const cut = most < characters.length || text.length > 400 ? `${characters.slice(0, most).join("")}…` : text;
    return ruler.measureText(cut).width <= pixels ? cut : null;
  };
  let least = 0;
  let most = characters.length;
  if (fits(most) !== null) {
    return fits(most);
  }
  while (most - least > 1) {
    const middle = (least + most) >> 1;
    [least, most] = fits(middle) === null ? [least, middle] : [middle, most];
  }
  return least === 0 ? "" : fits(least);
}
