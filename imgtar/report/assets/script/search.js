// What is typed into the search field: a part of a path, or a pattern where it has one of * ? [.

const LONGEST_SEARCH = 1000; // characters

class Search {
  constructor(text) {
    this.text = text;
    this.lowered = text.toLowerCase();
    this.glob = null;
    this.problem = "";
    if (/[*?[]/.test(text)) {
      try {
        this.glob = new Glob(text);
      } catch (problem) {
        if (!(problem instanceof BadGlob)) {
          throw problem;
        }
        this.problem = problem.message;
      }
    }
  }

  /** For each place of an archive: does its path match? Of summed files no path is known. */
  matching(archive) {
    const found = new Uint8Array(archive.names.length);
    const paths = this.glob ? archive.listedPaths : archive.loweredPaths;
    paths.forEach((path, place) => {
      found[place] = this.glob ? this.glob.matches(path.slice(1), archive.isFolder(place)) : path.includes(this.lowered);
    });
    return found;
  }

  /** The text with what was searched for marked in it. */
  marked(text) {
    const at = this.text && !this.glob ? text.toLowerCase().indexOf(this.lowered) : -1;
    if (at < 0) {
      return [text];
    }
    const end = at + this.lowered.length;
    return [text.slice(0, at), html("mark", {}, text.slice(at, end)), text.slice(end)];
  }
}

/** The search that finds this path; what is special in a pattern is taken as it stands. */
function searchFor(path) {
  return /[*?[]/.test(path) ? path.replace(/[\\*?[]/g, "\\$&") : path;
}

/** Where else rows match than in what is shown: words for each such place, and the view that shows it. */
function elsewhere(archive, view, matches, chosen, inside) {
  const matching = Object.fromEntries(Object.entries(archive.lists).map(([mode, rows]) => [mode, rows.filter(matches)]));
  const here = chosen.filter(matches);
  const shown = here.filter((row) => inside[row.place]);
  const known = new Set(shown.map((row) => row.place));
  /** The rows at places that were not counted before. */
  const fresh = (rows) => {
    const added = rows.filter((row) => !known.has(row.place));
    added.forEach((row) => known.add(row.place));
    return added.length;
  };
  const everything = { layer: null, kind: "", folder: "" };
  const places = [
    [here.length - shown.length, `outside ${view.folder}`, { folder: "" }],
    [matching[view.mode].length - here.length, view.layer === null ? "of another kind" : "of other layers", everything],
  ];
  if (view.mode !== "waste") {
    places.push([matching.waste.length, "among the wasted files", { ...everything, mode: "waste" }]);
  }
  [...here, ...matching[view.mode], ...matching.waste].forEach((row) => known.add(row.place));
  for (const [mode, words] of [["final", "among the final files"], ["changes", "among the changes"]]) {
    if (view.mode !== mode) {
      places.push([fresh(matching[mode]), words, { ...everything, mode }]);
    }
  }
  return places.filter(([count]) => count > 0);
}
