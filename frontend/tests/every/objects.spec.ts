import type { Page } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { accessible, looks } from '../looks';
import { newPerson, signIn, type Person } from '../people';
import { atelier, expect, test as base } from '../server';

/** A domain with tactics, types and properties that do not exist today. */
const future = resolve('../review/taxonomy/testdata/future.json');

const test = base.extend<object, { reader: Person }>({
  reader: [
    async ({ browser, server }, use) => {
      const reader = await newPerson(browser, server.url);
      await signIn(reader, server.links[0] ?? '');
      execFileSync(atelier, ['--data', server.data, 'import', future], { stdio: 'ignore' });
      await expect
        .poll(async () => (await reader.request.get('/api/objects/ZQ9101')).status(), {
          timeout: 30_000,
        })
        .toBe(200);
      await use(reader);
      await reader.page.context().close();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  page: async ({ reader }, use) => {
    const page = await reader.page.context().newPage();
    const wrong: string[] = [];
    page.on('pageerror', (cause) => wrong.push(cause.message));
    page.on('console', (said) => said.type() === 'error' && wrong.push(said.text()));
    await use(page);
    expect(wrong, 'what the page complained of').toEqual([]);
    await page.close();
  },
});

const title = (page: Page) => page.getByRole('heading', { level: 1 });

test('a technique with hundreds of examples is listed in part, filtered and shown whole', async ({
  page,
}) => {
  await page.addInitScript(() => {
    Object.assign(window, { moved: 0 });
    new PerformanceObserver((list) => {
      for (const one of list.getEntries() as (PerformanceEntry & {
        value: number;
        hadRecentInput: boolean;
      })[])
        if (!one.hadRecentInput) (window as unknown as { moved: number }).moved += one.value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto('/objects/T1105');
  await expect(title(page)).toHaveText('Ingress Tool Transfer');
  const examples = page.locator('#section-examples-of-software');
  await expect(examples.locator('> ul > li')).toHaveCount(25);
  const filter = page.getByLabel('Filter what is listed below');
  await filter.fill('certutil');
  await expect(page.getByRole('status').filter({ hasText: 'have it' })).toBeVisible();
  await expect(page).toHaveURL(/filter=certutil/);
  const some = await examples.locator('> ul > li').count();
  for (const item of await page.locator('[id^="section-"] > ul > li').allTextContents())
    expect(item).toMatch(/certutil|Nothing here/i);
  await page.reload();
  await expect(filter).toHaveValue('certutil');
  await expect(examples.locator('> ul > li')).toHaveCount(some);
  await filter.fill('');
  await examples.getByRole('button', { name: /^Show all \d{3}/ }).click();
  expect(await examples.locator('> ul > li').count()).toBeGreaterThan(300);
  await expect(page).toHaveURL(/all=examples-of-software/);
  expect(await page.evaluate(() => (window as unknown as { moved: number }).moved)).toBeLessThan(
    0.1,
  );
  await page.goto('/objects/T1105');
  await looks(page, 'many-examples');
});

test('what is not drawn at first comes afterwards, and is asked for again where it failed', async ({
  reader,
}) => {
  const page = await reader.page.context().newPage();
  const examples = page.locator('#section-examples-of-software');
  const rest = /\/api\/objects\/[^/?]+$/;
  await page.route(rest, (route) => route.abort());
  await page.goto('/objects/T1105');
  await examples.getByRole('button', { name: /^Show all \d{3}/ }).click();
  const again = examples.getByRole('alert').getByRole('button', { name: 'Try again' });
  await expect(again).toBeVisible();
  await page.unroute(rest);
  await again.click();
  await expect(examples.locator('> ul > li').nth(300)).toBeVisible();
  await expect(again).toBeHidden();
  await page.close();
});

test('detection, footnotes in both directions, STIX and how to cite it', async ({ page }) => {
  await page.goto('/objects/T1055');
  const detection = page.locator('#section-detections');
  await expect(detection.getByRole('link', { name: /^DET\d{4}/ })).toHaveCount(1);
  await expect(detection.getByRole('link', { name: /^AN\d{4}/ }).first()).toBeVisible();
  await expect(detection.getByRole('columnheader', { name: 'Channel' }).first()).toBeVisible();
  await expect(detection.getByRole('link', { name: /^DC\d{4}/ }).first()).toBeVisible();
  await accessible(page);

  await page.goto('/objects/G0016');
  const citation = page.locator('.prose sup.citation').first();
  const number = (await citation.textContent())?.replace(/\D/g, '');
  await citation.getByRole('link').click();
  await expect(page).toHaveURL(new RegExp(`#ref-${number}$`));
  const note = page.locator(`#ref-${number}`);
  await expect(note).toBeInViewport();
  await note
    .getByRole('link', { name: /^Back to where/ })
    .first()
    .click();
  await expect(page).toHaveURL(new RegExp(`#cite-ref-${number}-1$`));
  await expect(citation).toBeInViewport();
  await expect(page.getByRole('region', { name: /^By tactic/ }).first()).toContainText(
    'PowerShell',
  );

  await page.getByText('Cite this').click();
  await expect(page.getByLabel('Text to cite')).toHaveValue(
    /^APT29 \(G0016\)\. Enterprise 18\.1\. http:\/\/localhost:\d+\/objects\/G0016$/,
  );
  await page.getByText('Show the object as it is exchanged').click();
  await expect(page.getByLabel('STIX of this object').locator('.key').first()).toHaveText(/^"/);
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download' }).click(),
  ]);
  expect(file.suggestedFilename()).toBe('G0016.json');
  expect(JSON.parse(readFileSync(await file.path(), 'utf8')).name).toBe('APT29');
  await looks(page, 'group');
});

test('links show a card of what they lead to, by pointer and by key, once fetched', async ({
  page,
}, info) => {
  const cards: string[] = [];
  page.on('request', (r) => r.url().endsWith('/card') && cards.push(new URL(r.url()).pathname));
  await page.goto('/objects/G0016');
  const link = page.locator('.prose').getByRole('link', { name: 'SolarWinds Compromise' }).first();
  const card = page.getByRole('tooltip');
  await link.hover();
  await expect(card).toContainText('Campaign');
  await expect(link).toHaveAttribute('aria-describedby', 'hover-card');
  await page.screenshot({ path: `${info.outputDir}/card.png` });
  await accessible(page);
  await card.hover(); // it stays while the pointer is on it
  await expect(card).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(card).toBeHidden();
  await title(page).hover();
  await link.focus();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Tab');
  await expect(link).toBeFocused();
  await expect(card).toContainText('Campaign');
  await page.keyboard.press('Escape');
  await expect(card).toBeHidden();
  await expect(link).toBeFocused();
  expect(cards.filter((path) => path === '/api/objects/C0024/card')).toHaveLength(1);
});

test('a revoked object says what came in its place', async ({ page }) => {
  await page.goto('/objects/T1066');
  await expect(page.getByText('T1066 was revoked.')).toBeVisible();
  await page
    .getByRole('link', { name: /^T1027\.005/ })
    .first()
    .click();
  await expect(page).toHaveURL(/\/objects\/T1027\.005$/);
  await expect(title(page)).toHaveText('Indicator Removal from Tools');
});

test('the graph around an object is walked by keys, and its list says the same', async ({
  page,
}) => {
  await page.goto('/objects/T1105/graph');
  const drawing = page.getByRole('region', { name: 'The graph' });
  await drawing.getByRole('link', { name: /^T1105/ }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(drawing.getByRole('link', { name: /^Tactics/ })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(drawing.getByRole('link', { name: /^Procedure examples: groups/ })).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(drawing.locator('a:focus')).toHaveAttribute('aria-label', /, Group$/);
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Home');
  await expect(drawing.getByRole('link', { name: /^T1105/ })).toBeFocused();
  const list = page.getByRole('region', { name: 'As a list' });
  const names = async (of: typeof list) =>
    (
      await of.getByRole('link').evaluateAll((all) => all.map((a) => a.getAttribute('href')))
    ).sort();
  const drawn = (await names(drawing)).filter((href) => !href?.startsWith('/objects/T1105/graph'));
  expect(await names(list)).toEqual(drawn);
  await looks(page, 'graph');

  await drawing.getByRole('link', { name: /^and \d{3} more$/ }).click();
  await expect(page).toHaveURL(/\/objects\/T1105\?all=.*#section-/);
  expect(await page.locator('#section-examples-of-software > ul > li').count()).toBeGreaterThan(
    300,
  );
  await page.goBack();
  await page.getByRole('link', { name: 'Two steps' }).click();
  await expect(page).toHaveURL(/graph\?steps=2$/);
  await expect(drawing.getByRole('link', { name: /^G/ }).first()).toBeVisible();
});

test('what does not exist today has pages, a graph and a past', async ({ page, reader }) => {
  await page.goto('/objects/ZQ9101');
  await expect(title(page)).toHaveText('Gadget of Doom');
  await expect(page.getByRole('heading', { name: 'Powers: Techniques' })).toBeVisible();
  await page.getByRole('link', { name: 'Counter Spin' }).click();
  await expect(title(page)).toHaveText('Counter Spin');
  await page.goto('/objects/T9101');
  await looks(page, 'future');
  await page.goto('/objects/ZQ9101/graph?steps=2');
  await expect(
    page.getByRole('region', { name: 'The graph' }).getByText('T9101 Spin Up'),
  ).toBeVisible();
  type Collections = { id: number }[];
  const [one] = await reader.api<Collections>('GET', '/domains/space-attack/collections');
  const at = one?.id;
  await page.goto(`/objects/T9101?at=${at}`);
  await expect(page.getByText('This is as of Space 1.0.')).toBeVisible();
  await page.getByRole('link', { name: 'Gadget of Doom' }).first().hover();
  await page.getByRole('link', { name: 'Gadget of Doom' }).first().click();
  await expect(page).toHaveURL(new RegExp(`/objects/ZQ9101\\?at=${at}$`));
  await page.getByRole('link', { name: 'Go to the present' }).click();
  await expect(page).toHaveURL(/\/objects\/ZQ9101$/);
});
