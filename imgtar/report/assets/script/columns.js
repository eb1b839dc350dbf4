// What the file table shows in each of its three modes, and how it is sorted.

const SIGNS = { added: "+", modified: "~", deleted: "−" };
const WASTE_WORDS = { "metadata-only": "metadata only" };

/** The columns of a mode; widths are those of a grid, `narrow` those of the second line on a small screen.
 *
 * A column has a place on screens of every width, unless `from` says from which one on.
 */
function columnsOf(mode, archive, table, choose) {
  const chip = (layer) => {
    if (layer < 0) {
      return "";
    }
    const words = archive.layers[layer] ? archive.layers[layer].words : "";
    const button = html("button", {
      type: "button", class: `chip ${archive.tone(layer)}`, "data-layer": layer, title: words, "aria-label": `layer ${layer}: ${words}`,
    }, String(layer));
    button.addEventListener("click", () => choose(layer));
    return button;
  };
  const step = (layer) => html("span", {}, chip(layer), html("span", { class: "kw" }, ` ${archive.keyword(layer)}`));
  const path = {
    key: "path", title: "Path", width: "minmax(0, 1fr)", narrow: "minmax(0, 1fr)", style: "path-cell",
    cell: (row) => table.path(row), hint: (row) => archive.path(row.place), sort: (row) => archive.path(row.place),
  };
  const size = {
    key: "size", title: mode === "waste" ? "Bytes" : "Size", width: "5.2rem", narrow: "4.2rem", right: true,
    text: (row) => sizeText(row.size), hint: (row) => `${numberText(row.size)} bytes`, sort: (row) => row.size,
  };
  const layer = {
    key: "layer", title: "Layer", width: "3.6rem", narrow: "3.4rem",
    cell: (row) => chip(row.layer), sort: (row) => row.layer,
  };
  const instruction = {
    key: "instruction", title: "Instruction", width: "6.5rem", style: "mono", from: "medium",
    text: (row) => archive.keyword(row.layer), hint: (row) => archive.layers[row.layer].words, sort: (row) => archive.keyword(row.layer),
  };
  const permissions = {
    key: "mode", title: "Mode", width: "3.4rem", from: "wide", style: "mono",
    text: (row) => archive.permissions(row), sort: (row) => archive.permissions(row),
  };
  const owner = {
    key: "owner", title: "Owner", width: "6rem", from: "wide", style: "mono",
    text: (row) => archive.owner(row), sort: (row) => archive.owner(row),
  };
  const type = {
    key: "type", title: "Type", width: "4.6rem", from: "wide",
    text: (row) => (row.count ? "" : archive.type(row)), sort: (row) => archive.type(row),
  };
  const kind = {
    key: "kind", title: "Change", width: "5.8rem", narrow: "minmax(0, 1fr)",
    cell: (row) => html("span", { class: archive.kind(row) }, `${SIGNS[archive.kind(row)]} ${archive.kind(row)}`), sort: (row) => archive.kind(row),
  };
  const why = {
    key: "why", title: "Why", width: "9rem", from: "wide",
    text: (row) => archive.reasons(row), hint: (row) => archive.reasons(row), sort: (row) => archive.reasons(row),
  };
  const what = {
    key: "kind", title: "What happened", short: "What", width: "7.5rem", narrow: "minmax(0, 1fr)",
    text: (row) => WASTE_WORDS[archive.kind(row)] || archive.kind(row), sort: (row) => archive.kind(row),
  };
  const added = {
    key: "layer", title: "Added by", short: "Added", width: "7rem", narrow: "3rem",
    cell: (row) => step(row.layer), sort: (row) => row.layer,
  };
  const removed = {
    key: "other", title: "Removed in", short: "Removed", width: "7rem", narrow: "4.2rem",
    cell: (row) => step(row.other), sort: (row) => row.other,
  };
  return {
    final: [path, size, layer, instruction, type, permissions, owner],
    changes: [kind, path, size, layer, why, type, permissions, owner],
    waste: [path, size, what, added, removed],
  }[mode];
}

/** The rows in the order of a column; equal ones by path, sums of small files after the files. */
function ordered(rows, column, down) {
  const keys = new Map(rows.map((row) => [row, column.sort(row)]));
  const sign = down ? -1 : 1;
  return rows.slice().sort((one, other) => {
    const left = keys.get(one);
    const right = keys.get(other);
    return left < right ? -sign : left > right ? sign : one.place - other.place;
  });
}
