// Path patterns: the dialect of imgtar/globs.py, translated in the same way; a test compares both.
//
// JavaScript has no atomic groups: a group in a look-ahead keeps its first match too, and a reference to it moves on.

const END_OF_NAME = "(?=/|$)";
const NOTHING = "(?!)";
const TRAILING_SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/u;

/** A pattern that cannot match anything; the message says why. */
class BadGlob extends Error {}

/** One pattern as in .gitignore. Throws BadGlob for a pattern that cannot match. */
class Glob {
  constructor(line) {
    const text = line.endsWith("\\ ") ? line : line.replace(TRAILING_SPACE, "");
    if (!text || text.startsWith("#") || text === "/") {
      throw new BadGlob("it is empty, a comment, or a slash alone");
    }
    this.includes = !text.startsWith("!");
    this.atoms = 0;
    const parts = globParts(this.includes ? text : text.slice(1));
    if (parts.length === 0) {
      throw new BadGlob("there is no pattern after !");
    }
    this.expression = new RegExp(`^(?:${this.translated(parts, text.endsWith("/"))})`, "su");
  }

  /** Does a path (relative, without empty parts) match, or a directory above it? A pattern with ! matches nothing. */
  matches(path, isDirectory) {
    return this.includes && this.expression.test(isDirectory ? `${path}/` : path);
  }

  atomic(expression) {
    this.atoms += 1;
    return `(?=(?<atom${this.atoms}>${expression}))\\k<atom${this.atoms}>`;
  }

  translated(parts, isDirectory) {
    const pattern = parts.join("/");
    if (pattern === "**" || pattern === "**/*" || pattern === "**/*/**") {
      return isDirectory || parts.length === 3 ? ".*/" : ".";
    }
    const runs = this.runs(parts);
    const last = runs.pop();
    const head = runs.map((run) => this.atomic(run + END_OF_NAME)).join("");
    return parts[parts.length - 1] === "**" ? `${head}${this.atomic(last + END_OF_NAME)}/` : `${head}${last}${END_OF_NAME}`;
  }

  /** The expressions of the runs of parts between `**`, each with what may stand before it. */
  runs(parts) {
    const runs = [];
    let before = "";
    parts.forEach((part, number) => {
      if (part === "**") {
        before = number === 0 ? "(?:|.+?/)" : "(?:|/.+?)/";
        return;
      }
      const expression = this.part(globPieces([...part]));
      if (runs.length === 0 || before !== "/") {
        runs.push(before + (part === "*" ? "[^/]+" : expression));
      } else {
        runs[runs.length - 1] += before + (part === "*" ? "[^/]+" : expression);
      }
      before = "/";
    });
    return runs;
  }

  /** One part of a path from what stands between its `*`; only the last piece is tied to the end of the part. */
  part(pieces) {
    if (pieces.length === 1) {
      return pieces[0];
    }
    const middle = pieces.slice(1, -1).filter(Boolean).map((piece) => this.atomic(`[^/]*?${piece}`)).join("");
    return `${pieces[0]}${middle}[^/]*${pieces[pieces.length - 1]}`;
  }
}

/** The parts between the slashes, with the `**` that a slash at the end, or none but that, stands for. */
function globParts(text) {
  const parts = text.split("/");
  if (parts[0] === "") {
    parts.shift();
  } else if (parts.length === 1 || (parts.length === 2 && parts[1] === "")) {
    parts.unshift("**");
  }
  if (parts.length && parts[parts.length - 1] === "") {
    parts[parts.length - 1] = "**";
  }
  return parts.filter((part, number) => part !== "**" || number === 0 || parts[number - 1] !== "**");
}

/** The expression of each piece between two `*`, of a fixed number of characters. */
function globPieces(part) {
  const pieces = [""];
  for (let at = 0; at < part.length; at += 1) {
    let expression = literal(part[at]);
    if (part[at] === "*") {
      pieces.push("");
      continue;
    } else if (part[at] === "?") {
      expression = "[^/]";
    } else if (part[at] === "[") {
      [expression, at] = globBracket(part, at + 1);
    } else if (part[at] === "\\") {
      at += 1;
      if (at === part.length) {
        throw new BadGlob("a backslash has no character behind it");
      }
      expression = literal(part[at]);
    }
    pieces[pieces.length - 1] += expression;
  }
  return pieces;
}

/** The expression of a bracket whose content starts at `start`, and where it ends. */
function globBracket(part, start) {
  const negated = part[start] === "!" || part[start] === "^";
  const first = negated ? start + 1 : start;
  const end = part.indexOf("]", first + 1);
  if (end < 0) {
    throw new BadGlob("[ has no ]; write \\[ for the character");
  }
  if (part.slice(first, end).join("").includes("[:")) {
    throw new BadGlob("classes such as [:digit:] are not known; write [0-9]");
  }
  let choices = "";
  for (let at = first; at < end; at += 1) {
    if (at + 2 < end && part[at + 1] === "-") {
      if (part[at].codePointAt(0) > part[at + 2].codePointAt(0)) {
        throw new BadGlob(`the range ${part[at]}-${part[at + 2]} is empty`);
      }
      choices += `${literal(part[at])}-${literal(part[at + 2])}`;
      at += 2;
    } else {
      choices += literal(part[at]);
    }
  }
  return [`(?!/)[${negated ? "^" : ""}${choices}]`, end];
}

/** A character as an expression that means it, also in brackets. */
function literal(character) {
  return character === "-" ? "\\x2d" : character.replace(/[\\^$.*+?()[\]{}|/]/u, "\\$&");
}
