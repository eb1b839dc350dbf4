// The findings about files: each file's mark in the table, and the way from one to the other.

/** The findings of one image that name a file, by its path. */
class Marks {
  constructor(section) {
    this.byPath = new Map();
    for (const item of section ? section.querySelectorAll("li[data-path]") : []) {
      const { severity, code } = item.closest(".finding").dataset;
      const layer = item.dataset.layers === undefined ? null : Number(item.dataset.layers);
      const marks = this.byPath.get(item.dataset.path) || [];
      marks.push({ item, severity, code, layer });
      this.byPath.set(item.dataset.path, marks);
    }
  }

  get empty() {
    return this.byPath.size === 0;
  }

  /** The findings about a row's file as its layer stores it, worst first as in the section of the findings. */
  of(archive, row) {
    const marks = row.count ? undefined : this.byPath.get(archive.path(row.place));
    return (marks || []).filter(({ layer }) => layer === null || layer === row.layer);
  }

  /** The button beside a row's path, where it has findings: the worst severity, which leads to that finding. */
  buttons(archive, row) {
    const marks = this.of(archive, row);
    if (marks.length === 0) {
      return [];
    }
    const [{ item, severity }] = marks;
    const title = marks.slice(0, 5).map((mark) => `${mark.code}: ${mark.item.firstChild.textContent}`).join("\n");
    const button = html("button", { type: "button", class: `flag s-${severity}`, title }, severity, marks.length > 1 ? ` ×${marks.length}` : "");
    button.addEventListener("click", () => showFinding(item));
    return [button];
  }
}

/** Opens what the finding is folded in, goes there and marks it. */
function showFinding(item) {
  const folded = item.closest("details");
  if (folded) {
    folded.open = true;
  }
  for (const other of document.querySelectorAll("li.named")) {
    other.classList.remove("named");
  }
  item.classList.add("named");
  item.setAttribute("tabindex", -1);
  item.focus({ preventScroll: true });
  item.scrollIntoView({ block: "center" });
}

/** A button at each finding about a file that leads to the file; `show(path, layer)` shows it. */
function linkFiles(marks, show) {
  for (const [path, found] of marks.byPath) {
    for (const { item, layer } of found) {
      const button = html("button", { type: "button", class: "link", "aria-label": `Show ${path} in the table` }, "show the file");
      button.addEventListener("click", () => show(path, layer));
      (item.querySelector("small") || item).append(" ", button);
    }
  }
}
