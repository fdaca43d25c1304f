import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { looks } from '../looks';
import { join, newPerson, propose, signIn, type Person, type Workshop } from '../people';
import { expect, test as base } from '../server';

/** The administrator: a sign-in link works once. */
const test = base.extend<object, { root: Person }>({
  root: [
    async ({ browser, server }, use) => {
      const root = await newPerson(browser, server.url);
      await signIn(root, server.links[0] ?? '');
      await use(root);
      await root.page.context().close();
    },
    { scope: 'worker' },
  ],
});

const overfill = 'attack-pattern--00000000-0000-4000-9000-000000000006';
const slow = 'attack-pattern--00000000-0000-4000-9000-000000000007';
const redirect = 'attack-pattern--00000000-0000-4000-9000-000000000008';

interface Bundle {
  objects: Record<string, unknown>[];
}
const small = async () =>
  JSON.parse(await readFile(resolve('../review/testdata/small.json'), 'utf8')) as Bundle;

/** The next version of the small domain: a name and a tactic changed, and one object was revoked. */
async function next(): Promise<Bundle> {
  const bundle = await small();
  for (const o of bundle.objects) {
    const phases = o.kill_chain_phases as { phase_name: string }[] | undefined;
    const poured = phases?.filter((phase) => phase.phase_name === 'pouring') ?? [];
    for (const phase of poured) phase.phase_name = 'serving';
    if (o.x_mitre_shortname === 'pouring')
      Object.assign(o, { x_mitre_shortname: 'serving', name: 'Serving' });
    if (o.id === redirect) o.name = 'Spout Bending';
    if (o.id === slow) o.revoked = true;
    if (o.type === 'x-mitre-collection') o.x_mitre_version = '3.2';
    if (o.modified) o.modified = '2026-06-01T00:00:00.000Z';
  }
  bundle.objects.push({
    ...bundle.objects.find((o) => o.relationship_type === 'subtechnique-of'),
    ...{
      id: 'relationship--00000000-0000-4000-9000-0000000000ab',
      relationship_type: 'revoked-by',
    },
    ...{ source_ref: slow, target_ref: overfill },
  });
  return bundle;
}

async function upload(page: Page, name: string, bundle: Bundle) {
  await page.goto('/import');
  await page.getByLabel('STIX 2.1 bundles').setInputFiles({
    name,
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(bundle)),
  });
  const row = page.locator('li', { has: page.getByRole('heading', { name }) });
  // Beside all of Enterprise, whose index is made anew.
  await expect(row.getByTestId('import-report')).toBeVisible({ timeout: 30_000 });
  return row;
}

/** A workshop on the small domain. */
async function workshopOn(host: Person): Promise<Workshop> {
  const day = '2026-12-01';
  const made = await host.api<{ id: string }>('POST', '/workshops', {
    ...{ name: 'Tea', summary: '', starts_on: day, ends_on: day, place: '', tlp: 'clear' },
    ...{ domain: 'small-attack', agenda: [], join_open: true },
  });
  const { code } = await host.api<{ code: string }>('GET', `/workshops/${made.id}/invitation`);
  return { id: made.id, code };
}

/**
 * The version after that: the name changed again, a tactic of what was released is gone, and ATT&CK
 * uses the first id of the range.
 */
async function afterNext(): Promise<Bundle> {
  const bundle = await next();
  for (const o of bundle.objects) {
    if (o.id === redirect) o.name = 'Spout Twisting';
    const phases = o.kill_chain_phases as { phase_name: string }[] | undefined;
    for (const phase of phases?.filter((one) => one.phase_name === 'boiling') ?? [])
      phase.phase_name = 'steaming';
    if (o.x_mitre_shortname === 'boiling')
      Object.assign(o, { x_mitre_shortname: 'steaming', name: 'Steaming' });
    if (o.type === 'x-mitre-collection') o.x_mitre_version = '3.5';
    if (o.modified) o.modified = '2031-06-01T00:00:00.000Z';
  }
  const taken = { source_name: 'mitre-attack', external_id: 'T9000' };
  bundle.objects.push({
    ...bundle.objects.find((o) => o.id === redirect),
    ...{ id: 'attack-pattern--00000000-0000-4000-9000-0000000000aa', name: 'Of ATT&CK' },
    external_references: [taken],
  });
  return bundle;
}

/** Accepts proposals of others and publishes them. */
interface Release {
  id: string;
  revision: number;
}

/** Opens a release with these proposals, of which somebody else says the revision. */
async function open(reviewer: Person, workshop: string, proposals: [string, number][]) {
  const path = `/workshops/${workshop}`;
  for (const [id, revision] of proposals) {
    const verdict = { revision, note: '', bump: 'minor' };
    await reviewer.api('POST', `${path}/proposals/${id}/approve`, verdict);
  }
  const made = await reviewer.api<Release>('POST', `${path}/releases`, { name: 'Winter' });
  return `/releases/${made.id}`;
}

async function publish(reviewer: Person, workshop: string, release: string) {
  const path = `/workshops/${workshop}${release}`;
  const { revision } = (await reviewer.api<{ release: Release }>('GET', path)).release;
  await reviewer.api('POST', `${path}/publish`, { revision });
}

test('a new release moves open proposals, and people bring them along', async ({
  browser,
  server,
  root,
}) => {
  test.setTimeout(180_000); // three imports, each looked at in four ways
  const ana = await newPerson(browser, server.url);
  const first = await upload(root.page, 'small.json', await small());
  await expect(first.getByTestId('import-report')).toContainText('Pages show it now');
  const workshop = await workshopOn(root);
  await join(ana, root, workshop, 'Ana');
  const refine = (content: Record<string, object>, object = 'T1002') =>
    propose(ana, workshop.id, 'refinement', object, content, 'It is clearer.');
  const clean = await refine({ contributors: { list: ['Ana, Example CERT'] } });
  const conflict = await refine({ name: { text: 'Spout Turning' } });
  const gone = await refine({ name: { text: 'Dripping' } }, slow);
  const references = [
    { source_name: 'Notes', description: 'Example.', url: 'https://example.com/' },
  ];
  const added = await propose(
    ana,
    workshop.id,
    'technique',
    '',
    {
      name: { text: 'Lid Rattling' },
      tactics: { list: ['pouring', 'boiling'] },
      platforms: { list: ['Kettle'] },
      description: { text: 'Adversaries may rattle a lid.(Citation: Notes)' },
      references: { references },
    },
    'It is new.',
  );
  const page = (person: Person, path: string) => person.page.goto(`/w/${workshop.id}${path}`);
  await page(ana, `/proposals/${conflict}`);
  await expect(ana.page.getByTestId('moved')).toHaveCount(0);

  await test.step('the import marks them, live', async () => {
    await upload(root.page, 'next.json', await next());
    await expect(ana.page.getByTestId('moved')).toContainText('ATT&CK 3.2 changed name');
    await looks(ana.page, 'upgrade-conflict');
  });

  await test.step('the author chooses a side', async () => {
    const take = ana.page.getByRole('button', { name: 'Take over ATT&CK’s changes' });
    await expect(take).toBeDisabled();
    await ana.page.getByLabel('What this proposal says').check();
    await take.click();
    await expect(ana.page.getByTestId('moved')).toHaveCount(0);
    await expect(ana.page.getByRole('combobox', { name: 'Revision' })).toContainText(
      'Took over version',
    );
  });

  await test.step('what was proposed for a revoked object goes on at its replacement', async () => {
    await page(ana, `/proposals/${gone}`);
    await expect(ana.page.getByTestId('moved')).toContainText('was revoked in ATT&CK 3.2');
    await looks(ana.page, 'upgrade-gone');
    await ana.page.getByRole('button', { name: 'Propose it for T1001 Kettle Overfill' }).click();
    await expect(ana.page).toHaveURL(/\/edit$/);
    await expect(ana.page.getByRole('textbox', { name: 'Name' })).toHaveValue('Dripping');
    await expect(ana.page.getByText('Before: Kettle Overfill')).toBeVisible();
    await ana.api('POST', `/workshops/${workshop.id}/proposals/${gone}/withdraw`);
  });

  await test.step('a facilitator takes over in bulk and maps the tactic', async () => {
    await page(root, '/upgrade');
    await expect(root.page.getByRole('heading', { name: 'Merge cleanly' })).toBeVisible();
    await root.page
      .getByRole('button', { name: 'Take over ATT&CK’s changes in 1 proposal' })
      .click();
    await expect(root.page.getByRole('heading', { name: 'Merge cleanly' })).toHaveCount(0);
    const apply = root.page.getByRole('button', { name: 'Apply to all' });
    await expect(apply).toBeDisabled();
    await root.page.getByLabel('What takes the place of pouring').first().click();
    await root.page.getByRole('checkbox', { name: 'Serving' }).first().check();
    await expect(root.page.getByTestId('mapping')).toContainText('Serving, Boiling');
    await looks(root.page, 'upgrade');
    await apply.click();
    await expect(
      root.page.getByText('Every open proposal stands on ATT&CK as it is now'),
    ).toBeVisible();
    for (const id of [clean, conflict, added]) {
      const { proposal } = await root.api<{
        proposal: { revision: number; standing: { state: string } };
      }>('GET', `/workshops/${workshop.id}/proposals/${id}`);
      expect([proposal.revision, proposal.standing.state]).toEqual([2, 'current']);
    }
  });

  const rob = await newPerson(browser, server.url);
  await join(rob, root, workshop, 'Rob', ['reviewer', 'maintainer']);
  const second = await refine({ name: { text: 'Spout Twisting' } });
  const release = await open(rob, workshop.id, [
    ...[clean, conflict, added].map((id) => [id, 2] as [string, number]),
    [second, 1],
  ]);

  await test.step('words give way at a release only with their author', async () => {
    await page(rob, release);
    await rob.page
      .getByTestId('conflict')
      .getByRole('radio', { name: /^What stands there without #\d+$/ })
      .check();
    const yielding = rob.page.getByTestId('yielding');
    await expect(yielding).toContainText('It waits until one of its authors agrees.');
    await expect(yielding.getByRole('button')).toHaveCount(0); // Rob is none
    await page(ana, `/proposals/${second}`);
    await expect(ana.page.getByText(/Your turn · its release keeps another text/)).toBeVisible();
    await ana.page.getByRole('link', { name: 'Winter' }).click();
    await expect(ana.page.getByTestId('yielding')).toBeVisible();
    await looks(ana.page, 'release-yield');
    await ana.page.getByRole('button', { name: 'Agree', exact: true }).click();
    await expect(yielding).toContainText('Ana agreed.');
  });

  await test.step('what is released stays beside the next ATT&CK, and clashes are told', async () => {
    await publish(rob, workshop.id, release);
    const row = await upload(root.page, 'after.json', await afterNext());
    const report = row.getByTestId('import-report');
    await expect(report).toContainText('Both changed the same: 1');
    await expect(report).toContainText('ATT&CK ids that a release here gave away');
    await looks(root.page, 'import-kept');
    await page(root, '/upgrade');
    const kept = root.page.getByTestId('kept');
    await expect(kept.getByRole('listitem').filter({ hasText: 'Spout Turning' })).toContainText(
      'name',
    );
    await expect(kept).toContainText('Kept as added: 1');
    await looks(root.page, 'upgrade-kept');
    await kept.getByRole('link', { name: 'Spout Turning' }).click();
    await expect(root.page.getByRole('heading', { level: 1 })).toContainText('Spout Turning');
    await page(root, '/upgrade');
    const strays = root.page.getByRole('region', { name: 'Techniques in a tactic that is gone' });
    await expect(strays.getByRole('listitem')).toHaveCount(1);
    await expect(strays.getByRole('listitem')).toContainText('Lid Rattling boiling');
    const refine = strays.getByRole('link', { name: 'Refine Lid Rattling' });
    await expect(refine).toHaveAttribute('href', /kind=refinement&object=attack-pattern--/);
    const clash = root.page.getByRole('region', { name: 'ATT&CK ids of ours' });
    await clash.getByRole('link', { name: 'Lid Rattling' }).click();
    await expect(root.page.getByText('A release here gave it the id T9000')).toBeVisible();
    await looks(root.page, 'clash');
    await root.page.goto('/objects/T9000');
    await expect(root.page.getByRole('heading', { level: 1 })).toContainText('Of ATT&CK');
  });
});

test('the report of an import tells findings by severity and stays', async ({ root }) => {
  const id = (n: number) => `tool--00000000-0000-4000-8000-00000000000${n}`;
  const tool = (n: number, more: object) => ({
    ...{ type: 'tool', id: id(n), name: `Tool ${n}`, created: '2020-01-01T00:00:00.000Z' },
    ...{ modified: '2020-01-01T00:00:00.000Z', x_mitre_domains: ['odd-attack'] },
    ...more,
  });
  const bundle = {
    type: 'bundle',
    id: 'bundle--00000000-0000-4000-8000-000000000001',
    objects: [
      tool(1, { created_by_ref: 'identity--00000000-0000-4000-8000-000000000009' }),
      tool(2, { modified: '2019-01-01T00:00:00.000Z' }),
      tool(2, { modified: '2019-01-01T00:00:00.000Z', name: 'Other' }),
      tool(3, { name: '<script>alert(1)</script>' }),
    ],
  };
  const { page } = root;
  await page.goto('/import');
  await page.getByLabel('Strict').check();
  await page.getByLabel('STIX 2.1 bundles').setInputFiles({
    name: 'odd.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(bundle)),
  });
  await expect(page.getByRole('alert')).toContainText('strict', { timeout: 30_000 });
  await expect(page.getByTestId('import-report')).toContainText('none of them loaded');
  const row = await upload(page, 'odd.json', bundle);
  const report = row.getByTestId('import-report');
  await expect(report.getByRole('region', { name: 'Severe' })).toContainText(
    'Two contents for one version',
  );
  await expect(report.getByRole('region', { name: 'Notices' })).toContainText(
    'References to what is not in the file',
  );
  await looks(page, 'import');
  await page.getByRole('link', { name: 'odd-attack' }).click();
  await expect(page.getByRole('heading', { name: 'What was found in an import' })).toBeVisible();
  await looks(page, 'import-report');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download as JSON' }).click();
  const file = JSON.parse(await readFile((await (await download).path())!, 'utf8')) as {
    findings: object[];
  };
  expect(file.findings.length).toBe(4);
  await page.getByRole('link', { name: 'Tool 2' }).first().click();
  await expect(page.getByRole('heading', { name: 'Tool 2' })).toBeVisible();
});
