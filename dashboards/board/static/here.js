// On a phone the pages do not all fit beside each other: the one that is shown is in sight.
export function showHere() {
  document.querySelector(".pages [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
}
