// Everything is shown as text, never as markup: values from jobs and mappings may hold anything.
const API = "/api/v1";
const PLACES = {
  Jobs: { path: "/jobs?limit=200", list: "jobs" },
  Projects: { path: "/projects", list: "projects" },
  Profiles: { path: "/profiles", list: "profiles" },
  Places: { path: "/places", list: "places" },
  Users: { path: "/users", list: "users" },
  Audit: { path: "/audit?limit=1000", list: "entries" },
  Me: { path: "/me" },
  Interface: { path: "/openapi.json", draw: described },
};
const at = (id) => document.getElementById(id);

function say(text, wrong = false) {
  at("said").textContent = text;
  at("said").classList.toggle("wrong", wrong);
}

async function ask(path, options = {}) {
  const token = sessionStorage.getItem("token") ?? "";
  const headers = { Authorization: `Token ${token}`, ...options.headers };
  const answer = await fetch(API + path, { ...options, headers });
  const content = await answer.json();
  if (!answer.ok) {
    throw new Error(Object.entries(content.errors ?? {}).map((pair) => pair.join(": ")).join("; "));
  }
  return content;
}

function table(rows) {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const drawn = document.createElement("table");
  const head = drawn.createTHead().insertRow();
  for (const name of names) {
    const cell = document.createElement("th");
    cell.textContent = name.replaceAll("_", " ");
    head.append(cell);
  }
  const body = drawn.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const name of names) {
      const value = row[name] ?? "";
      line.insertCell().textContent = typeof value === "object" ? JSON.stringify(value) : value;
    }
  }
  return drawn;
}

function described(content) {
  return table(Object.entries(content.paths).flatMap(([path, ways]) =>
    Object.entries(ways).map(([way, call]) => ({ call: `${way.toUpperCase()} ${path}`, does: call.summary }))));
}

async function show(name) {
  const place = PLACES[name];
  for (const button of at("places").children) {
    button.toggleAttribute("aria-current", false);
    if (button.textContent === name) button.setAttribute("aria-current", "page");
  }
  try {
    const content = await ask(place.path);
    const rows = place.list ? content[place.list] : [content];
    at("shown").replaceChildren(place.draw ? place.draw(content) : table(rows));
    at("upload").hidden = name !== "Jobs";
    say(place.list ? `${rows.length} shown` : "");
  } catch (error) {
    at("shown").replaceChildren();
    say(error.message, true);
  }
}

async function send(path) {
  const [file] = at("file").files;
  if (!file) return say("Choose a mapping first", true);
  try {
    const content = await ask(path, { method: "POST", body: file, headers: { "Content-Type": "text/csv" } });
    if (content.job_ids) await show("Jobs");
    say(content.job_ids ? `${content.job_ids.length} jobs created` : `${content.rows} rows, ${content.problems.length} with problems`);
    if (content.problems?.length) at("shown").replaceChildren(table(content.problems));
  } catch (error) {
    say(error.message, true);
  }
}

for (const name of Object.keys(PLACES)) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = name;
  button.addEventListener("click", () => show(name));
  at("places").append(button);
}
at("entry").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem("token", at("token").value.trim());
  show("Jobs");
});
at("check").addEventListener("click", () => send("/mappings/check"));
at("submit").addEventListener("click", () => send("/mappings"));
if (sessionStorage.getItem("token")) show("Jobs");
