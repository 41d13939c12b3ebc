// Trades the one-time code of the printed address for a session; the code leaves the address at once.
const code = new URLSearchParams(location.hash.slice(1)).get("code");
if (code) {
  history.replaceState(null, "", location.pathname + location.search);
  const answer = await fetch("/api/auth/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ code }),
  });
  if (answer.ok) location.reload();
  else document.getElementById("said").textContent = (await answer.json()).detail;
}
