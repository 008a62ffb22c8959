
"use strict";
// Sorts and filters the tables of the page. Without it everything can be read. Of long tables it leaves
// out the end until somebody asks for it, so that they stay quick; what is sorted and filtered is all.
(() => {
  const SHOWN = 1000;
  const collator = new Intl.Collator("en", { numeric: true });
  const number = new Intl.NumberFormat("en");

  const element = (name, properties, ...content) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...content);
    return made;
  };

  const key = (cell) => {
    if (cell.classList.contains("z")) return null;
    return cell.classList.contains("n") ? Number(cell.textContent) : cell.textContent;
  };

  const compare = (one, other) =>
    typeof one === "number" && typeof other === "number" ? one - other : collator.compare(one, other);

  // Rows without a value come last, whatever the direction.
  const sorted = (rows, column, isDescending) => {
    const keyed = rows.map((row) => [key(row.cells[column]), row]);
    const known = keyed.filter(([value]) => value !== null);
    known.sort(([one], [other]) => (isDescending ? compare(other, one) : compare(one, other)));
    return known.concat(keyed.filter(([value]) => value === null)).map(([, row]) => row);
  };

  const enhance = (table) => {
    const body = table.tBodies[0];
    const rows = Array.from(body.rows);
    if (rows.length < 2) return;
    const heads = Array.from(table.tHead.rows[0].cells);
    const status = element("output", {});
    const more = element("button", { type: "button", className: "more" });
    const input = element("input", { type: "search", spellcheck: false, autocomplete: "off" });
    const whose = element("span", { className: "hidden" }, ` of ${table.caption.textContent}`);
    const tools = element("div", { className: "tools" }, element("label", {}, "Filter rows", whose, input), status);
    table.parentElement.before(tools);
    table.parentElement.after(more);

    let order = rows;
    let words = [];
    let most = SHOWN;
    let texts = null;
    const isMatch = (row) => words.every((word) => texts.get(row).includes(word));
    const show = () => {
      const matches = words.length === 0 ? order : order.filter(isMatch);
      const rest = matches.length - most;
      body.replaceChildren(...matches.slice(0, most));
      more.hidden = rest <= 0;
      more.textContent = `Show ${number.format(Math.min(SHOWN, rest))} of ${number.format(rest)} more rows`;
      return matches.length;
    };
    more.addEventListener("click", () => {
      most += SHOWN;
      show();
    });

    heads.forEach((head, column) => {
      const button = element("button", { type: "button", className: "sort" }, ...head.childNodes);
      head.append(button);
      head.ariaSort = "none";
      button.addEventListener("click", () => {
        const next = { none: "ascending", ascending: "descending", descending: "none" }[head.ariaSort];
        heads.forEach((other) => { other.ariaSort = "none"; });
        head.ariaSort = next;
        order = next === "none" ? rows : sorted(rows, column, next === "descending");
        show();
        status.value = next === "none" ? "In the order of the report" : `Sorted by ${button.textContent}, ${next}`;
      });
      // On paper heads are repeated on each page, but buttons are not.
      window.addEventListener("beforeprint", () => { head.append(...button.childNodes); button.remove(); });
      window.addEventListener("afterprint", () => { button.append(...head.childNodes); head.append(button); });
    });

    const filter = () => {
      texts ??= new Map(rows.map((row) => [row, Array.from(row.cells, (cell) => cell.textContent).join("\n").toLowerCase()]));
      words = input.value.toLowerCase().split(/\s+/u).filter((word) => word !== "");
      most = SHOWN;
      const matches = show();
      status.value = words.length === 0 ? "" : `${number.format(matches)} of ${number.format(rows.length)} rows match`;
    };
    let waiting = 0;
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(filter, 120);
    });

    if (rows.length > SHOWN) {
      table.ariaRowCount = String(rows.length + 1);
      window.addEventListener("beforeprint", () => { most = Infinity; show(); });
      window.addEventListener("afterprint", () => { most = SHOWN; show(); });
    }
    show();
  };

  document.querySelectorAll("table.rows").forEach(enhance);
})();
