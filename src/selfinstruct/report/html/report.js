// Draws the charts, in the colours of the theme, and lets samples be searched, sorted and filtered, by a form, by
// charts and by permalinks. Texts of a model's become text nodes and nothing else.
(() => {
  "use strict";
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  let data = JSON.parse(document.getElementById("data").textContent);

  // ------------------------------------------------------------------ charts

  const PRINT_WIDTH = 640;
  const PRINT_COLUMN = 320;
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
    const column = plot.closest(".columns") ? PRINT_COLUMN : PRINT_WIDTH;
    layout.width = printing ? column : plot.clientWidth;
    layout.height = Number(plot.dataset.height) * (printing ? 0.75 : 1);
    if (view.data[0].type === "sunburst") layout.height = Math.min(layout.height, layout.width); // as wide as high
    if (layout.width < NARROW) layout.font.size = 11;
    plot.style.height = `${layout.height}px`;
    plot.parentElement.classList.add("drawn");
    Plotly.react(plot, coloured(view.data, style), layout, { displayModeBar: false, staticPlot: false });
    const clicks = data.clicks?.[plot.dataset.chart];
    if (clicks && !plot.dataset.clicks) {
      plot.dataset.clicks = "yes";
      plot.on("plotly_click", (event) => clicked(plot, event.points[0]));
      plot.on("plotly_sunburstclick", (event) => { clicked(plot, event.points[0]); return false; }); // no zoom
    }
  };

  const clicked = (plot, point) => {
    const filter = data.clicks?.[plot.dataset.chart]?.[point.curveNumber]?.[point.pointNumber];
    if (filter) filterBy(filter);
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
  const SELECTS = ["verdict", "kind", "verb", "signal", "score", "sort"];
  const RANGES = {
    near: ["nearest ROUGE-L", (sample) => (sample.nearest?.measure === "ROUGE-L" ? [sample.nearest.score] : [])],
    words: ["words of the instruction", (sample) => [sample.words]],
    input_words: ["words of an input", (sample) => valid(sample).filter((each) => each.input).map((each) => each.words[0])],
    output_words: ["words of an output", (sample) => valid(sample).map((each) => each.words[1])],
  };
  let chips = {}; // what a chart set besides the form's fields: `object`, or a range of RANGES
  let limit = SHOWN;
  let order = new Map(); // of a shuffle
  let byId = new Map();
  let haystacks = new Map();

  const make = (name, className, ...children) => {
    const element = document.createElement(name);
    if (className) element.className = className;
    element.append(...children);
    return element;
  };
  const field = (name, text) => make("div", "", make("dt", "", name), make("dd", "text", text));
  const linked = (id) => {
    if (!byId.has(id)) return make("span", "id", id);
    const link = make("a", "id", id);
    link.href = `#${encodeURIComponent(id)}`;
    return link;
  };
  const action = (name, label, act) => {
    const button = make("button", "quiet small", name);
    button.type = "button";
    button.setAttribute("aria-label", label);
    button.addEventListener("click", () => act(button));
    return button;
  };

  const valid = (sample) => sample.instances.filter((each) => !each.reason);
  const scores = (sample) => valid(sample).map((each) => each.score).filter((score) => score !== null);

  const instanceList = (instance) => {
    const list = make("dl", instance.reason ? "instance rejected" : "instance");
    if (instance.input) list.append(field("input", instance.input));
    list.append(field("output", instance.output));
    if (instance.reason) list.append(field("rejected", instance.reason));
    if (instance.signals.length) list.append(field("signals", instance.signals.join(", ")));
    if (instance.score !== null) list.append(field("score", instance.score.toFixed(1)));
    return list;
  };

  const article = (sample) => {
    const head = make("p", "sample-head", linked(sample.id));
    head.append(make("span", `tag ${TAGS[sample.status] ?? ""}`, sample.reason ? `${sample.status}: ${sample.reason}` : sample.status));
    if (sample.kind) head.append(make("span", "tag", sample.kind));
    if (sample.verb) head.append(make("span", "tag", sample.object ? `${sample.verb} ${sample.object}` : sample.verb));
    head.append(action("Copy", `Copy ${sample.id} as JSON`, (button) => copy(asJson(sample), button)));
    const card = make("article", "sample", head, make("p", "text", sample.instruction || "(no text)"));
    card.id = sample.status === "seed" ? `sample-${sample.id}` : sample.id;
    card.tabIndex = -1;
    card.append(...sample.instances.map(instanceList));
    if (sample.more) card.append(make("p", "near", `and ${sample.more} more`));
    if (sample.nearest) {
      const { id, score, measure } = sample.nearest;
      const text = byId.get(id)?.instruction ?? sample.nearest.instruction;
      const short = text.length > 200 ? `${text.slice(0, 199).trimEnd()}…` : text;
      card.append(make("p", "text near", make("span", "lead", `nearest, ${measure} ${score.toFixed(2)}: `), linked(id), short));
    }
    const shown = data.shown[sample.request];
    if (shown) {
      const line = make("p", "near", "Its prompt showed ");
      for (const id of shown) line.append(linked(id), " ");
      card.append(make("details", "lineage", make("summary", "", `From instruction request ${sample.request}`), line));
    }
    return card;
  };

  const asJson = (sample) => JSON.stringify({
    id: sample.id,
    instruction: sample.instruction,
    instances: valid(sample).map(({ input, output }) => ({ input, output })),
    ...(sample.kind ? { is_classification: sample.kind === "classification" } : {}),
  });
  const copy = async (text, button) => {
    let done = true;
    if (navigator.clipboard) {
      try { await navigator.clipboard.writeText(text); } catch { done = false; } // not allowed here
    } else {
      const area = make("textarea", "visually-hidden", text);
      document.body.append(area);
      area.select();
      done = document.execCommand("copy");
      area.remove();
      button.focus();
    }
    button.textContent = done ? "Copied" : "Not allowed";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  };

  const filters = () => document.getElementById("filters");
  const value = (name) => filters().elements[name].value;
  const searched = (sample) => {
    if (!haystacks.has(sample)) {
      const texts = sample.instances.flatMap((each) => [each.input, each.output]);
      haystacks.set(sample, [sample.id, sample.instruction, ...texts].join("\n").toLowerCase());
    }
    return haystacks.get(sample);
  };

  const hasVerdict = (sample, verdict) => {
    const [status, ...rest] = verdict.split(":");
    const reason = rest.join(":");
    if (!status) return sample.status !== "seed";
    if (status === "admitted") return !["rejected", "seed"].includes(sample.status);
    if (status === "instance") return sample.instances.some((each) => each.reason === reason);
    return sample.status === status && (!reason || sample.reason === reason);
  };
  const hasScore = (sample, wanted) => {
    if (wanted === "none") return sample.status === "kept" && !scores(sample).length;
    const [low, high] = wanted.split("-").map(Number);
    return scores(sample).some((score) => low <= score && score < high);
  };
  const inRange = (sample, name) => {
    const [low, high] = chips[name];
    return RANGES[name][1](sample).some((each) => low <= each && (high === null || each < high));
  };

  const found = () => {
    const text = value("text").trim().toLowerCase();
    const exact = byId.get(value("text").trim());
    const [verdict, kind, verb, signal, score] = SELECTS.map(value);
    const those = data.samples.filter((sample) => sample !== exact &&
      hasVerdict(sample, verdict) && (!kind || sample.kind === kind) && (!verb || sample.verb === verb) &&
      (!signal || sample.instances.some((each) => each.signals.includes(signal))) &&
      (!score || hasScore(sample, score)) && (!chips.object || sample.object === chips.object) &&
      Object.keys(RANGES).every((name) => !chips[name] || inRange(sample, name)) &&
      (!text || searched(sample).includes(text)));
    const key = {
      near: (sample) => -(sample.nearest?.score ?? -1),
      longest: (sample) => -Math.max(0, ...valid(sample).map((each) => each.words[1])),
      shortest: (sample) => Math.min(Infinity, ...valid(sample).map((each) => each.words[1])),
      words: (sample) => -sample.words,
      score: (sample) => Math.min(Infinity, ...scores(sample)),
      random: (sample) => order.get(sample) ?? 0,
    }[value("sort")];
    if (key) {
      const keys = new Map(those.map((sample) => [sample, key(sample)]));
      those.sort((a, b) => (keys.get(a) === keys.get(b) ? 0 : keys.get(a) - keys.get(b)));
    }
    return exact ? [exact, ...those] : those;
  };

  const shuffle = () => { order = new Map(data.samples.map((sample) => [sample, Math.random()])); };

  const show = () => {
    const those = found();
    document.getElementById("sample-list").replaceChildren(...those.slice(0, limit).map(article));
    count(those.length);
    showChips();
  };
  const count = (length) => {
    const shown = Math.min(limit, length);
    document.getElementById("sample-count").textContent = length > shown ? `${shown} of ${length} match` : `${length} match`;
    document.getElementById("sample-more").hidden = length <= shown;
  };

  const showChips = () => {
    const place = document.getElementById("sample-chips");
    const names = Object.keys(chips);
    place.hidden = !names.length;
    place.replaceChildren(...names.map((name) => {
      const said = name === "object" ? `object “${chips.object}”`
        : `${RANGES[name][0]} ${chips[name][1] === null ? `from ${chips[name][0]}` : `${chips[name][0]} to below ${chips[name][1]}`}`;
      const button = make("button", "quiet chip", `${said} ✕`);
      button.type = "button";
      button.setAttribute("aria-label", `Remove the filter: ${said}`);
      button.addEventListener("click", () => { delete chips[name]; limit = SHOWN; show(); filters().elements.text.focus(); });
      return button;
    }));
  };

  // From a chart, a reason, a permalink. Everything else is cleared.
  const filterBy = ({ verdict, kind, verb, text, ...others }) => {
    const form = filters();
    if (!form || !data.samples) return;
    clear(form);
    for (const [name, wanted] of Object.entries({ verdict, kind, verb, text })) {
      if (wanted) form.elements[name].value = wanted;
      if (form.elements[name].selectedIndex < 0) form.elements[name].selectedIndex = 0;
    }
    chips = others;
    show();
    document.getElementById("samples").scrollIntoView();
  };
  const clear = (form) => {
    for (const name of SELECTS) form.elements[name].selectedIndex = 0;
    form.elements.text.value = "";
    chips = {};
    limit = SHOWN;
  };

  const toPermalink = () => {
    let id = "";
    try { id = decodeURIComponent(location.hash.slice(1)); } catch { return; } // not ours
    if (!id || document.querySelector(`section[id="${CSS.escape(id)}"]`)) return;
    const sample = byId.get(id);
    if (!sample) {
      if (/^(task_\d+|\d+\.\d+)$/.test(id) && data.samples) {
        filterBy({ text: id });
        document.getElementById("sample-count").textContent = `${id} is not in this page: selfinstruct explain RUN ${id}`;
      }
      return;
    }
    filterBy({ text: id });
    const card = document.getElementById("sample-list").firstElementChild;
    card.classList.add("target");
    card.scrollIntoView({ block: "center" });
    card.focus({ preventScroll: true });
  };
  addEventListener("hashchange", toPermalink);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (link?.dataset.verdict) {
      event.preventDefault();
      filterBy({ verdict: link.dataset.verdict });
    } else if (link?.classList.contains("id") && link.hash === location.hash) toPermalink(); // no hashchange comes
  });

  const options = (select, counts) => {
    for (const [name, text, number] of counts) {
      const option = make("option", "", `${text} (${number})`);
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
    byId = new Map(data.samples.map((sample) => [sample.id, sample]));
    haystacks = new Map();
    const chosen = ["verdict", "verb", "signal"].map((name) => form.elements[name]).map((select) => [select, select.value]);
    for (const [select] of chosen) select.length = 1; // "any" stays
    const admitted = data.samples.filter((sample) => hasVerdict(sample, "admitted")).length;
    for (const [status, number] of counted(data.samples.map((sample) => sample.status))) {
      options(form.elements.verdict, [[status, status, number]]);
      const reasons = data.samples.filter((sample) => sample.status === status && sample.reason);
      options(form.elements.verdict, counted(reasons.map((sample) => sample.reason))
        .map(([reason, count]) => [`${status}:${reason}`, `\u2003${reason}`, count]));
    }
    if (admitted) options(form.elements.verdict, [["admitted", "admitted", admitted]]);
    const instances = counted(data.samples.flatMap((sample) => [...new Set(sample.instances.map((each) => each.reason).filter(Boolean))]));
    options(form.elements.verdict, instances.map(([reason, number]) => [`instance:${reason}`, `with an instance rejected: ${reason}`, number]));
    options(form.elements.verb, counted(data.samples.filter((sample) => sample.status !== "seed").map((sample) => sample.verb).filter(Boolean)).map(([verb, number]) => [verb, verb, number]));
    const signals = counted(data.samples.flatMap((sample) => [...new Set(sample.instances.flatMap((each) => each.signals))]));
    options(form.elements.signal, signals.map(([name, number]) => [name, name, number]));
    const there = { signal: signals.length, score: data.samples.some((sample) => scores(sample).length) };
    all("[data-if]", form).forEach((element) => { element.hidden = !there[element.dataset.if]; });
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
    form.addEventListener("input", () => { limit = SHOWN; if (value("sort") === "random") shuffle(); show(); });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", (event) => { event.preventDefault(); clear(form); show(); form.elements.text.focus(); });
    form.elements.draw.addEventListener("click", () => { form.elements.sort.value = "random"; limit = SHOWN; shuffle(); show(); });
    document.getElementById("sample-more").addEventListener("click", () => {
      const first = limit;
      limit += SHOWN;
      show();
      document.getElementById("sample-list").children[first]?.focus();
    });
    show();
    toPermalink();
  };

  // Samples that fill their place stay as they are read.
  const renewSamples = (section, fresh) => {
    section.querySelector("p").replaceWith(fresh.querySelector("p"));
    fillFilters(filters());
    if (document.getElementById("sample-list").childElementCount < limit) show(); else count(found().length);
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
