// Trades the one-time code of the printed address, or a token, for a session; the code leaves the address at once.
const said = document.getElementById("said");
const form = document.querySelector("form");

async function begin(opening) {
  const answer = await fetch("/api/auth/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(opening),
  });
  if (answer.ok) location.reload();
  else said.textContent = (await answer.json()).detail;
}

const code = new URLSearchParams(location.hash.slice(1)).get("code");
history.replaceState(null, "", location.pathname + location.search);
form.hidden = false;
form.onsubmit = (event) => {
  event.preventDefault();
  begin({ token: form.elements.token.value.trim() });
};
if (code) begin({ code });
