// What the file table shows in each of its three modes, and how it is sorted.

const SIGNS = { added: "+", modified: "~", deleted: "−" };
const WASTE_WORDS = { "metadata-only": "metadata only" };

/** The columns of a mode; widths are those of a grid. */
function columnsOf(mode, archive, table, choose) {
  const chip = (layer) => {
    if (layer < 0) {
      return "";
    }
    const button = html("button", {
      type: "button", class: `chip ${archive.tone(layer)}`, "data-layer": layer, title: archive.layers[layer] ? archive.layers[layer].words : null,
    }, String(layer));
    button.addEventListener("click", () => choose(layer));
    return button;
  };
  const path = {
    key: "path", title: "Path", width: "minmax(0, 1fr)", narrow: "minmax(0, 1fr)", style: "path-cell",
    cell: (row) => table.path(row), hint: (row) => archive.path(row.place), sort: (row) => archive.path(row.place),
  };
  const size = {
    key: "size", title: mode === "waste" ? "Bytes" : "Size", width: "5.2rem", narrow: "4.6rem", right: true,
    text: (row) => sizeText(row.size), hint: (row) => `${numberText(row.size)} bytes`, sort: (row) => row.size,
  };
  const layer = {
    key: "layer", title: mode === "waste" ? "Added by" : "Layer", width: mode === "waste" ? "7rem" : "3.4rem", narrow: "2.6rem",
    cell: (row) => (mode === "waste" ? html("span", {}, chip(row.layer), ` ${keyword(archive, row.layer)}`) : chip(row.layer)), sort: (row) => row.layer,
  };
  const instruction = {
    key: "instruction", title: "Instruction", width: "6.5rem", wide: true, style: "mono",
    text: (row) => keyword(archive, row.layer), hint: (row) => archive.layers[row.layer].words, sort: (row) => keyword(archive, row.layer),
  };
  const permissions = {
    key: "mode", title: "Mode", width: "3.4rem", wide: true, style: "mono",
    text: (row) => archive.permissions(row), sort: (row) => archive.permissions(row),
  };
  const owner = {
    key: "owner", title: "Owner", width: "6rem", wide: true, style: "mono",
    text: (row) => archive.owner(row), sort: (row) => archive.owner(row),
  };
  const type = {
    key: "type", title: "Type", width: "4.6rem", wide: true,
    text: (row) => (row.count ? "" : archive.type(row)), sort: (row) => archive.type(row),
  };
  const kind = {
    key: "kind", title: "±", name: "Change", width: "5.8rem", narrow: "1rem", style: "sign-cell",
    cell: (row) => html("span", { class: archive.kind(row) }, `${SIGNS[archive.kind(row)]} ${archive.kind(row)}`), sort: (row) => archive.kind(row),
  };
  const why = {
    key: "why", title: "Why", width: "9rem", wide: true,
    text: (row) => archive.reasons(row), hint: (row) => archive.reasons(row), sort: (row) => archive.reasons(row),
  };
  const what = {
    key: "kind", title: "What happened", width: "7.5rem", wide: true,
    text: (row) => WASTE_WORDS[archive.kind(row)] || archive.kind(row), sort: (row) => archive.kind(row),
  };
  const removed = {
    key: "other", title: "Removed in", width: "7rem", narrow: "2.6rem",
    cell: (row) => html("span", {}, chip(row.other), ` ${keyword(archive, row.other)}`), sort: (row) => row.other,
  };
  return {
    final: [path, size, layer, instruction, type, permissions, owner],
    changes: [kind, path, size, layer, instruction, why, type, permissions, owner],
    waste: [path, size, what, layer, removed],
  }[mode];
}

function keyword(archive, layer) {
  return archive.layers[layer] ? archive.layers[layer].keyword : "";
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
