// Finding in the report: words, stage, sentiment, speaker. Without this the page is
// whole; with it quotes that do not match are hidden, and nothing is ever changed.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const every = (selector, inside = document) => Array.from(inside.querySelectorAll(selector));
  const bar = byId("find");
  const fields = {
    words: byId("find-words"),
    stage: byId("find-stage"),
    sentiment: byId("find-sentiment"),
    speaker: byId("find-speaker"),
  };
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  const heading = (part) => (part ? part.querySelector("h2, h3").textContent : "");
  const quotes = every(".quote").map((element) => {
    const stage = element.closest("section.stage");
    const finding = element.closest(".finding");
    return {
      element,
      stage: stage ? heading(stage) : "In no stage",
      sentiment: element.dataset.sentiment,
      speaker: element.dataset.speaker,
      words: fold(`${heading(finding)} ${element.textContent}`),
    };
  });
  // What is hidden when all quotes in it are: smallest first.
  const holders = [".other details", ".apart details", ".counter", ".works", ".finding", "section.stage"]
    .flatMap((selector) => every(selector))
    .filter((part) => part.querySelector(".quote"));

  for (const name of ["stage", "sentiment", "speaker"]) {
    const values = new Set(quotes.map((quote) => quote[name]).filter(Boolean));
    const listed = name === "stage" ? Array.from(values) : Array.from(values).sort();
    for (const value of listed) fields[name].append(new Option(value, value));
  }

  const paint = (wanted) => {
    if (!window.CSS || !CSS.highlights) return;
    CSS.highlights.delete("found");
    if (wanted.length === 0) return;
    const ranges = [];
    for (const quote of quotes) {
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
    const wanted = fold(fields.words.value).split(/\s+/).filter(Boolean);
    const picked = ["stage", "sentiment", "speaker"].filter((name) => fields[name].value !== "");
    const idle = wanted.length === 0 && picked.length === 0;
    let shown = 0;
    for (const quote of quotes) {
      const fits = picked.every((name) => quote[name] === fields[name].value)
        && wanted.every((word) => quote.words.includes(word));
      quote.element.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    for (const holder of holders) {
      holder.hidden = !idle && !every(".quote", holder).some((quote) => !quote.hidden);
    }
    byId("find-count").textContent = idle
      ? `${quotes.length} quotes`
      : `${shown} of ${quotes.length} quotes`;
    byId("find-clear").disabled = idle;
    paint(wanted);
  };

  bar.addEventListener("input", apply);
  bar.addEventListener("keydown", (event) => {
    const first = quotes.find((quote) => !quote.element.hidden);
    if (event.key !== "Enter" || event.target === byId("find-clear") || !first) return;
    (first.element.closest(".finding") || first.element).scrollIntoView({ block: "start" });
  });
  byId("find-clear").addEventListener("click", () => {
    for (const field of Object.values(fields)) field.value = "";
    apply();
    fields.words.focus();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest && event.target.closest("input, select, textarea");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      fields.words.focus();
    }
  });
  bar.hidden = false;
  apply();
})();
