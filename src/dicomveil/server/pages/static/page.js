// Keeps what is shown fresh. Nothing here makes markup: htmx puts in what the server drew.
const PAUSE = 1000; // ms between two looks, however fast jobs change

function follow(part) {
  const numbers = part.dataset.jobs;
  if (!numbers) return;
  const events = new EventSource(`/page/jobs/events?job_ids=${numbers}`);
  let waiting = false;
  events.addEventListener("message", () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      if (!busy()) htmx.trigger(part, "changed");
    }, PAUSE);
  });
  addEventListener("pagehide", () => events.close());
}

// Jobs that somebody is ticking, or text that is being read, do not change under the hand.
function busy() {
  return document.querySelector("input[name=number]:checked, .live details[open]") !== null;
}

for (const part of document.querySelectorAll(".live")) follow(part);
