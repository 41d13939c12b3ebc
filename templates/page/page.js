// What every page does beyond being read: it stays up to date, and its buttons work.
import { live } from "./live.js";
import { buttons } from "./verbs.js";

if (location.hash.startsWith("#code=")) history.replaceState(null, "", location.pathname + location.search); // of no use to who is in
buttons(document);
live(buttons);
