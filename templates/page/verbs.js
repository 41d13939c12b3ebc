// Carries out what a button says: sends the form as JSON, with the mark of what was looked at.
let session;

async function token() {
  session ??= fetch("/api/auth/session").then((answer) => answer.json());
  return (await session).token ?? "";
}

function wishOf(form) {
  const data = new FormData(form);
  const paths = data.getAll("add_scope");
  const wish = Object.fromEntries([...data].filter(([name, value]) => name !== "add_scope" && value.trim() !== ""));
  return paths.length ? { ...wish, add_scope: paths } : wish;
}

function told(answer, body) {
  if (!answer.ok) return [body.detail, ...(body.problems ?? []), body.next ? `next: ${body.next}` : ""].filter(Boolean).join(" ");
  if (body.is_resumed) return `${body.message} The run goes on.`;
  return body.resume ? `${body.message} Nobody works on the run: ${body.resume}` : body.message;
}

async function send(form) {
  const button = form.querySelector("button");
  const said = form.querySelector(".said");
  button.disabled = true;
  try {
    const answer = await fetch(form.dataset.verb, {
      method: "POST",
      headers: { "Content-Type": "application/json", "If-Match": form.dataset.etag, "X-Autopack-Session": await token() },
      body: JSON.stringify(wishOf(form)),
    });
    if (answer.status === 401 || answer.status === 403) session = undefined; // another one may have begun meanwhile
    said.textContent = told(answer, await answer.json());
    form.toggleAttribute("data-done", answer.ok);
    if (answer.ok || answer.status === 412) document.dispatchEvent(new CustomEvent("changed", { detail: said.textContent }));
  } catch {
    said.textContent = "The server does not answer; nothing is known to have been done.";
    session = undefined;
  } finally {
    button.disabled = form.hasAttribute("data-done");
  }
}

export function buttons(place) {
  for (const form of place.querySelectorAll("form.verb")) {
    form.hidden = false;
    form.onsubmit = (event) => {
      event.preventDefault();
      send(form);
    };
  }
}
