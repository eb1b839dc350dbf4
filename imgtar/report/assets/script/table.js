// The file table: only the rows in view exist as elements, so a million scroll like ten.

const ROW_HEIGHT = 28; // as in the style
const SPARE_ROWS = 10;

class FileTable {
  /** `sorted(key)` is called when a heading is used. */
  constructor(archive, sorted) {
    this.archive = archive;
    this.sorted = sorted;
    this.rows = [];
    this.columns = [];
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
  }

  /** Columns have key, title, text(row) or cell(row), and may be right, wide (hidden on small screens). */
  show(rows, columns, sort, query) {
    this.rows = rows;
    this.columns = columns;
    this.query = query;
    this.element.style.setProperty("--columns", columns.map((column) => column.width).join(" "));
    this.element.style.setProperty("--narrow", columns.filter((column) => !column.wide).map((column) => column.narrow || "auto").join(" "));
    this.element.setAttribute("aria-rowcount", rows.length + 1);
    this.heading.replaceChildren(...columns.map((column) => this.title(column, sort)));
    this.sizer.style.height = `${rows.length * ROW_HEIGHT}px`;
    this.viewport.scrollTop = 0;
    this.paint();
  }

  title(column, sort) {
    const direction = sort.key === column.key ? (sort.down ? "descending" : "ascending") : null;
    const button = html("button", { type: "button", "aria-label": column.name }, column.title);
    button.addEventListener("click", () => this.sorted(column.key));
    return html("div", { class: this.style(column), role: "columnheader", "aria-sort": direction }, button);
  }

  style(column) {
    return ["cell", column.right ? "right" : "", column.wide ? "wide-only" : "", column.style || ""].join(" ").trim();
  }

  paint() {
    const first = Math.max(0, Math.floor(this.viewport.scrollTop / ROW_HEIGHT) - SPARE_ROWS);
    const shown = Math.ceil(this.viewport.clientHeight / ROW_HEIGHT) + 2 * SPARE_ROWS;
    const painted = this.rows.slice(first, first + shown).map((row, offset) => this.line(row, first + offset));
    this.sizer.replaceChildren(...painted);
  }

  line(row, index) {
    const cells = this.columns.map((column) => {
      const content = column.cell ? column.cell(row) : column.text(row);
      return html("div", { class: this.style(column), role: "cell", title: column.hint ? column.hint(row) : null }, content);
    });
    const line = html("div", { class: row.count ? "row summed" : "row", role: "row", "aria-rowindex": index + 2 }, ...cells);
    line.style.top = `${index * ROW_HEIGHT}px`;
    return line;
  }

  /** A path with its directory in grey and what was searched for marked. */
  path(row) {
    const name = this.archive.names[row.place];
    const folder = this.archive.path(this.archive.parents[row.place]);
    const link = this.archive.links.get(row.place);
    const cell = html("span", { class: "whole-path" },
      html("span", { class: "folder-part" }, ...this.marked(`${folder}/`)),
      html("span", { class: "file-part" }, ...this.marked(name)));
    if (link !== undefined && !row.count) {
      cell.append(html("span", { class: "folder-part" }, ` → ${link}`));
    }
    return cell;
  }

  marked(text) {
    const at = this.query ? text.toLowerCase().indexOf(this.query) : -1;
    if (at < 0) {
      return [text];
    }
    const end = at + this.query.length;
    return [text.slice(0, at), html("mark", {}, text.slice(at, end)), text.slice(end)];
  }
}
