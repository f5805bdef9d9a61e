// The keyboard, forms that stay when they cannot be sent, and drafts. The pages do without it.
"use strict";

const say = (id, text) => {
  const line = document.getElementById(id);
  if (!line) {
    if (text) alert(text);
    return;
  }
  line.textContent = text;
  line.hidden = !text;
  if (text) line.scrollIntoView({ block: "nearest" });
};

// ------------------------------------------------------------------ sending

let busy = false;

const GONE = "The server does not answer. Your text is still here: start selfinstruct review again, then submit again.";
const RENEWED = "The server was restarted. Open the address that the terminal shows now; your unsaved edit is kept there.";

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-send]")) return;
  event.preventDefault();
  if (busy) return;
  busy = true;
  try {
    const body = new URLSearchParams(new FormData(form, event.submitter));
    const reply = await fetch(form.getAttribute("action"), { method: "POST", body, headers: { Accept: "application/json" } });
    const json = reply.headers.get("Content-Type")?.startsWith("application/json");
    const told = json ? await reply.json() : {};
    if (reply.ok && told.next) {
      drafts.forget(form);
      location.assign(told.next);
      return; // busy until the next page is there
    }
    if (told.problem) document.querySelector(".question:not(:has(:checked)) input")?.focus();
    const failed = `The server could not save it (${reply.status}).`;
    say("problem", reply.status === 403 ? RENEWED : told.problem ?? failed);
  } catch {
    say("problem", GONE);
  }
  busy = false;
});

addEventListener("pageshow", () => { busy = false; });

// ------------------------------------------------------------------ editing, and drafts of it

const review = document.getElementById("review");

const drafts = {
  name: (form) => form.dataset.draft && `selfinstruct-draft-${form.dataset.draft}`,
  forget(form) {
    try { if (this.name(form)) localStorage.removeItem(this.name(form)); } catch { /* no storage, no draft */ }
  },
  keep(form) {
    const texts = [...form.querySelectorAll("textarea.writing")].map((area) => area.value);
    try { localStorage.setItem(this.name(form), JSON.stringify(texts)); } catch { /* the page has it */ }
  },
  restore(form) {
    try {
      const texts = JSON.parse(localStorage.getItem(this.name(form)));
      if (!texts) return false;
      form.querySelectorAll("textarea.writing").forEach((area, place) => { area.value = texts[place] ?? area.value; });
      return true;
    } catch { return false; }
  },
};

const edit = (on) => {
  review.classList.toggle("editing", on);
  if (on) {
    const areas = [...review.querySelectorAll("textarea.writing")];
    areas[areas.length - 1].focus();
  }
};

if (review) {
  review.addEventListener("input", (event) => { if (event.target.matches("textarea.writing")) drafts.keep(review); });
  review.querySelector("[data-edit]").addEventListener("click", (event) => { event.preventDefault(); edit(true); });
  review.querySelector("[data-cancel]").addEventListener("click", (event) => {
    event.preventDefault();
    drafts.forget(review);
    review.querySelectorAll("textarea.writing").forEach((area) => { area.value = area.defaultValue; });
    edit(false);
    document.activeElement.blur();
  });
  if (drafts.restore(review)) {
    edit(true);
    say("say", "This is your unsaved edit.");
  }
}

// ------------------------------------------------------------------ what is marked: a question, or a response

const questions = [...document.querySelectorAll("[data-question]")];
const responses = [...document.querySelectorAll("[data-response]")];
const marked = questions.length ? questions : responses;
const isAnswered = (question) => question.querySelector("input:checked") !== null;
let current = questions.length
  ? Math.max(0, questions.findIndex((question) => !isAnswered(question)))
  : Math.max(0, responses.findIndex((response) => response.classList.contains("current")));

const mark = (place, scroll) => {
  current = Math.min(Math.max(place, 0), marked.length - 1);
  marked.forEach((each, number) => each.classList.toggle("current", number === current));
  if (scroll) marked[current]?.scrollIntoView({ block: "nearest" });
};

const answer = (value) => {
  questions[current].querySelector(`input[value="${value}"]`).checked = true;
  const next = questions.findIndex((question) => !isAnswered(question));
  mark(next === -1 ? current : next, true);
};

mark(current, responses.length > 0 && current > 0);
questions.forEach((question, place) => question.addEventListener("change", () => {
  const next = questions.findIndex((each) => !isAnswered(each));
  mark(next === -1 ? place : next);
}));
responses.forEach((response, place) => response.addEventListener("focusin", () => mark(place)));

// ------------------------------------------------------------------ keys

// By the letter, or by its place on keyboards of other scripts.
const keyOf = (event) => {
  if (event.key.length > 1) return event.key;
  const placed = event.code.match(/^(?:Key|Digit)(.)$/);
  return (event.key > "~" && placed ? placed[1] : event.key).toLowerCase();
};

document.addEventListener("keydown", (event) => {
  const editing = review?.classList.contains("editing");
  if (editing && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    review.querySelector("[data-save]").click();
  } else if (editing && event.key === "Escape") {
    review.querySelector("[data-cancel]").click();
  } else if (event.target.id === "comment" && event.key === "Escape") {
    event.target.blur();
  }
  if (event.ctrlKey || event.metaKey || event.altKey || busy) return;
  if (event.target.matches("textarea, input[type=text]")) return;
  if (event.target.matches("input[type=radio]") && event.key.startsWith("Arrow")) return; // they choose there
  const key = keyOf(event);
  if (questions.length && (key === "y" || key === "n")) {
    answer(key === "y" ? "yes" : "no");
  } else if (review && key === "c") {
    review.elements.comment.focus();
  } else if (questions.length && "123".includes(key)) {
    mark(Number(key) - 1, true);
  } else if (responses.length && (key === "ArrowDown" || key === "j")) {
    mark(current + 1, true);
  } else if (responses.length && (key === "ArrowUp" || key === "k")) {
    mark(current - 1, true);
  } else {
    const within = responses.length && "abcd".includes(key) ? responses[current] : document;
    const target = within.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!target || target.offsetParent === null) return; // not there, or not shown
    target.click();
  }
  event.preventDefault();
});

// ------------------------------------------------------------------ another tab

const shown = document.querySelector("[data-latest]");
document.addEventListener("visibilitychange", async () => {
  if (!shown || document.hidden || busy) return;
  try {
    const reply = await fetch(shown.dataset.latestUrl);
    const { latest } = await reply.json();
    if (String(latest) !== shown.dataset.latest) {
      say("say", "You have since rated this in another tab. Reload the page to see it, or rate it again here.");
    }
  } catch { /* a later submit shows the error */ }
});
