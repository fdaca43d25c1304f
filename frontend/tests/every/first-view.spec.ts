import type { Page } from '@playwright/test';
import { makeWorkshop, newPerson, signIn, type Person } from '../people';
import { expect, test as base } from '../server';

/** What all scripts of a first view may take on the way, in bytes. */
const budget = 250_000;

const test = base.extend<object, { host: Person; workshop: string }>({
  host: [
    async ({ browser, server }, use) => {
      const host = await newPerson(browser, server.url);
      await signIn(host, server.links[0] ?? '');
      await use(host);
      await host.page.context().close();
    },
    { scope: 'worker' },
  ],
  workshop: [
    async ({ host }, use) => use((await makeWorkshop(host, 'First view')).id),
    { scope: 'worker' },
  ],
});

/** Opens an address as if for the first time, and tells what that took. */
async function open(person: Person, path: string, shows: (page: Page) => Promise<void>) {
  const context = await person.page
    .context()
    .browser()
    ?.newContext({
      baseURL: person.url,
      storageState: await person.page.context().storageState(),
    });
  if (!context) throw new Error('the browser is gone');
  const page = await context.newPage();
  // What scripts ask for, whether it goes over the line or was preloaded.
  await page.addInitScript(() => {
    const asked: string[] = [];
    Object.assign(window, { asked });
    const own = window.fetch;
    window.fetch = (input, init) => {
      const { pathname, search } = new URL(
        input instanceof Request ? input.url : `${input}`,
        location.href,
      );
      asked.push(pathname + search);
      return own(input, init);
    };
  });
  const scripts: Promise<{ path: string; size: number; encoding?: string }>[] = [];
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('console', (said) => {
    if (/preload/.test(said.text())) complaints.push(said.text());
  });
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url());
    requests.push(pathname + search);
  });
  page.on('requestfinished', (request) => {
    if (request.resourceType() !== 'script' && !request.url().endsWith('.js')) return;
    scripts.push(
      (async () => ({
        path: new URL(request.url()).pathname,
        size: (await request.sizes()).responseBodySize,
        encoding: (await (await request.response())?.allHeaders())?.['content-encoding'],
      }))(),
    );
  });
  const answer = await page.goto(path);
  await shows(page);
  await page.waitForLoadState('networkidle');
  const asked = await page.evaluate(() => (window as unknown as { asked: string[] }).asked);
  const link = answer?.headers()['link'] ?? '';
  const preloaded = [...link.matchAll(/<([^>]*)>/g)].map((found) => found[1] ?? '');
  const loaded = await Promise.all(scripts);
  await context.close();
  return { asked, requests, preloaded, scripts: loaded, complaints };
}

const heading = (name: string | RegExp) => (page: Page) =>
  expect(page.getByRole('heading', { name }).first()).toBeVisible();

test('the scripts of a first view are few and packed, and what is preloaded is used', async ({
  host,
  workshop,
}) => {
  const pages: [string, (page: Page) => Promise<void>][] = [
    ['/', heading('My workshops')],
    ['/objects/T1055', heading('Process Injection')],
    [`/w/${workshop}`, heading('First view')],
    [`/w/${workshop}/matrix`, heading('Matrix')],
    [`/w/${workshop}/queue`, heading(/queue/i)],
    ['/domains/enterprise-attack', heading(/Enterprise|Matrix/)],
  ];
  for (const [path, shows] of pages) {
    const { asked, requests, preloaded, scripts, complaints } = await open(host, path, shows);
    expect(complaints, path).toEqual([]);
    const size = scripts.reduce((sum, one) => sum + one.size, 0);
    expect(scripts.length, path).toBeGreaterThan(3);
    expect(size, path).toBeLessThan(budget);
    expect(
      scripts.filter((one) => one.encoding !== 'br'),
      path,
    ).toEqual([]);
    const data = preloaded.filter((one) => one.startsWith('/api/'));
    if (/matrix$|^.domains/.test(path))
      expect(data).toContain('/api/domains/enterprise-attack/matrix');
    expect(data.length, `${path} preloads its data`).toBeGreaterThan(0);
    for (const one of data) {
      expect(asked, `${path} preloads ${one} and does not ask for it`).toContain(one);
      expect(
        requests.filter((request) => request === one).length,
        `${path} asks more than once for ${one}`,
      ).toBe(1);
    }
    const files = preloaded.filter((one) => !one.startsWith('/api/'));
    for (const one of files) expect(requests, `${path} preloads ${one}`).toContain(one);
  }
});

/** Adds up how far what is drawn moves without somebody's doing, as browsers measure it. */
async function moved(page: Page) {
  await page.addInitScript(() => {
    Object.assign(window, { moved: 0 });
    new PerformanceObserver((list) => {
      for (const one of list.getEntries() as (PerformanceEntry & { value: number })[])
        (window as unknown as { moved: number }).moved += one.value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  return () => page.evaluate(() => (window as unknown as { moved: number }).moved);
}

test('no part of a first view moves another, nor does the scroll bar', async ({
  host,
  playwright,
}, { project }) => {
  // One with scroll bars that take room, as on most desktops.
  const browser = await playwright.chromium.launch({
    ...project.use.launchOptions,
    ignoreDefaultArgs: ['--hide-scrollbars'],
  });
  const page = await browser.newPage({
    baseURL: host.url,
    storageState: await host.page.context().storageState(),
  });
  // Slow enough to be drawn between any two turns.
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  const far = await moved(page);
  const whole = () => page.getByRole('complementary', { name: 'About it' });
  const columns = () => page.locator('[data-column]:last-child li').first();
  for (const width of [1350, 390])
    for (const [path, last] of [
      ['/objects/T1055', whole()],
      ['/objects/G0094', whole()],
      ['/domains/enterprise-attack', columns()],
    ] as const) {
      await page.setViewportSize({ width, height: 844 });
      await page.goto(path);
      await expect(last).toBeAttached({ timeout: 20_000 });
      expect(await far(), `${path} at ${width} px`).toBe(0);
    }
  await browser.close();
});

test('a page that is made in turns has the place one goes back to', async ({ host }) => {
  const page = await host.page.context().newPage();
  const place = () => page.evaluate(() => Math.round(scrollY));
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/objects/T1105');
  const references = page.getByRole('heading', { name: 'References', exact: true });
  await expect(page.getByRole('complementary', { name: 'About it' })).toBeAttached();
  await references.evaluate((it) => it.scrollIntoView({ block: 'start' }));
  const before = await place();
  expect(before).toBeGreaterThan(2000);

  await page.reload();
  await expect.poll(place).toBe(before);
  await page.evaluate(() => document.querySelector<HTMLElement>('a[href="/"]')?.click());
  await expect(page.getByRole('heading', { name: 'My workshops' })).toBeVisible();
  await page.goBack();
  await expect.poll(place).toBe(before);

  const linked = page.locator('[id^="section-"]').last();
  const id = await linked.getAttribute('id');
  await page.goto('/');
  await page.goto(`/objects/T1105#${id}`);
  await expect(linked.getByRole('heading').first()).toBeInViewport();
  await page.close();
});

test('what is drawn before the scripts has the colours that somebody chose', async ({ host }) => {
  const page = await host.page.context().newPage();
  await page.emulateMedia({ colorScheme: 'light' });
  await page.route('**/_app/immutable/entry/**', (route) => route.abort());
  await page.goto('/');
  const colour = () =>
    page.locator('.shell').evaluate((it) => getComputedStyle(it).backgroundColor);
  const light = await colour();
  await page.evaluate(() => localStorage.setItem('atelier-theme', 'dark'));
  await page.reload();
  const dark = await colour();
  expect(dark).not.toBe(light);
  await page.evaluate(() => localStorage.removeItem('atelier-theme'));
  await page.close();
});
