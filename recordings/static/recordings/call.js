// The page of one call: way back with the list's filters, and the player.
import { Player } from "./player.js";

const back = document.querySelector("[data-back]");
if (back instanceof HTMLAnchorElement && document.referrer.startsWith(back.href)) back.href = document.referrer;

const frame = document.getElementById("player");
if (frame) new Player(frame).start();
