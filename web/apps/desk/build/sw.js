/* Keeps the shell of the desk, so that it opens without a network and says so. Nothing of the shop is kept here.
   The page itself is always asked of the server first: an upgrade is never hidden behind an old copy. */
const VERSION = '__VERSION__'
const FILES = ['__FILES__']
const CACHE = `xiaoer-desk-${VERSION}`
const PAGE = '/desk/'

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll([PAGE, ...FILES.map((name) => PAGE + name)].map((url) => new Request(url, { cache: 'reload' }))))
      .then(() => self.skipWaiting()),
  )
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith('xiaoer-desk-') && name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  )
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin || !url.pathname.startsWith(PAGE)) return
  if (request.mode === 'navigate') event.respondWith(fetch(request).catch(() => kept(PAGE)))
  else if (url.pathname.startsWith(`${PAGE}assets/`)) event.respondWith(caches.match(request).then((copy) => copy ?? fetch(request)))
})

async function kept(url) {
  return (await caches.match(url)) ?? Response.error()
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const conversation = event.notification.tag
  event.waitUntil(
    self.clients.matchAll({ type: 'window', includeUncontrolled: true }).then(async (windows) => {
      const desk = windows.find((one) => new URL(one.url).pathname.startsWith(PAGE))
      if (!desk) return self.clients.openWindow(PAGE)
      await desk.focus()
      desk.postMessage({ open: conversation })
    }),
  )
})
