import type { Page } from '@playwright/test';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { accessible, looks } from '../looks';
import { join as enter, makeWorkshop, newPerson, propose, signIn, type Person } from '../people';
import { expect, test as base } from '../server';

interface Thing {
  type: string;
  id: string;
  [property: string]: unknown;
}
interface Bundle {
  objects: Thing[];
}

/** A domain that does not exist today, and what its next releases make of it. */
const future = resolve('../review/taxonomy/testdata/future.json');
const id = (type: string, last: string) => `${type}--00000000-0000-4000-8000-0000000000${last}`;

/** The domain as a later release: Leap is called otherwise, Hover is new, and there is a second matrix. */
function later(version: string, modified: string): string {
  const bundle = JSON.parse(readFileSync(future, 'utf8')) as Bundle;
  const find = (type: string, last: string) =>
    bundle.objects.find((one) => one.id === id(type, last))!;
  Object.assign(find('x-mitre-collection', '02'), { x_mitre_version: version, modified });
  const leap = find('attack-pattern', '24');
  Object.assign(leap, { name: 'Somersault', x_mitre_version: version, modified });
  const numbered = (number: string) => ({
    external_references: [{ source_name: 'mitre-space-attack', external_id: number }],
  });
  bundle.objects.push(
    { ...leap, ...numbered('T9104'), id: id('attack-pattern', '94'), name: 'Hover' },
    {
      ...find('x-mitre-matrix', '12'),
      ...numbered('deep-space'),
      id: id('x-mitre-matrix', '92'),
      name: 'Deep Space',
      tactic_refs: [id('x-mitre-tactic', '10')],
    },
  );
  return JSON.stringify(bundle);
}

interface Past {
  fay: Person;
  /** The numbers of the releases 1.0, 1.5 and 2.0. */
  at: number[];
}

const test = base.extend<object, { past: Past }>({
  past: [
    async ({ browser, server }, use) => {
      const fay = await newPerson(browser, server.url);
      await signIn(fay, server.links[0] ?? '');
      const files = [future];
      for (const [version, day] of [
        ['1.5', '2032-01-01T00:00:00.000Z'],
        ['2.0', '2033-01-01T00:00:00.000Z'],
      ] as const) {
        files.push(`${server.data}/space-${version}.json`);
        writeFileSync(files.at(-1)!, later(version, day));
      }
      await fay.page.goto('/import');
      for (const [i, file] of files.entries()) {
        await fay.page.getByLabel(/STIX 2.1 bundles/).setInputFiles(file);
        const loaded = `Space ATT&CK ${['1.0', '1.5', '2.0'][i]}`;
        await expect(fay.page.getByRole('status').filter({ hasText: loaded })).toBeVisible();
      }
      const list = await fay.api<{ id: number; version: string }[]>(
        'GET',
        '/domains/space-attack/collections',
      );
      await use({ fay, at: list.map((one) => one.id).reverse() });
      await fay.page.context().close();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
});

test.use({ demo: true });

const then = (page: Page) => page.getByRole('main').getByText('This is as of Space 1.0.');

test('a page of an earlier release says so, stays there, and leads to the present', async ({
  past: { fay, at },
}) => {
  const { page } = fay;
  const domain = '/domains/space-attack';
  for (const [path, was] of [
    [`${domain}?`, 'Leap'],
    [`${domain}/statistics?`, 'Leap'],
    [`${domain}/objects?type=attack-pattern&`, 'Leap'],
    ['/objects/T9103?', 'Leap'],
    ['/objects/T9103/graph?', 'Leap'],
    ['/search?q=T9103&', 'Leap'],
  ] as const) {
    await page.goto(`${path}at=${at[0]}`);
    await expect(then(page), path).toBeVisible();
    await expect(page.getByRole('main').getByText(was).first(), path).toBeVisible();
    await page.getByRole('link', { name: 'Go to the present' }).click();
    await expect(page, path).not.toHaveURL(/[?&]at=/);
    await expect(then(page), path).toBeHidden();
    await expect(page.getByRole('main').getByText('Somersault').first(), path).toBeVisible();
  }
});

test('an earlier release is searched from its pages', async ({ past: { fay, at } }) => {
  const { page } = fay;
  await page.goto(`/domains/space-attack?at=${at[0]}`);
  await expect(then(page)).toBeVisible();
  await page.keyboard.press('Control+k');
  const box = page.getByRole('dialog', { name: 'Search' });
  await expect(box.getByText('This is as of Space 1.0.')).toBeVisible();
  await box.getByRole('combobox').fill('somersault');
  await expect(box.getByText(/Nothing found for/)).toBeVisible();
  await box.getByRole('combobox').fill('leap');
  await expect(box.getByRole('option', { name: /T9103 Leap/ })).toBeVisible();
  await accessible(page);
  await box.getByRole('option', { name: /All results/ }).click();
  await expect(page).toHaveURL(new RegExp(`/search\\?q=leap&at=${at[0]}$`));
  await expect(then(page)).toBeVisible();
  await page.getByRole('checkbox', { name: /^Technique/ }).check();
  await expect(page).toHaveURL(new RegExp(`type=attack-pattern&at=${at[0]}$`));
  await page.getByRole('link', { name: /T9103/ }).click();
  await expect(page).toHaveURL(new RegExp(`/objects/T9103\\?at=${at[0]}$`));
  await expect(page.getByRole('heading', { level: 1, name: 'Leap' })).toBeVisible();
});

test('a comparison of two earlier releases leads to one with the present', async ({
  past: { fay, at },
}) => {
  const { page } = fay;
  await page.goto(`/compare?from=${at[0]}&to=${at[1]}&type=attack-pattern`);
  await expect(page.getByRole('heading', { level: 1, name: 'Space 1.0 → 1.5' })).toBeVisible();
  await page.getByText('Neither is the present, which is 2.0.').waitFor();
  await page.getByRole('link', { name: 'Compare 1.0 with it' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Space 1.0 → 2.0' })).toBeVisible();
  await expect(page).toHaveURL(/type=attack-pattern/);
  await expect(page.getByText('Neither is the present')).toBeHidden();
  await expect(page.getByText('T9104')).toBeVisible();
});

test('what a release does not have yet says which have it', async ({ past: { fay, at } }) => {
  const { page } = fay;
  await page.goto(`/objects/T9104?at=${at[0]}`);
  await expect(page.getByText('There is no object "T9104"')).toBeVisible();
  await expect(page.getByText('These releases have it:')).toBeVisible();
  await looks(page, 'not-here');
  await page.getByRole('link', { name: 'Space 2.0' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Hover' })).toBeVisible();
  await page.goto('/objects/T9999');
  await page.getByRole('link', { name: 'Search for it' }).click();
  await expect(page).toHaveURL(/search\?q=T9999$/);
});

test('several matrices are tabs, and all filters of a workshop’s matrix are in its link', async ({
  browser,
  server,
  past: { fay, at },
}) => {
  test.setTimeout(120_000);
  const workshop = await makeWorkshop(fay, 'Space workshop', 'space-attack');
  const ana = await newPerson(browser, server.url);
  await enter(ana, fay, workshop, 'Ana');
  const { object } = await ana.api<{ object: { stix_id: string } }>('GET', '/objects/T9101');
  await propose(
    ana,
    workshop.id,
    'refinement',
    object.stix_id,
    { description: { text: 'Adversaries may spin a wheel, and more than one.' } },
    'There are two.',
  );
  const { page } = ana;
  const grid = page.getByRole('group', { name: 'Matrix' });
  const cells = async () =>
    (await grid.locator('[data-cell] .id').allInnerTexts()).map((one) => one.trim()).sort();
  const columns = grid.getByRole('heading', { level: 2 });
  // What a filter leaves is the same once its link is opened afresh.
  const leaves = async (...ids: string[]) => {
    await expect.poll(cells).toEqual(ids);
    await page.goto(page.url());
    await expect.poll(cells).toEqual(ids);
  };
  await page.goto(`/w/${workshop.id}/matrix`);
  await expect(columns).toHaveText([/Orbit Decay/, /Drift/]);
  const tabs = page.getByRole('navigation', { name: 'Matrices' });
  await expect(tabs.getByRole('link')).toHaveText(['All', 'Space', 'Deep Space']);
  await tabs.getByRole('link', { name: 'Deep Space' }).click();
  await expect(columns).toHaveText([/Drift/]);
  await leaves('T9101', 'T9103', 'T9104');
  await expect(tabs.getByRole('link', { name: 'Deep Space' })).toHaveAttribute(
    'aria-current',
    'page',
  );
  await looks(page, 'two-matrices');

  await page.getByLabel('Used by', { exact: true }).fill('Moon');
  await page.getByRole('option', { name: /G9101/ }).click();
  await leaves('T9101', 'T9103');
  await page.getByLabel('Proposals', { exact: true }).selectOption('with');
  await leaves('T9101');
  await page.getByLabel('Detection', { exact: true }).selectOption('with');
  await leaves('T9101');
  await expect(page).toHaveURL(/matrix=.*user=G9101&proposals=with&detection=with/);
  await page.getByLabel('Proposals', { exact: true }).selectOption('without');
  await expect(page.getByText('Nothing fits these filters.')).toBeVisible();
  await page.getByRole('button', { name: 'Clear the filters' }).click();
  await leaves('T9101', 'T9103', 'T9104');

  await page.getByLabel('Changed in', { exact: true }).selectOption(String(at[1]));
  await leaves('T9103', 'T9104');
  await page.getByLabel('How', { exact: true }).selectOption('added');
  await leaves('T9104');
  await page.getByLabel('How', { exact: true }).selectOption('changed');
  await leaves('T9103');
  await page.getByRole('button', { name: /Remove the filter/ }).click();
  await leaves('T9101', 'T9103', 'T9104');

  await page.getByLabel('As of', { exact: true }).selectOption(String(at[0]));
  await expect(then(page)).toBeVisible();
  await expect(tabs).toBeHidden();
  await page.getByRole('link', { name: 'Go to the present' }).click();
  await expect(tabs).toBeVisible();
  await expect(page).not.toHaveURL(/[?&]at=/);
});

test('a workshop that has lost its connection keeps its header in one line on a phone', async ({
  past: { fay },
}, info) => {
  const { page } = fay;
  const workshop = await makeWorkshop(fay, 'Offline', 'space-attack');
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 844 });
    await page.goto(`/w/${workshop.id}`);
    await expect(page.getByText('In sync')).toBeVisible();
    const header = page.getByRole('banner');
    const before = await header.boundingBox();
    await page.context().setOffline(true);
    await expect(header.getByRole('button', { name: 'Try now' })).toBeVisible({ timeout: 40_000 });
    await page.screenshot({ path: `${info.outputDir}/offline-${width}.png` });
    expect((await header.boundingBox())?.height).toBe(before?.height);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      width,
    );
    await page.getByRole('button', { name: /^Menu/ }).click();
    await page.screenshot({ path: `${info.outputDir}/offline-menu-${width}.png` });
    await expect(header.getByRole('link', { name: 'Matrix', exact: true })).toBeInViewport();
    await page.context().setOffline(false);
    await expect(page.getByText('In sync')).toBeVisible();
  }
});
