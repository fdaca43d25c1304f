import type { Browser, Page } from '@playwright/test';
import { resolve } from 'node:path';
import { looks } from './looks';
import { makeWorkshop, newPerson, signIn, type Person, type Workshop } from './people';
import { expect, test as base } from './server';

interface Proposal {
  state: string;
  title: string;
}

/** One workshop for all: a sign-in link works once. */
const test = base.extend<object, { host: Person; workshop: Workshop }>({
  host: [
    async (
      { browser, server }: { browser: Browser; server: { url: string; links: string[] } },
      use,
    ) => {
      const host = await newPerson(browser, server.url);
      await signIn(host, server.links[0] ?? '');
      await use(host);
      await host.page.context().close();
    },
    { scope: 'worker' },
  ],
  workshop: [async ({ host }, use) => use(await makeWorkshop(host, 'Sheets')), { scope: 'worker' }],
});

test.describe.configure({ timeout: 120_000 });

const csv = (lines: string[]) => ({
  name: 'examples.csv',
  mimeType: 'text/csv',
  buffer: Buffer.from(lines.join('\r\n')),
});
const choose = (page: Page, file: Parameters<ReturnType<Page['getByLabel']>['setInputFiles']>[0]) =>
  page
    .getByLabel(/spreadsheet/i)
    .and(page.locator('input'))
    .setInputFiles(file);

test('a CSV: columns are mapped, errors shown by row, all or nothing, undone', async ({
  host,
  workshop,
}) => {
  const { page } = host;
  const room = `/workshops/${workshop.id}`;
  await page.goto(`/w/${workshop.id}/propose`);
  await page.getByRole('link', { name: /Many procedure examples/ }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('from a spreadsheet');
  await looks(page, 'empty');

  const heads = 'Crew;What they did;Technique;Source;Web address';
  const good = [
    'APT29;APT29 ran a made-up script.;PowerShell;Example Report;https://example.com/r',
    'G0007;"A made-up letter; twice.";T1566.001: Spearphishing Attachment;Example Report;https://example.com/r',
  ];
  await choose(
    page,
    csv([heads, good[0]!, 'APT29;They did.;Domain Account;Example Report;', good[1]!]),
  );
  await expect(page.getByLabel('Technique', { exact: true })).toHaveValue('3');
  // No heading says who; the choice is kept for the next file that is headed so.
  await expect(page.getByText('No column is chosen for Who')).toBeVisible();
  await page.getByLabel('Who', { exact: true }).selectOption('Crew');
  await page.getByLabel('Description', { exact: true }).selectOption('What they did');
  await page.getByRole('button', { name: 'Dry run' }).click();
  const rows = page.getByRole('table', { name: 'Rows of the spreadsheet' }).locator('tbody tr');
  await expect(rows).toHaveCount(3);
  await expect(rows.nth(1)).toContainText('T1087.002');
  await expect(page.getByRole('button', { name: /^Make 3 drafts/ })).toBeDisabled();
  await looks(page, 'errors');
  await page.getByLabel('Only rows with errors').check();
  await expect(rows).toHaveCount(1);
  await expect(rows.getByRole('rowheader')).toHaveText('3');
  await expect(page).toHaveURL(/only=errors/);
  expect(await host.api<Proposal[]>('GET', `${room}/drafts`)).toHaveLength(0);

  await choose(page, csv([heads, ...good]));
  await expect(page.getByLabel('Who', { exact: true })).toHaveValue('1');
  await page.getByRole('button', { name: 'Dry run' }).press('Enter');
  await expect(page.getByText('0 with errors')).toBeVisible();
  await page.getByRole('button', { name: 'Make 2 drafts' }).click();
  await expect(page.getByText('2 drafts made')).toBeVisible();
  const drafts = await host.api<Proposal[]>('GET', `${room}/drafts`);
  expect(drafts.map((d) => d.title).sort()).toEqual([
    'APT28 uses Spearphishing Attachment',
    'APT29 uses PowerShell',
  ]);
  await looks(page, 'made');
  await page.getByRole('button', { name: 'Undo: discard all 2' }).click();
  await expect(page.getByText('2 drafts discarded again.')).toBeVisible();
  expect(await host.api<Proposal[]>('GET', `${room}/drafts`)).toHaveLength(0);
});

test('a workbook: a sheet is chosen, and all is submitted', async ({ host, workshop }) => {
  const { page } = host;
  await page.goto(`/w/${workshop.id}/propose/sheet`);
  await choose(page, csv(['"a"b,c', 'd']));
  await expect(page.getByRole('alert')).toContainText('Line 1 is not valid CSV');

  await choose(page, resolve('tests/testdata/examples.xlsx'));
  await page.getByLabel('Sheet of the workbook').selectOption('Examples');
  await expect(page.getByLabel('Who', { exact: true })).toHaveValue('2');
  await expect(page.getByLabel('URL', { exact: true })).toHaveValue('5');
  await page.getByRole('button', { name: 'Dry run' }).click();
  await expect(page.getByText('0 with errors')).toBeVisible();
  await page.getByRole('button', { name: 'Make and submit' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Make and submit' }).click();
  await expect(page.getByText('2 proposals submitted')).toBeVisible();
  await page.getByRole('link', { name: 'Look at the proposals' }).click();
  await expect(page.getByRole('link', { name: /Mimikatz uses Phishing/ })).toBeVisible();
  const listed = await host.api<Proposal[]>('GET', `/workshops/${workshop.id}/proposals`);
  expect(listed.map((p) => p.state)).toEqual(['submitted', 'submitted']);
});

test('a STIX bundle of somebody’s changes: what it would be, chosen, made and undone', async ({
  host,
  workshop,
}) => {
  const { page } = host;
  const room = `/workshops/${workshop.id}`;
  await page.goto(`/w/${workshop.id}/propose`);
  await page.getByRole('link', { name: /Somebody’s changes/ }).click();
  const file = page.getByLabel('STIX bundle, 2.1 or 2.0');
  const bundle = (objects: object[]) => ({
    name: 'changes.json',
    mimeType: 'application/json',
    buffer: Buffer.from(
      JSON.stringify({
        type: 'bundle',
        id: 'bundle--00000000-0000-4000-8000-000000000001',
        objects,
      }),
    ),
  });
  await file.setInputFiles({ ...bundle([]), buffer: Buffer.from('{') });
  await expect(page.getByRole('alert')).toBeVisible();

  const stix = await host.api<Record<string, unknown>>('GET', '/objects/T1055/stix');
  const modified = '2027-01-01T00:00:00.000Z';
  const added = 'attack-pattern--00000000-0000-4000-9000-0000000000c1';
  const fresh = { created: modified, modified, x_mitre_domains: ['enterprise-attack'] };
  await file.setInputFiles(
    bundle([
      { ...stix, name: 'Process Injecting', modified },
      await host.api<object>('GET', '/objects/T1059/stix'),
      { ...fresh, type: 'attack-pattern', id: added, name: 'Kettle Lifting' },
      {
        ...fresh,
        type: 'relationship',
        id: 'relationship--00000000-0000-4000-9000-0000000000c2',
        relationship_type: 'uses',
        source_ref: (await host.api<{ object: { stix_id: string } }>('GET', '/objects/G0016'))
          .object.stix_id,
        target_ref: added,
      },
    ]),
  );
  await expect(page.getByText('3 objects to look at, 1 the same as here')).toBeVisible();
  const items = page.getByRole('region', { name: 'What the objects will be' });
  await expect(items.getByRole('listitem').first()).toContainText('Refine a technique');
  await looks(page, 'bundle');
  await items.getByRole('checkbox', { name: /APT29 uses/ }).uncheck();
  await page.getByRole('button', { name: 'Make 2 drafts' }).click();
  await expect(page.getByText('2 drafts made')).toBeVisible();
  const drafts = await host.api<Proposal[]>('GET', `${room}/drafts`);
  expect(drafts.map((d) => d.title).sort()).toEqual(['Kettle Lifting', 'Process Injecting']);
  await page.getByRole('button', { name: 'Undo: discard all 2' }).click();
  await expect(page.getByText('2 drafts discarded again.')).toBeVisible();
  expect(await host.api<Proposal[]>('GET', `${room}/drafts`)).toHaveLength(0);
});

test('an e-mail in the form that MITRE asks for becomes a draft', async ({ host, workshop }) => {
  const { page } = host;
  await page.goto(`/w/${workshop.id}/propose`);
  await page.getByRole('link', { name: /An e-mail to MITRE/ }).click();
  const letter = page.getByLabel('The e-mail');
  await letter.fill('Hello, what about kettles?');
  await page.getByRole('button', { name: 'Make a draft' }).click();
  await expect(page.getByText('No heading says what it is about.')).toBeVisible();
  await expect(letter).toHaveValue('Hello, what about kettles?');
  await looks(page, 'letter');
  await letter.fill(
    'Technique Name: Kettle Humming\nTactic: Impact\nPlatform: Linux\nDetection: Listen for it.\n' +
      'Description: Adversaries may hum.\nReferences: Steam Report. https://example.com/steam',
  );
  await page.getByRole('button', { name: 'Make a draft' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Kettle Humming');
  await expect(page.getByRole('checkbox', { name: 'Impact' })).toBeChecked();
  await expect(page.getByRole('textbox', { name: /Why/ })).toHaveValue('Detection: Listen for it.');
});
