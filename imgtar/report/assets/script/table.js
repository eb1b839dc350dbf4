// The file table: only the rows in view exist as elements, so a million scroll like ten.

const SPARE_ROWS = 10;
const NARROW = matchMedia("(max-width: 720px)"); // as in the style: a row has two lines there

class FileTable {
  /** `sorted(key)` is called when a heading is used. */
  constructor(archive, marks, sorted) {
    this.archive = archive;
    this.marks = marks;
    this.sorted = sorted;
    this.rows = [];
    this.columns = [];
    this.painted = new Map(); // the elements of the rows in view, by their numbers
    this.heading = html("div", { class: "columns", role: "row" });
    this.sizer = html("div", { class: "sizer", role: "rowgroup" });
    this.viewport = html("div", { class: "viewport", tabindex: 0, role: "presentation", "aria-label": "Files" }, this.sizer);
    this.element = html("div", { class: "grid", role: "table", "aria-label": "Files" },
      html("div", { role: "rowgroup" }, this.heading), this.viewport);
    let waiting = false;
    this.viewport.addEventListener("scroll", () => {
      if (!waiting) {
        waiting = true;
        requestAnimationFrame(() => { waiting = false; this.paint(); });
      }
    });
    NARROW.addEventListener("change", () => this.draw());
    new ResizeObserver(() => this.paint()).observe(this.viewport);
  }

  /** Columns have key, title, width, and text(row) or cell(row). */
  show(rows, columns, sort, search) {
    Object.assign(this, { rows, columns, sort, search });
    this.element.setAttribute("aria-rowcount", rows.length + 1);
    this.viewport.scrollTop = 0;
    this.draw();
  }

  draw() {
    this.height = NARROW.matches ? 50 : 28; // of a row, as in the style
    const widths = (columns, name) => columns.map((column) => column[name]).join(" ");
    const always = this.columns.filter(({ from }) => from === undefined);
    for (const [name, value] of [
      ["--columns", widths(this.columns, "width")],
      ["--columns-medium", widths(this.columns.filter(({ from }) => from !== "wide"), "width")],
      ["--columns-narrow", widths(always.filter(({ key }) => key !== "path"), "narrow")],
    ]) {
      this.element.style.setProperty(name, value);
    }
    this.heading.replaceChildren(...this.columns.map((column) => this.title(column)));
    this.sizer.style.height = `${this.rows.length * this.height}px`;
    this.painted.clear();
    this.sizer.replaceChildren();
    this.paint();
  }

  title(column) {
    const direction = this.sort.key === column.key ? (this.sort.down ? "descending" : "ascending") : null;
    const button = html("button", { type: "button" }, NARROW.matches && column.short ? column.short : column.title);
    button.addEventListener("click", () => {
      this.sorted(column.key);
      this.heading.querySelector(`[data-key="${column.key}"] button`).focus();
    });
    return html("div", { class: this.style(column), role: "columnheader", "data-key": column.key, "aria-sort": direction }, button);
  }

  style(column) {
    return ["cell", column.right && "right", column.from && `from-${column.from}`, column.style].filter(Boolean).join(" ");
  }

  paint() {
    const first = Math.max(0, Math.floor(this.viewport.scrollTop / this.height) - SPARE_ROWS);
    const end = Math.min(this.rows.length, first + Math.ceil(this.viewport.clientHeight / this.height) + 2 * SPARE_ROWS);
    for (const [index, line] of this.painted) {
      if (index < first || index >= end) {
        if (line.contains(document.activeElement)) {
          this.viewport.focus();
        }
        line.remove();
        this.painted.delete(index);
      }
    }
    let next = this.sizer.firstChild;
    for (let index = first; index < end; index += 1) {
      const line = this.painted.get(index);
      if (line) {
        next = line.nextSibling;
      } else {
        this.painted.set(index, this.sizer.insertBefore(this.line(this.rows[index], index), next));
      }
    }
  }

  line(row, index) {
    const cells = this.columns.map((column) => {
      const content = column.cell ? column.cell(row) : column.text(row);
      return html("div", { class: this.style(column), role: "cell", title: column.hint ? column.hint(row) : null }, content);
    });
    const line = html("div", { class: row.count ? "row summed" : "row", role: "row", "aria-rowindex": index + 2 }, ...cells);
    line.style.top = `${index * this.height}px`;
    return line;
  }

  /** A path with the findings about the file, its directory in grey, and what was searched for marked. */
  path(row) {
    const name = this.archive.names[row.place];
    const folder = this.archive.path(this.archive.parents[row.place]);
    const link = this.archive.links.get(row.place);
    const cell = html("span", { class: "whole-path" }, ...this.marks.buttons(this.archive, row),
      html("span", { class: "folder-part" }, ...this.search.marked(`${folder}/`)),
      html("span", { class: "file-part" }, ...this.search.marked(name)));
    if (link !== undefined && !row.count) {
      cell.append(html("span", { class: "folder-part" }, ` → ${link}`));
    }
    return cell;
  }
}
