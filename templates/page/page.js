// What every page does beyond being read: it stays up to date, and its buttons work.
import { live } from "./live.js";
import { buttons } from "./verbs.js";

buttons(document);
live(buttons);
