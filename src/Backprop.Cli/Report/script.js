/* Headings of sortable tables become buttons: numbers from the largest at first, words from A; again for the other way.
   It has no "less than" and no ampersand, so that the page can be read as XML. */
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const headings = Array.from(table.tHead.rows[0].cells);
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const rows = Array.from(body.rows);
      const cellOf = row => row.cells[column];
      const numeric = rows.every(row => cellOf(row).dataset.value !== undefined);
      const numberOf = row => {
        const number = Number(cellOf(row).dataset.value);
        return Number.isNaN(number) ? Infinity : number;
      };
      const first = numeric ? "descending" : "ascending";
      const order = heading.getAttribute("aria-sort") !== first ? first : numeric ? "ascending" : "descending";
      const sign = order === "ascending" ? 1 : -1;
      const compare = (a, b) => a === b ? 0 : a > b ? sign : -sign;
      rows.sort(numeric
        ? (a, b) => compare(numberOf(a), numberOf(b))
        : (a, b) => sign * cellOf(a).textContent.localeCompare(cellOf(b).textContent, "en", { numeric: true }));
      headings.forEach(other => other.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", order);
      body.append(...rows);
    });
  });
}
