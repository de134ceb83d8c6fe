// Finding in the report: words, stage, theme, sentiment, segment, participant. Without
// this the page is whole; with it quotes that do not match are hidden, and nothing is
// ever changed.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const every = (selector, inside = document) => Array.from(inside.querySelectorAll(selector));
  const bar = byId("find");
  const names = ["stage", "theme", "sentiment", "segment", "participant"];
  const words = byId("find-words");
  const fields = Object.fromEntries(names.map((name) => [name, byId(`find-${name}`)]));
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  // A quote that the page holds already has its context where it stands first.
  for (const link of every("a.again")) {
    const first = document.querySelector(link.getAttribute("href"));
    if (!first) continue;
    link.replaceWith(...every("details", first).map((part) => part.cloneNode(true)));
  }

  const heading = (part) => (part ? part.querySelector("h2, h3").textContent.trim() : "");
  // What a quote is found by: under each name its values, and what a reader calls them.
  const quotes = every(".quote").map((element) => {
    const stage = heading(element.closest("section.stage")) || "In no stage";
    const finding = element.closest(".finding");
    const title = finding ? finding.querySelector("h3 q").textContent : "";
    const { sentiment, participant } = element.dataset;
    const segments = every(".segment", element)
      .map((part) => `${part.dataset.attribute}: ${part.textContent}`);
    return {
      element,
      seen: element.closest("div.seen"),
      stage: [stage],
      theme: finding ? [`${stage}: ${title}`] : [],
      sentiment: [sentiment],
      segment: segments,
      participant: participant ? [participant] : [],
      words: fold(`${title} ${element.textContent}`),
    };
  });
  const inOrder = new Set(["stage", "theme"]);
  // What is hidden when all quotes in it are: smallest first.
  const holders = [".other details", ".apart details", ".counter", ".works", ".wishes", ".finding", "section.stage"]
    .flatMap((selector) => every(selector))
    .filter((part) => part.querySelector(".quote"));

  const lenses = every('input[name="lens"]');
  const visible = () => {
    const number = Math.max(0, lenses.findIndex((one) => one.checked));
    return quotes.filter((quote) => !quote.seen || quote.seen.classList.contains(`seen-${number}`));
  };

  // Only what the framework in view has can be picked.
  const offer = () => {
    for (const name of names) {
      const field = fields[name];
      const before = field.value;
      const values = Array.from(new Set(visible().flatMap((quote) => quote[name])));
      if (!inOrder.has(name)) values.sort();
      field.replaceChildren(new Option("all", ""), ...values.map((value) => new Option(value, value)));
      field.value = values.includes(before) ? before : "";
      field.closest(".field").hidden = values.length < 2;
    }
  };

  const paint = (wanted) => {
    if (!window.CSS || !CSS.highlights) return;
    CSS.highlights.delete("found");
    if (wanted.length === 0) return;
    const ranges = [];
    for (const quote of visible()) {
      if (quote.element.hidden) continue;
      const walker = document.createTreeWalker(quote.element, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const text = node.data.toLowerCase();
        for (const word of wanted) {
          for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
            const range = new Range();
            range.setStart(node, at);
            range.setEnd(node, Math.min(at + word.length, node.length));
            ranges.push(range);
          }
        }
      }
    }
    CSS.highlights.set("found", new Highlight(...ranges));
  };

  const apply = () => {
    const wanted = fold(words.value).split(/\s+/).filter(Boolean);
    const picked = names.filter((name) => fields[name].value !== "");
    const idle = wanted.length === 0 && picked.length === 0;
    for (const quote of quotes) {
      quote.element.hidden = !(picked.every((name) => quote[name].includes(fields[name].value))
        && wanted.every((word) => quote.words.includes(word)));
    }
    for (const holder of holders) {
      holder.hidden = !idle && !every(".quote", holder).some((quote) => !quote.hidden);
    }
    const all = visible();
    const shown = all.filter((quote) => !quote.element.hidden).length;
    byId("find-count").textContent = idle ? `${all.length} quotes` : `${shown} of ${all.length} quotes`;
    byId("find-clear").disabled = idle;
    paint(wanted);
  };

  bar.addEventListener("input", apply);
  bar.addEventListener("keydown", (event) => {
    const first = visible().find((quote) => !quote.element.hidden);
    if (event.key !== "Enter" || event.target === byId("find-clear") || !first) return;
    (first.element.closest(".finding") || first.element).scrollIntoView({ block: "start" });
  });
  byId("find-clear").addEventListener("click", () => {
    words.value = "";
    for (const field of Object.values(fields)) field.value = "";
    apply();
    words.focus();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest && event.target.closest("input:not([type=radio]), select, textarea");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      words.focus();
    }
  });
  for (const lens of lenses) {
    lens.addEventListener("change", () => {
      offer();
      apply();
    });
  }
  // A link into a view that is not shown shows it.
  const follow = () => {
    const target = location.hash && byId(decodeURIComponent(location.hash.slice(1)));
    const seen = target && target.closest("div.seen");
    const number = seen ? lenses.findIndex((_, at) => seen.classList.contains(`seen-${at}`)) : -1;
    if (number < 0 || lenses[number].checked) return;
    lenses[number].checked = true;
    lenses[number].dispatchEvent(new Event("change"));
    target.scrollIntoView();
  };
  window.addEventListener("hashchange", follow);
  document.body.classList.add("scripted");
  bar.hidden = false;
  offer();
  apply();
  follow();
})();
