/** The tab's title: the page's name, and in front of it what must be seen from another tab. */
let page = "";
let badge = "";

function write() {
  document.title = [badge, page, "Hotline"].filter(Boolean).join(badge ? " " : " · ");
}

export function setPageTitle(name: string) {
  page = name;
  write();
}

/** "" takes the badge away. */
export function setBadge(text: string) {
  badge = text;
  write();
}
