import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { looks } from '../looks';
import { newPerson, signIn, type Person } from '../people';
import { atelier, enterprise, expect, test as base } from '../server';

/**
 * Mobile in two releases beside Enterprise, the older one imported last, and somebody who reads.
 * The server is running: it takes them over the network.
 */
const test = base.extend<object, { reader: Person }>({
  reader: [
    async ({ browser, server }, use) => {
      const reader = await newPerson(browser, server.url);
      await signIn(reader, server.links[0] ?? '');
      for (const version of ['17.1', '17.0'])
        await load(reader, `mobile-attack-${version}.json.gz`);
      await use(reader);
      await reader.page.context().close();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
});

async function load(person: Person, name: string) {
  const { page } = person;
  await page.goto('/import');
  await page.getByLabel(/STIX 2.1 bundles/).setInputFiles(join(dirname(enterprise), name));
  await expect(page.getByRole('status').filter({ hasText: 'Mobile' })).toBeVisible();
}

test('the domains list their releases, to read, to download and to compare', async ({ reader }) => {
  const { page } = reader;
  await page.goto('/domains');
  const mobile = page.getByRole('region', { name: 'Mobile' });
  await expect(mobile.getByRole('link', { name: '17.1' }).first()).toBeVisible();
  await expect(mobile.getByText('current')).toHaveCount(1);
  await looks(page, 'domains');
  const download = page.waitForEvent('download');
  await mobile.getByRole('link', { name: 'Download Mobile 17.0 as STIX 2.0' }).click();
  expect((await download).suggestedFilename()).toBe('mobile-attack-17.0-stix-2.0.json');
  await mobile.getByRole('link', { name: 'Compare' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Mobile 17.0 → 17.1' })).toBeVisible();
});

test('two releases compare in sections, and a link shows the same', async ({ reader }) => {
  const { page } = reader;
  await page.goto('/compare?domain=mobile-attack');
  const heading = page.getByRole('heading', { level: 1, name: 'Mobile 17.0 → 17.1' });
  await expect(heading).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Patches 93' })).toBeVisible();
  await looks(page, 'compare');

  await page.getByLabel('Type').selectOption('malware');
  await page.getByRole('searchbox', { name: 'Text', exact: true }).fill('carbon');
  await expect(page.getByText('1 change', { exact: true })).toBeVisible();
  await expect(page).toHaveURL(/type=malware&q=carbon/);
  const row = page.getByRole('button', { name: /^Differences of S0529 CarbonSteal$/ });
  await row.click();
  await expect(page.getByText('Last modified')).toBeVisible();
  await looks(page, 'compare-object');
  const link = page.url();
  await page.goto('/domains');
  await page.goto(link);
  await expect(page.getByText('Last modified')).toBeVisible();
  await expect(page.getByRole('searchbox', { name: 'Text', exact: true })).toHaveValue('carbon');

  await page.getByRole('button', { name: 'Swap' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Mobile 17.1 → 17.0' })).toBeVisible();
  await page.getByLabel('To', { exact: true }).selectOption('17.1 (current)');
  await expect(page.getByText('Nothing differs between the two.')).toBeVisible();
});

test('an object has its versions, and any two are compared', async ({ reader }) => {
  const { page } = reader;
  await page.goto('/objects/S0529');
  const versions = page.getByRole('region', { name: 'Versions' });
  await expect(versions.getByRole('link', { name: '17.0' })).toBeVisible();
  await expect(versions.getByText('Last modified')).toBeVisible();
  await versions.scrollIntoViewIfNeeded();
  await looks(page, 'versions');
  await versions
    .getByRole('radio', { name: /^Compare from/ })
    .first()
    .check();
  await expect(versions.getByText('Choose two to see what differs.')).toBeVisible();
  await expect(page).toHaveURL(/before=\d+&after=\d+/);
  await page.reload();
  await expect(versions.getByText('Choose two to see what differs.')).toBeVisible();
  await page.goto('/objects/T1055');
  await expect(versions.getByRole('listitem').first()).toBeVisible();
  await expect(versions.getByRole('radio')).toHaveCount(0);
});

test('the command line exports what the pages name', async ({ reader, server }) => {
  const list = await reader.api<{ id: number; version: string }[]>(
    'GET',
    '/domains/mobile-attack/collections',
  );
  const old = list.find((one) => one.version === '17.0');
  const bundle = execFileSync(
    atelier,
    ['--data', server.data, 'export', '--collection', String(old?.id), '--output', '-'],
    { maxBuffer: 1 << 28 },
  );
  const page = await reader.request.get(`/api/domains/mobile-attack/bundle?at=${old?.id}`);
  expect(await page.text()).toBe(bundle.toString());
});
