// Draws the charts, in the colours of the theme, and lets samples be filtered. Texts of a model's become text
// nodes and nothing else.
(() => {
  "use strict";
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  let data = JSON.parse(document.getElementById("data").textContent);

  // ------------------------------------------------------------------ charts

  const PRINT_WIDTH = 640;
  const NARROW = 420;
  let printing = false;

  const coloured = (value, style) => {
    if (typeof value === "string") {
      return value.startsWith("var(") ? style.getPropertyValue(value.slice(4, -1)).trim() : value;
    }
    if (Array.isArray(value)) return value.map((item) => coloured(item, style));
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, coloured(item, style)]));
    }
    return value;
  };

  const draw = (plot) => {
    const views = data.charts[plot.dataset.chart];
    if (!views) return;
    const chosen = document.querySelector(`input[name="view-${plot.dataset.chart}"]:checked`);
    const view = views[chosen ? chosen.value : Object.keys(views)[0]];
    const style = getComputedStyle(root);
    const layout = coloured(view.layout, style);
    layout.font.family = getComputedStyle(document.body).fontFamily;
    layout.width = printing ? PRINT_WIDTH : plot.clientWidth;
    layout.height = Number(plot.dataset.height);
    if (view.data[0].type === "sunburst") layout.height = Math.min(layout.height, layout.width); // as wide as high
    if (layout.width < NARROW) layout.font.size = 11;
    plot.style.height = `${layout.height}px`;
    plot.parentElement.classList.add("drawn");
    Plotly.react(plot, coloured(view.data, style), layout, { displayModeBar: false, staticPlot: false });
  };

  const plots = () => all(".plot");
  const drawAll = () => plots().forEach(draw);
  // One after the other, so that the page can be read and scrolled meanwhile.
  const drawInTurn = () => {
    root.classList.add("drawing");
    const waiting = plots();
    const next = () => {
      const plot = waiting.shift();
      if (!plot) { root.dataset.drawn = "yes"; return; }
      if (plot.isConnected) draw(plot);
      setTimeout(next);
    };
    next();
  };

  addEventListener("themechange", drawAll);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  let resizing;
  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth === width || printing) return; // a phone's bars come and go
    width = innerWidth;
    clearTimeout(resizing);
    resizing = setTimeout(drawAll, 120);
  });
  document.addEventListener("change", (event) => {
    if (event.target.name?.startsWith("view-")) draw(document.querySelector(`[data-chart="${event.target.name.slice(5)}"]`));
  });

  let theme;
  addEventListener("beforeprint", () => {
    if (printing) return;
    theme = root.dataset.theme;
    root.dataset.theme = "light";
    printing = true;
    drawAll();
  });
  addEventListener("afterprint", () => {
    if (theme === undefined) delete root.dataset.theme; else root.dataset.theme = theme;
    printing = false;
    drawAll();
  });

  // ----------------------------------------------------------------- samples

  const SHOWN = 12;
  const TAGS = { kept: "good", dropped: "warn", rejected: "bad" };

  const make = (name, className, ...children) => {
    const element = document.createElement(name);
    if (className) element.className = className;
    element.append(...children);
    return element;
  };
  const field = (name, text) => make("div", "", make("dt", "", name), make("dd", "text", text));

  const article = (sample) => {
    const head = make("p", "sample-head", make("span", "id", sample.id));
    head.append(make("span", `tag ${TAGS[sample.status]}`, sample.reason ? `${sample.status}: ${sample.reason}` : sample.status));
    if (sample.kind) head.append(make("span", "tag", sample.kind));
    if (sample.verb) head.append(make("span", "tag", sample.object ? `${sample.verb} ${sample.object}` : sample.verb));
    const card = make("article", "sample", head, make("p", "text", sample.instruction || "(no text)"));
    for (const instance of sample.instances) {
      const list = make("dl", "instance");
      if (instance.input) list.append(field("input", instance.input));
      list.append(field("output", instance.output));
      if (instance.reason) list.append(field("", `rejected: ${instance.reason}`));
      card.append(list);
    }
    if (sample.more) card.append(make("p", "near", `and ${sample.more} more`));
    if (sample.nearest) {
      const score = sample.nearest.score.toFixed(2);
      card.append(make("p", "text near", make("span", "lead", `nearest, ROUGE-L ${score}: `), make("span", "id", sample.nearest.id), sample.nearest.instruction));
    }
    return card;
  };

  const filters = () => document.getElementById("filters");
  const value = (name) => filters().elements[name].value;

  const wanted = () => {
    const text = value("text").trim().toLowerCase();
    const [status, reason] = value("verdict").split(":");
    return data.samples.filter((sample) =>
      (!status || sample.status === status) && (!reason || sample.reason === reason) &&
      (!value("kind") || sample.kind === value("kind")) && (!value("verb") || sample.verb === value("verb")) &&
      (!text || searched(sample).includes(text)));
  };
  const searched = (sample) => [sample.id, sample.instruction, ...sample.instances.flatMap((each) => [each.input, each.output])]
    .join("\n").toLowerCase();

  const shuffled = (items) => {
    const order = items.map((item) => [Math.random(), item]);
    return order.sort((a, b) => a[0] - b[0]).map(([, item]) => item);
  };

  const show = (mixed) => {
    const found = wanted();
    const shown = (mixed ? shuffled(found) : found).slice(0, SHOWN);
    document.getElementById("sample-list").replaceChildren(...shown.map(article));
    count(shown.length, found.length);
  };
  const count = (shown, found) => {
    document.getElementById("sample-count").textContent = found > shown ? `${shown} of ${found} match` : `${found} match`;
    filters().elements.draw.disabled = found <= shown;
  };

  const options = (select, counts) => {
    for (const [name, text, count] of counts) {
      const option = make("option", "", `${text} (${count})`);
      option.value = name;
      select.append(option);
    }
  };
  const counted = (names) => {
    const counts = new Map();
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  };

  const fillFilters = (form) => {
    const chosen = ["verdict", "verb"].map((name) => form.elements[name]).map((select) => [select, select.value]);
    for (const [select] of chosen) select.length = 1; // "any" stays
    const verdicts = counted(data.samples.map((sample) => sample.status));
    for (const [status, count] of verdicts) {
      options(form.elements.verdict, [[status, status, count]]);
      const reasons = data.samples.filter((sample) => sample.status === status && sample.reason);
      options(form.elements.verdict, counted(reasons.map((sample) => sample.reason))
        .map(([reason, number]) => [`${status}:${reason}`, `\u2003${reason}`, number]));
    }
    options(form.elements.verb, counted(data.samples.map((sample) => sample.verb).filter(Boolean)).map(([verb, number]) => [verb, verb, number]));
    for (const [select, value] of chosen) {
      select.value = value;
      if (select.selectedIndex < 0) select.selectedIndex = 0; // what was chosen is not among them any more
    }
  };

  const prepareSamples = () => {
    const form = filters();
    if (!form || !data.samples) return;
    fillFilters(form);
    form.hidden = false;
    form.addEventListener("input", () => show(false));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.elements.draw.addEventListener("click", () => show(true));
    show(true);
  };

  // Samples that fill their place stay as they are read; others are drawn with "Shuffle".
  const renewSamples = (section, fresh) => {
    section.querySelector("p").replaceWith(fresh.querySelector("p"));
    fillFilters(filters());
    const shown = document.getElementById("sample-list").childElementCount;
    if (shown < SHOWN) show(false); else count(shown, wanted().length);
  };

  const asSent = new Map(all("section[id]").map((each) => [each.id, each.outerHTML]));
  prepareSamples();
  drawInTurn();

  // -------------------------------------------------------------------- live

  const every = Number(data.refresh ?? 0) * 1000;
  if (!every) return;
  const status = document.getElementById("live");
  let version = data.version;

  const exchange = (fresh) => {
    const parsed = new DOMParser().parseFromString(fresh.main, "text/html");
    const open = new Set(all("details[open]").map(address));
    const sections = all("section[id]");
    const incoming = all("section[id]", parsed);
    const texts = incoming.map((each) => [each.id, each.outerHTML]);
    const same = incoming.length === sections.length && incoming.every((each, at) => each.id === sections[at].id);
    data = { ...data, ...fresh.data };
    if (same) {
      incoming.forEach((each, at) => {
        if (each.id === "samples") renewSamples(sections[at], each);
        else if (each.outerHTML !== asSent.get(each.id)) sections[at].replaceWith(each);
      });
    } else {
      document.getElementById("main").replaceChildren(...incoming);
      document.getElementById("sections").replaceChildren(...fresh.sections.map(([anchor, name]) => {
        const link = make("a", "", name);
        link.href = `#${anchor}`;
        return link;
      }));
      prepareSamples();
    }
    texts.forEach(([name, text]) => asSent.set(name, text));
    all("details").forEach((each) => { if (open.has(address(each))) each.open = true; });
    drawAll();
  };
  const address = (details) => {
    const section = details.closest("section");
    return `${section.id}/${all("details", section).indexOf(details)}`;
  };

  const poll = async () => {
    try {
      const reply = await fetch(`/figures?since=${encodeURIComponent(version)}`);
      if (reply.ok) {
        const fresh = await reply.json();
        if (fresh.main !== undefined) exchange(fresh);
        version = fresh.version;
        status.textContent = fresh.standing;
      } else {
        status.textContent = `the server answers ${reply.status}: see its terminal, or load the page again`;
      }
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // what fetch throws where nobody answers
      status.textContent = "the server has ended";
    }
    setTimeout(poll, every);
  };
  setTimeout(poll, every);
})();
