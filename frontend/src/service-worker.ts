/// <reference lib="webworker" />
/** Shows what this person is told while no page is open. It keeps no files and answers no requests. */

const worker = globalThis as unknown as ServiceWorkerGlobalScope;

interface Pushed {
  title: string;
  body: string;
  href: string;
  tag: string;
}

worker.addEventListener('push', (event) => {
  if (!event.data) return;
  const { title, body, href, tag } = event.data.json() as Pushed;
  const data = { href };
  event.waitUntil(
    worker.registration.showNotification(title, { body, tag, data, icon: '/favicon.svg' }),
  );
});

async function open(href: string) {
  const { origin } = worker.location;
  const target = new URL(href, origin);
  if (target.origin !== origin) return;
  const pages = await worker.clients.matchAll({ type: 'window' });
  const there = pages.find((page) => new URL(page.url).pathname === target.pathname) ?? pages[0];
  if (!there) {
    await worker.clients.openWindow(target.href);
    return;
  }
  // A page that this worker does not control cannot be sent anywhere.
  const moved = await there.navigate(target.href).catch(() => null);
  if (moved) await moved.focus();
  else await worker.clients.openWindow(target.href);
}

worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { href } = event.notification.data as { href: string };
  event.waitUntil(open(href));
});
