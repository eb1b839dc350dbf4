// The map and the file table of one image, which show a view: mode, layer, kind of change, directory, search.

const MODES = [
  ["final", "Final files", "The files that a container sees, coloured by the layer that holds each file."],
  ["changes", "Changes", "The files that layers added, modified and deleted."],
  ["waste", "Wasted", "Stored in a layer, but no longer reachable in the final image."],
];
const KINDS = ["added", "modified", "deleted"];
const SEARCH_DELAY = 120; // milliseconds

class Explorer {
  /** `on.change(changes, replaces)` asks for another view, `on.choose(layer or null)` for what a layer did. */
  constructor(archive, marks, number, section, on) {
    this.archive = archive;
    this.marks = marks;
    this.section = section;
    this.on = on;
    this.view = PLAIN_VIEW;
    this.sorting = { key: "size", down: true };
    this.focus = 0;
    this.map = new TreeMap(archive, number, {
      zoom: (place) => this.zoom(place),
      up: () => this.zoom(archive.parents[this.focus]),
      point: (place, event, box) => this.point(place, event, box),
      leave: () => { this.tip.hidden = true; },
    });
    this.table = new FileTable(archive, marks, (key) => this.sort(key));
    this.controls();
    this.build(number);
    new ResizeObserver(() => requestAnimationFrame(() => this.drawMap())).observe(this.map.element);
  }

  controls() {
    const change = (changes) => this.on.change(changes, false);
    this.switch = html("div", { class: "switch", role: "group", "aria-label": "What the map and the table show" });
    for (const [mode, title, hint] of MODES) {
      const button = html("button", { type: "button", "data-mode": mode, title: hint }, title);
      button.addEventListener("click", () => change({ mode }));
      this.switch.append(button);
    }
    this.layer = html("select", {}, html("option", { value: "" }, "all layers"),
      ...this.archive.layers.map((_, index) => html("option", { value: index }, this.archive.layerText(index))));
    this.layer.addEventListener("change", () => change({ layer: this.layer.value === "" ? null : Number(this.layer.value) }));
    this.kind = html("select", {}, html("option", { value: "" }, "all changes"),
      ...KINDS.map((kind) => html("option", { value: kind }, `${SIGNS[kind]} ${kind}`)));
    this.kind.addEventListener("change", () => change({ kind: this.kind.value }));
    this.kindLabel = html("label", {}, "Show", this.kind);
    this.flagged = html("input", { type: "checkbox" });
    this.flagged.addEventListener("change", () => change({ flagged: this.flagged.checked ? "yes" : "" }));
  }

  build(number) {
    this.tip = html("div", { class: "tip", role: "tooltip", hidden: true });
    this.announcement = html("div", { class: "announce", role: "status" });
    this.hint = html("span", { class: "hint" });
    this.crumbs = html("nav", { class: "crumbs", "aria-label": "Directory" });
    this.legend = html("ul", { class: "legend" });
    this.ten = html("div", { class: "ten" });
    this.scopes = [html("span", { class: "scope" }), html("span", { class: "scope" })];
    this.result = html("span", { class: "hint", role: "status" });
    this.others = html("p", { class: "elsewhere" });
    this.section.append(
      html("h2", {}, "Map ", this.scopes[0]),
      html("div", { class: "controls" }, this.switch, html("label", {}, "Layer", this.layer), this.kindLabel, this.hint),
      this.crumbs,
      html("div", { class: "canvas" }, html("div", {}, this.map.element, this.legend), this.ten),
      html("div", { class: "files" },
        html("h2", {}, "Files ", this.scopes[1]),
        html("div", { class: "controls" }, html("label", { class: "search" }, this.searchField(number)),
          html("label", { hidden: this.marks.empty }, this.flagged, "only with findings"), this.result),
        this.others,
        this.table.element),
      this.tip,
      this.announcement,
    );
    this.section.hidden = false;
  }

  searchField(number) {
    this.search = html("input", {
      type: "search", placeholder: "Part of a path, or *.so, /etc/**", "aria-label": "Search paths", id: `search-${number}`,
      maxlength: LONGEST_SEARCH, autocomplete: "off", autocapitalize: "off", spellcheck: "false",
      title: "A part of a path in upper or lower case, or a pattern as in .gitignore: *.pem, /etc/**, lib?.so, [ab]*",
    });
    let timer = 0;
    this.search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.on.change({ search: this.search.value.trim() }, true), SEARCH_DELAY);
    });
    return this.search;
  }

  zoom(place) {
    this.on.change({ folder: this.archive.path(place) }, false);
  }

  sort(key) {
    const { key: before, down } = this.sorting;
    this.sorting = { key, down: before === key ? !down : key === "size" };
    this.drawTable();
  }

  /** The rows of the mode, layer and kind: what the map shows, wherever it is zoomed. */
  chosen() {
    const { mode, layer, kind } = this.view;
    return this.archive.lists[mode].filter((row) => (
      (layer === null || row.layer === layer || (mode === "waste" && row.other === layer))
      && (mode !== "changes" || kind === "" || this.archive.kind(row) === kind)
      && this.isWanted(row)
    ));
  }

  /** Is a row among those that are asked for: all, or those with findings? */
  isWanted(row) {
    return this.view.flagged === "" || this.marks.of(this.archive, row).length > 0;
  }

  /** Shows a view. Where its directory holds nothing of it, the nearest directory above that does is shown. */
  show(view) {
    if (view.mode !== this.view.mode) {
      this.sorting = { key: "size", down: true };
    }
    const focused = this.section.contains(document.activeElement);
    this.view = view;
    this.rows = this.chosen();
    this.totals = this.archive.totals(this.rows);
    this.focus = this.archive.folder(view.folder);
    while (this.focus !== 0 && this.totals.counts[this.focus] === 0) {
      this.focus = this.archive.parents[this.focus];
    }
    this.inside = this.archive.below(this.focus);
    this.query = new Search(view.search);
    this.matching = view.search ? this.query.matching(this.archive) : null;
    this.tip.hidden = true;
    this.drawControls();
    this.drawScopes();
    this.drawCrumbs();
    this.drawMap();
    this.legend.replaceChildren(...legendItems(this.archive, view.mode, this.rows));
    this.ten.replaceChildren(...tenLargest(this.archive, this.totals, this.focus, (row) => this.colour(row), (place) => this.zoom(place)));
    this.drawTable();
    this.drawElsewhere();
    if (focused && !this.section.contains(document.activeElement)) { // the button that was used is gone
      this.crumbs.querySelector("[aria-current]").focus({ preventScroll: true });
    }
  }

  drawControls() {
    const { mode, layer, kind, search, flagged } = this.view;
    for (const button of this.switch.children) {
      button.setAttribute("aria-pressed", button.dataset.mode === mode);
    }
    this.layer.value = layer === null ? "" : layer;
    this.flagged.checked = flagged !== "";
    this.kind.value = kind;
    this.kindLabel.hidden = mode !== "changes";
    this.hint.textContent = MODES.find(([name]) => name === mode)[2] + unreadWords(this.archive.layers);
    if (this.search.value.trim() !== search) {
      this.search.value = search;
    }
  }

  drawScopes() {
    const { layer } = this.view;
    const words = scopeWords(this.archive, this.view, this.rows);
    for (const scope of this.scopes) {
      scope.replaceChildren(words);
      if (layer !== null) {
        const all = html("button", { type: "button", class: "clear" }, "Show all layers");
        all.addEventListener("click", () => this.on.choose(null));
        scope.append(all);
      }
    }
  }

  colour(row) {
    return this.view.mode === "changes" ? `is-${this.archive.kind(row)}` : this.archive.tone(row.layer);
  }

  drawMap() {
    this.map.draw({
      totals: this.totals,
      focus: this.focus,
      matching: this.matching,
      colour: (row) => this.colour(row),
      hatched: (row) => this.view.mode === "waste" || (this.view.mode === "changes" && this.archive.kind(row) === "deleted"),
    });
  }

  drawCrumbs() {
    const trail = [0, ...this.archive.trail(this.focus)];
    const parts = trail.map((place, index) => {
      const last = index === trail.length - 1;
      const button = html("button", { type: "button", "aria-current": last ? "location" : null }, place === 0 ? "/" : this.archive.names[place]);
      button.addEventListener("click", () => this.zoom(place));
      return button;
    });
    const sum = this.totals.sums[this.focus];
    this.crumbs.replaceChildren(...parts, html("span", { class: "sum", title: `${numberText(sum)} bytes` }, sizeText(sum)));
  }

  drawTable() {
    const { archive, inside, matching, sorting } = this;
    const columns = columnsOf(this.view.mode, archive, this.table, (layer) => this.on.choose(layer));
    const column = columns.find(({ key }) => key === sorting.key) || columns.find(({ key }) => key === "size");
    const shown = this.rows.filter((row) => inside[row.place] && (!matching || matching[row.place]));
    this.table.show(ordered(shown, column, sorting.down), columns, { key: column.key, down: sorting.down }, this.query);
    const count = shown.reduce((sum, row) => sum + (row.count || 1), 0);
    const size = shown.reduce((sum, row) => sum + archive.area(row), 0);
    const unlisted = matching ? this.rows.reduce((sum, row) => sum + (inside[row.place] ? row.count : 0), 0) : 0;
    const note = unlisted ? `; ${numberText(unlisted)} smaller files are not listed by name` : "";
    this.result.textContent = `${counted(count, "path")}, ${sizeText(size)}${note}`;
  }

  /** Shows the file at a path as a layer stores it (null: as it is in the end), in the list that has it. */
  showFile(path, layer) {
    const place = this.archive.listedPaths.indexOf(path);
    const has = (mode) => this.archive.lists[mode].some((row) => row.place === place && (layer === null || row.layer === layer));
    const mode = ["final", "waste"].find(has) || "changes";
    this.on.change({ ...PLAIN_VIEW, mode, layer: mode === "changes" ? layer : null, search: searchFor(path) }, false);
    this.section.querySelector(".files").scrollIntoView();
  }

  /** Says where else the search finds something, and why a pattern is searched for as text. */
  drawElsewhere() {
    const { archive, view, matching, query } = this;
    const here = { ...view, folder: archive.path(this.focus) };
    const matches = (row) => (!matching || matching[row.place]) && this.isWanted(row);
    const asks = view.search !== "" || view.flagged !== "";
    const places = asks ? elsewhere(archive, here, matches, this.rows, this.inside) : [];
    const parts = places.map(([count, words, changes]) => {
      const button = html("button", { type: "button", class: "link" }, `${numberText(count)} more ${words}`);
      button.addEventListener("click", () => this.on.change(changes, false));
      return button;
    });
    if (query.problem) {
      parts.unshift(html("span", {}, `Searched for as text: ${query.problem}.`));
    }
    this.others.replaceChildren(...parts);
    this.others.hidden = parts.length === 0;
  }

  /** Shows what a cell is, at the pointer or below the cell's box; the latter is for the keyboard, and is said too. */
  point(place, event, box) {
    const [path, ...lines] = placeLines(this.archive, this.totals, this.view.mode, place);
    this.tip.replaceChildren(html("b", {}, path), ...lines.map((text) => html("span", {}, text)));
    this.tip.hidden = false;
    if (event === null) {
      this.announcement.textContent = [path, ...lines].join(", ");
    }
    const x = event ? event.clientX + 14 : box.left + 8;
    const y = event ? event.clientY + 16 : box.top + Math.min(box.height, 60);
    this.tip.style.left = `${Math.max(4, Math.min(x, innerWidth - this.tip.offsetWidth - 6))}px`;
    this.tip.style.top = `${Math.max(4, Math.min(y, innerHeight - this.tip.offsetHeight - 6))}px`;
  }
}
