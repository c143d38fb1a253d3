(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  const filtered = (bar) => {
    const rows = all(bar.dataset.rows);
    const groups = all(bar.dataset.groups || "never");
    const output = bar.querySelector("output");
    let texts = null;
    const apply = () => {
      texts = texts || rows.map((row) => (row.querySelector(":scope > summary") || row).textContent.toLowerCase());
      const words = bar.querySelector("input").value.toLowerCase().split(/\s+/).filter(Boolean);
      const chosen = all("select", bar).filter((select) => select.value);
      let count = 0;
      rows.forEach((row, index) => {
        const fits = chosen.every((select) => row.dataset[select.name] === select.value)
          && words.every((word) => texts[index].includes(word));
        row.hidden = !fits;
        count += fits;
      });
      groups.forEach((group) => { group.hidden = !group.querySelector(bar.dataset.rows + ":not([hidden])"); });
      output.textContent = count + " of " + rows.length + " shown";
    };
    bar.hidden = false;
    bar.addEventListener("input", apply);
    bar.addEventListener("submit", (event) => event.preventDefault());
    bar.addEventListener("reset", () => setTimeout(apply));
    output.textContent = rows.length + " shown";
  };

  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let element = target; element; element = element.parentElement) {
      element.hidden = false;
      if (element.localName === "details") element.open = true;
    }
    target.scrollIntoView();
  };

  all("form[data-rows]").forEach(filtered);
  all("button[data-open]").forEach((button) => button.addEventListener("click", () => {
    const open = button.dataset.open === "yes";
    all("details.scenario:not([hidden])").forEach((item) => { item.open = open; });
  }));
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();
})();
