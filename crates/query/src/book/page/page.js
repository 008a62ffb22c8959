
"use strict";
// Sorts and filters the tables of the page. Without it everything can be read.
(() => {
  const collator = new Intl.Collator("en", { numeric: true });
  const key = (cell) => {
    if (cell.classList.contains("z")) return null;
    const text = cell.textContent;
    return cell.classList.contains("n") ? Number(text) : text;
  };
  const compare = (one, other) =>
    typeof one === "number" && typeof other === "number" ? one - other : collator.compare(one, other);

  const enhance = (table) => {
    const body = table.tBodies[0];
    const rows = Array.from(body.rows);
    if (rows.length < 2) return;
    const heads = Array.from(table.tHead.rows[0].cells);
    const status = addFilter(table, rows);
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      head.ariaSort = "none";
      // On paper, heads are repeated on each page, but buttons are not.
      window.addEventListener("beforeprint", () => { head.append(...button.childNodes); button.remove(); });
      window.addEventListener("afterprint", () => { button.append(...head.childNodes); head.append(button); });
      let keys = null;
      button.addEventListener("click", () => {
        const next = { none: "ascending", ascending: "descending", descending: "none" }[head.ariaSort];
        heads.forEach((other) => { other.ariaSort = "none"; });
        head.ariaSort = next;
        keys ??= new Map(rows.map((row) => [row, key(row.cells[column])]));
        const sorted = next === "none" ? rows : sort(rows, keys, next === "descending");
        const order = document.createDocumentFragment();
        order.append(...sorted);
        body.append(order);
        const name = button.textContent;
        status.value = next === "none" ? "In the order of the report" : `Sorted by ${name}, ${next}`;
      });
    });
  };

  const sort = (rows, keys, isDescending) => {
    const known = rows.filter((row) => keys.get(row) !== null);
    const unknown = rows.filter((row) => keys.get(row) === null);
    known.sort((one, other) => {
      const order = compare(keys.get(one), keys.get(other));
      return isDescending ? -order : order;
    });
    return known.concat(unknown);
  };

  const addFilter = (table, rows) => {
    const tools = document.createElement("div");
    tools.className = "tools";
    const label = document.createElement("label");
    const input = document.createElement("input");
    const status = document.createElement("output");
    const name = document.createElement("span");
    name.className = "hidden";
    name.textContent = ` of ${table.caption.textContent}`;
    input.type = "search";
    input.spellcheck = false;
    input.autocomplete = "off";
    label.append("Filter rows", name, input);
    tools.append(label, status);
    table.parentElement.before(tools);
    let texts = null;
    let waiting = 0;
    const filter = () => {
      texts ??= rows.map((row) => Array.from(row.cells, (cell) => cell.textContent).join("\n").toLowerCase());
      const words = input.value.toLowerCase().split(/\s+/u).filter((word) => word !== "");
      let shown = 0;
      rows.forEach((row, index) => {
        const isShown = words.every((word) => texts[index].includes(word));
        if (row.hidden === isShown) row.hidden = !isShown;
        shown += Number(isShown);
      });
      status.value = words.length === 0 ? "" : `${shown} of ${rows.length} rows match`;
    };
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(filter, 120);
    });
    return status;
  };

  document.querySelectorAll("table.rows").forEach(enhance);
})();
