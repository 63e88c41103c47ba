// Messages from the box office: shown, and opened by a tap. blueprints/pwa.py puts this behind
// static/sw.js: it runs in the worker, where there is no page.
self.addEventListener("push", (event) => {
  let told = {};
  try {
    told = event.data.json() ?? {};
  } catch {
    // Browsers want to see something for every message: one without words leads to the tickets.
  }
  const { title = "Yardpass", body = "", url = "/wallet", tag = "wallet", lang = "" } = told;
  const icon = "/static/icons/any-192.png";
  const shown = self.registration.showNotification(title, { body, tag, lang, icon, data: { url } });
  event.waitUntil(shown);
});

self.addEventListener("notificationclick", (event) => {
  const { notification } = event;
  notification.close();
  // Only ever our own wallet, whatever a message says.
  const { origin, pathname } = new URL(notification.data?.url ?? "/wallet", self.location.origin);
  const isOurs = origin === self.location.origin && /^\/wallet(\/tickets\/\d+)?$/.test(pathname);
  const path = isOurs ? pathname : "/wallet";
  const opened = self.clients.matchAll({ type: "window" }).then((open) => {
    const there = open.find((client) => new URL(client.url).pathname === path);
    return there ? there.focus() : self.clients.openWindow(path);
  });
  event.waitUntil(opened);
});
