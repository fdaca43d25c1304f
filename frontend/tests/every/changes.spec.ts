import type { Page } from '@playwright/test';
import { looks } from '../looks';
import { join, makeWorkshop, newPerson, signIn, type Person, type Workshop } from '../people';
import { expect, test as base } from '../server';

/** One workshop for all: a sign-in link works once. */
const test = base.extend<{ ana: Person }, { root: Person; workshop: Workshop; rob: Person }>({
  root: [
    async ({ browser, server }, use) => {
      const root = await newPerson(browser, server.url);
      await signIn(root, server.links[0] ?? '');
      await use(root);
      await root.page.context().close();
    },
    { scope: 'worker' },
  ],
  workshop: [
    async ({ root }, use) => {
      await use(await makeWorkshop(root, 'Every kind'));
    },
    { scope: 'worker' },
  ],
  rob: [
    async ({ browser, server, root, workshop }, use) => {
      const rob = await newPerson(browser, server.url);
      await join(rob, root, workshop, 'Rob', ['reviewer', 'maintainer']);
      await use(rob);
      await rob.page.context().close();
    },
    { scope: 'worker' },
  ],
  ana: async ({ browser, server, root, workshop }, use) => {
    const ana = await newPerson(browser, server.url);
    await join(ana, root, workshop, 'Ana');
    await use(ana);
    await ana.page.context().close();
  },
});

const field = (page: Page, name: string) => page.locator(`[data-field="${name}"]`);
const heading = (page: Page) => page.getByRole('heading', { level: 1 });

/** Opens the form of a kind from the table of all that can be proposed. */
async function begin(page: Page, workshop: Workshop, cell: string) {
  await page.goto(`/w/${workshop.id}/propose`);
  await page.getByRole('link', { name: cell, exact: true }).click();
}

async function pick(page: Page, name: string, words: string, option: RegExp) {
  await field(page, name).getByRole('combobox').first().fill(words);
  await page.getByRole('option', { name: option }).first().click();
}

async function cited(page: Page, text: string) {
  await page.getByRole('textbox', { name: 'Description', exact: true }).fill(text);
  await page.getByRole('button', { name: 'Add a reference', exact: true }).click();
  await page.getByLabel('Name to cite it by').last().fill('Tea Report');
  await page.getByLabel('Address').last().fill('https://example.org/tea');
}

const saved = (page: Page) =>
  expect(page.getByRole('status').filter({ hasText: /^\s*Saved\s*$/ })).toBeVisible();

/** Submits, and gives the id and the number of the proposal. */
async function submit(page: Page): Promise<{ id: string; number: string }> {
  await saved(page);
  await page.getByRole('button', { name: 'Submit for review' }).click();
  await expect(page).toHaveURL(/\/proposals\/[^/]+$/);
  const number = (await page.locator('header .mono').first().textContent()) ?? '';
  return { id: page.url().split('/').pop() ?? '', number: number.slice(1) };
}

async function approve(rob: Person, workshop: Workshop, id: string) {
  const verdict = { revision: 1, note: '', bump: 'minor' };
  await rob.api('POST', `/workshops/${workshop.id}/proposals/${id}/approve`, verdict);
}

test('a campaign, an analytic under a strategy that is proposed, and what is to live no more', async ({
  ana: { page },
  rob,
  workshop,
}) => {
  test.setTimeout(180_000); // five forms, each looked at in four ways
  const accepted: string[] = [];

  await test.step('a campaign has days, and a source for each', async () => {
    await begin(page, workshop, 'Campaigns: New');
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Operation Teapot');
    await field(page, 'aliases').getByRole('textbox').fill('Kettle Run');
    await field(page, 'aliases').getByRole('button', { name: /^Add/ }).click();
    await cited(page, 'Operation Teapot was a campaign against kettles.(Citation: Tea Report)');
    await field(page, 'first_seen').locator('input').fill('2025-05-01');
    await field(page, 'last_seen').locator('input').fill('2025-03-01');
    await page
      .getByRole('textbox', { name: 'Source of first seen' })
      .fill('(Citation: Tea Report)');
    await page.getByRole('textbox', { name: 'Source of last seen' }).fill('(Citation: Tea Report)');
    await expect(field(page, 'last_seen')).toContainText('is before 2025-05-01');
    await looks(page, 'campaign');
    await field(page, 'last_seen').locator('input').fill('2025-06-01');
    accepted.push((await submit(page)).id);
    await expect(heading(page)).toHaveText('Operation Teapot');
  });

  let analytic = { id: '', number: '' };
  await test.step('an analytic has rows', async () => {
    await begin(page, workshop, 'Analytics: New');
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Kettle Analytic');
    await page.getByRole('checkbox', { name: 'Linux' }).check();
    await page
      .getByRole('textbox', { name: 'Description', exact: true })
      .fill('Kettles that whistle.');
    await page.getByRole('button', { name: 'Add a row to Log sources' }).click();
    await pick(page, 'log_sources', 'Process Creation', /Process Creation/);
    await page.getByRole('textbox', { name: 'Log 1', exact: true }).fill('auditd:SYSCALL');
    await expect(field(page, 'log_sources')).toContainText('a row has no channel or event');
    await page.getByRole('textbox', { name: 'Channel or event 1' }).fill('execve');
    await expect(field(page, 'log_sources')).not.toContainText('a row has no');
    await looks(page, 'analytic');
    await saved(page);
    await page.reload();
    await expect(field(page, 'log_sources')).toContainText('DC0032 Process Creation');
    analytic = await submit(page);
    await expect(page.getByText('Process Creation · auditd:SYSCALL · execve')).toBeVisible();
  });

  await test.step('a strategy names it before it exists, and waits for it', async () => {
    await begin(page, workshop, 'Detection strategies: New');
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Detection of Kettles');
    await pick(page, 'analytics', 'Kettle', /Kettle Analytic/);
    await expect(field(page, 'analytics')).toContainText('is itself proposed');
    await looks(page, 'strategy');
    const { id } = await submit(page);
    const refused = await rob.request.post(
      `${rob.url}/api/workshops/${workshop.id}/proposals/${id}/approve`,
      {
        data: { revision: 1, note: '' },
        headers: { Origin: rob.url, 'Idempotency-Key': `early-${id}` },
      },
    );
    expect(refused.status()).toBe(409);
    expect(await refused.text()).toContain(`It builds on #${analytic.number}`);
    accepted.push(analytic.id, id);
  });

  await test.step('a relationship offers what ATT&CK has between two objects', async () => {
    await begin(page, workshop, 'Relationships: New');
    await pick(page, 'source', 'M1017', /User Training/);
    await pick(page, 'target', 'T1055', /T1055 Process Injection/);
    await field(page, 'relation').locator('select').selectOption('mitigates');
    await expect(field(page, 'target')).not.toContainText('ATT&CK already says');
    await looks(page, 'relationship');
    accepted.push((await submit(page)).id);
    await expect(heading(page)).toHaveText('User Training mitigates Process Injection');
  });

  await test.step('a group is revoked from its page, and another takes its place', async () => {
    await page.goto(`/objects/G0029?w=${workshop.id}`);
    await page.getByText('More', { exact: true }).click();
    await looks(page, 'more');
    await page.getByRole('link', { name: /^Revoke a group/ }).click();
    await pick(page, 'replacement', 'G0016', /APT29/);
    await page.getByRole('checkbox', { name: 'Yes' }).check();
    await looks(page, 'revoke');
    accepted.push((await submit(page)).id);
  });

  await test.step('all of it is released', async () => {
    for (const id of accepted) await approve(rob, workshop, id);
    const path = `/workshops/${workshop.id}/releases`;
    const made = await rob.api<{ id: string; revision: number }>('POST', path, { name: 'Kinds' });
    await rob.api('POST', `${path}/${made.id}/publish`, { revision: made.revision });
    await page.goto(`/objects/G0029?w=${workshop.id}`);
    await expect(page.getByRole('link', { name: 'G0016 APT29' }).first()).toBeVisible();
    await expect(page.getByText('G0029 was revoked.')).toBeVisible();
    await page.goto(`/objects/AN9000?w=${workshop.id}`);
    await expect(heading(page)).toHaveText('Kettle Analytic');
    await expect(page.getByText('Detection of Kettles').first()).toBeVisible();
  });
});

/** Opens a form from the "More" menu of an object's page. */
async function more(page: Page, workshop: Workshop, object: string, form: string) {
  await page.goto(`/objects/${object}?w=${workshop.id}`);
  await page.getByText('More', { exact: true }).click();
  await page.getByRole('link', { name: new RegExp(`^${form}`) }).click();
}

const parts = (page: Page) => page.getByRole('region', { name: /^What (would change|it does)/ });

test('techniques change their place, their name and their tactics', async ({
  ana: { page },
  rob,
  workshop,
}) => {
  test.setTimeout(180_000);
  const accepted: string[] = [];

  await test.step('a technique becomes a sub-technique, and the form shows what that means', async () => {
    await more(page, workshop, 'T1197', 'Turn into a sub-technique');
    await expect(page.getByText('New parent is missing').first()).toBeHidden();
    await pick(page, 'parent', 'T1105', /T1105 Ingress Tool Transfer/);
    await expect(field(page, 'tactics')).toContainText('does not have the tactic');
    await field(page, 'tactics')
      .getByRole('button', { name: 'Take those of the parent' })
      .first()
      .click();
    await expect(field(page, 'tactics')).not.toContainText('does not have the tactic');
    await expect(parts(page)).toContainText('its id leads to');
    await looks(page, 'to-sub-technique');
    const { id } = await submit(page);
    await expect(heading(page)).toHaveText(
      'BITS Jobs becomes a sub-technique of Ingress Tool Transfer',
    );
    await expect(parts(page)).toContainText('T1197 BITS Jobs');
    await looks(page, 'several-proposal');
    accepted.push(id);
  });

  await test.step('a revision of it has another text, and is what is reviewed', async () => {
    const id = accepted[0] ?? '';
    const path = `/workshops/${workshop.id}/proposals/${id}`;
    await rob.api('POST', `${path}/request-changes`, { revision: 1, note: 'Say what it is.' });
    await page.goto(`/w/${workshop.id}/proposals/${id}/edit`);
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Transfer Jobs');
    await saved(page);
    await page.getByRole('button', { name: 'Submit revision 2' }).click();
    await expect(page).toHaveURL(/\/proposals\/[^/]+$/);
    await expect(parts(page)).toContainText('Transfer Jobs');
    await rob.api('POST', `${path}/approve`, { revision: 2, note: '' });
  });

  await test.step('a sub-technique moves, and one becomes a technique', async () => {
    await more(page, workshop, 'T1574.014', 'Move to another parent');
    await pick(page, 'parent', 'T1546', /T1546 Event Triggered Execution/);
    accepted.push((await submit(page)).id);
    await more(page, workshop, 'T1542.004', 'Turn into a technique');
    await expect(parts(page)).toContainText('2 changes');
    accepted.push((await submit(page)).id);
    await expect(heading(page)).toHaveText('ROMMONkit becomes a technique');
  });

  await test.step('a technique moves to other columns, with what is below it', async () => {
    await more(page, workshop, 'T1053', 'Move to other tactics');
    await field(page, 'tactics').getByRole('checkbox', { name: 'Impact' }).check();
    await field(page, 'with_subtechniques').getByRole('checkbox').check();
    await expect(parts(page)).toContainText('T1053.005 Scheduled Task');
    await looks(page, 'move-tactics');
    accepted.push((await submit(page)).id);
  });

  await test.step('a group gets another name, and links with it', async () => {
    await more(page, workshop, 'G0018', 'Rename a group');
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Kettle@338');
    await field(page, 'keep_name').getByRole('checkbox').check();
    await field(page, 'links').getByRole('checkbox').check();
    await expect(parts(page)).toContainText('G0018');
    await looks(page, 'rename');
    accepted.push((await submit(page)).id);
    await expect(heading(page)).toHaveText('admin@338 becomes Kettle@338');
  });

  await test.step('two techniques become one, and its text says so', async () => {
    await more(page, workshop, 'T1091', 'Merge into another technique');
    await pick(page, 'replacement', 'T1092', /T1092/);
    await expect(field(page, 'description')).toContainText('stays as it is');
    accepted.push((await submit(page)).id);
  });

  await test.step('all of it is released, and old ids lead to the new ones', async () => {
    for (const id of accepted.slice(1)) await approve(rob, workshop, id);
    const path = `/workshops/${workshop.id}/releases`;
    const made = await rob.api<{ id: string; revision: number }>('POST', path, { name: 'Places' });
    await rob.page.goto(`/w/${workshop.id}/releases/${made.id}`);
    await expect(rob.page.getByText('T1105.001').first()).toBeAttached();
    await looks(rob.page, 'several-release');
    await rob.api('POST', `${path}/${made.id}/publish`, { revision: made.revision });
    for (const [old, next] of [
      ['T1197', 'T1105.001 Transfer Jobs'],
      ['T1574.014', 'T1546.0'],
      ['T1542.004', 'T900'],
      ['T1091', 'T1092'],
    ] as const) {
      await page.goto(`/objects/${old}?w=${workshop.id}`);
      await expect(page.getByText(`${old} was revoked.`)).toBeVisible();
      await expect(page.getByRole('link', { name: next }).first()).toBeVisible();
    }
    await page.goto(`/objects/T1105.001?w=${workshop.id}`);
    await expect(heading(page)).toHaveText('Transfer Jobs');
    await expect(page.getByRole('heading', { name: /^Procedure examples/ }).first()).toBeVisible();
  });
});

test('many techniques change at once, and words in many texts', async ({
  ana: { page },
  rob,
  workshop,
}) => {
  test.setTimeout(180_000);
  const matrix = page.getByRole('group', { name: 'Matrix' });
  const cell = (id: string) => matrix.locator('.cell', { hasText: id }).first();
  const bar = page.getByRole('region', { name: 'Selection' });
  let bulk = '';

  await test.step('techniques are selected by click, range and key, and the link keeps them', async () => {
    await page.goto(`/w/${workshop.id}/matrix?q=discovery`);
    await page.getByRole('button', { name: 'Select', exact: true }).click();
    await cell('T1087').click();
    await expect(bar).toContainText('1 selected');
    await cell('T1010').click({ modifiers: ['Shift'] });
    await expect(bar).toContainText('2 selected');
    await cell('T1217').locator('a').focus();
    await page.keyboard.press('x');
    await expect(bar).toContainText('3 selected');
    await page.keyboard.press('x');
    await expect(bar).toContainText('2 selected');
    await page.reload();
    await expect(bar).toContainText('2 selected');
    await looks(page, 'select');
    await bar.getByRole('button', { name: 'All that is shown' }).click();
    await expect(bar).not.toContainText(' 2 selected');
  });

  await test.step('a change of them shows each, and one is left as it is', async () => {
    await bar.getByRole('link', { name: 'Change them' }).click();
    await expect(page).toHaveURL(/\/edit$/);
    await field(page, 'add_platforms').getByRole('checkbox', { name: 'ESXi' }).check();
    const first = parts(page).getByRole('listitem').first();
    await expect(first).toContainText('platforms');
    await first.locator('summary').click();
    await expect(first).toContainText('ESXi');
    await looks(page, 'bulk-change');
    await first.getByRole('button', { name: /as it is$/ }).click();
    await saved(page);
    bulk = (await submit(page)).id;
    await expect(heading(page)).toHaveText(/^ESXi added to \d+ objects$/);
    await looks(page, 'bulk-proposal');
  });

  await test.step('it is revised as asked, and reviewed', async () => {
    const path = `/workshops/${workshop.id}/proposals/${bulk}`;
    await rob.api('POST', `${path}/request-changes`, { revision: 1, note: 'One is enough.' });
    await page.goto(`/w/${workshop.id}/proposals/${bulk}/edit`);
    await field(page, 'objects').getByRole('button', { name: 'Take all out' }).click();
    await pick(page, 'objects', 'T1010', /T1010/);
    await pick(page, 'objects', 'T1217', /T1217/);
    await expect(parts(page)).toContainText('T1217');
    await saved(page);
    await page.getByRole('button', { name: 'Submit revision 2' }).click();
    await expect(heading(page)).toHaveText('ESXi added to 2 objects');
    await rob.api('POST', `${path}/approve`, { revision: 2, note: '' });
  });

  await test.step('words are replaced in texts, each shown first', async () => {
    await page.goto(`/w/${workshop.id}/propose?kind=search-and-replace&objects=T1010,T1217,T1083`);
    await page.getByRole('textbox', { name: 'Look for' }).fill('adversaries');
    await page.getByRole('textbox', { name: 'Write instead' }).fill('attackers');
    await expect(parts(page)).toContainText('3 changes');
    await parts(page).getByRole('listitem').first().locator('summary').click();
    await expect(parts(page).locator('ins').first()).toHaveText(/attackers/i);
    await field(page, 'with_examples').getByRole('checkbox').check();
    const example = parts(page).getByRole('listitem').filter({ hasText: 'uses' }).first();
    await expect(example).toBeVisible();
    const all = Number((await parts(page).getByRole('status').innerText()).split(' ')[0]);
    await expect(example.locator('ins').first()).toHaveText(/attackers/i);
    await example.getByRole('button', { name: /as it is$/ }).click();
    await expect(parts(page)).toContainText(`${all - 1} change`);
    await expect(field(page, 'left_out')).toContainText(' uses ');
    await looks(page, 'replace');
    const { id } = await submit(page);
    await expect(heading(page)).toHaveText(
      `“adversaries” becomes “attackers” in ${all - 1} objects`,
    );
    await approve(rob, workshop, id);
  });

  await test.step('both are released together', async () => {
    const path = `/workshops/${workshop.id}/releases`;
    const made = await rob.api<{ id: string; revision: number }>('POST', path, { name: 'Many' });
    await rob.api('POST', `${path}/${made.id}/publish`, { revision: made.revision });
    await page.goto(`/objects/T1010?w=${workshop.id}`);
    await expect(page.getByText('ESXi').first()).toBeVisible();
    await expect(page.getByText(/attackers may/i).first()).toBeVisible();
  });
});

test('a technique is split, and its examples go where they belong', async ({
  ana: { page },
  rob,
  workshop,
}) => {
  test.setTimeout(180_000);
  let id = '';
  const piece = async (at: number, name: string, text: string) => {
    await field(page, 'pieces')
      .getByRole('textbox', { name: `Name ${at}`, exact: true })
      .fill(name);
    await field(page, 'pieces')
      .getByRole('textbox', { name: `Description ${at}` })
      .fill(text);
  };

  await test.step('each new one has a name and a text', async () => {
    await more(page, workshop, 'T1083', 'Split into several');
    await page.getByRole('button', { name: 'Add a row to The new ones' }).click();
    await piece(1, 'Local File Discovery', 'Adversaries may list files of the machine.');
    await page.getByRole('button', { name: 'Add a row to The new ones' }).click();
    await piece(2, 'Share File Discovery', 'Adversaries may list files of shares.');
    await expect(parts(page)).toContainText('2 changes');
  });

  await test.step('hundreds of examples are found by words and by who, and placed', async () => {
    const examples = field(page, 'examples');
    await expect(examples.getByRole('status')).toHaveText(/^\s*\d{3} examples, \d{3} stay/);
    await examples.getByRole('searchbox').fill('APT28');
    await examples
      .getByRole('combobox', { name: /^Where G0007/ })
      .selectOption('Share File Discovery');
    await expect(examples.getByRole('combobox', { name: /^Where G0007/ })).toHaveValue(/./);
    await examples.getByRole('searchbox').fill('');
    await examples.getByRole('combobox', { name: 'Of', exact: true }).selectOption('campaign');
    await examples
      .getByRole('combobox', { name: /^Where all/ })
      .selectOption('Local File Discovery');
    await expect(parts(page)).toContainText('APT28 uses File and Directory Discovery');
    await looks(page, 'split');
    id = (await submit(page)).id;
    await expect(heading(page)).toHaveText(
      'File and Directory Discovery is split into Local File Discovery, Share File Discovery',
    );
    await looks(page, 'split-proposal');
  });

  await test.step('it is revised as asked: below, and reviewed', async () => {
    const path = `/workshops/${workshop.id}/proposals/${id}`;
    await rob.api('POST', `${path}/request-changes`, { revision: 1, note: 'Put them below.' });
    await page.goto(`/w/${workshop.id}/proposals/${id}/edit`);
    await field(page, 'below').getByRole('checkbox').check();
    await expect(parts(page)).toContainText('under T1083');
    await saved(page);
    await page.getByRole('button', { name: 'Submit revision 2' }).click();
    await expect(page).toHaveURL(/\/proposals\/[^/]+$/);
    await rob.api('POST', `${path}/approve`, { revision: 2, note: '' });
  });

  await test.step('it is released, with the examples where they belong', async () => {
    const path = `/workshops/${workshop.id}/releases`;
    const made = await rob.api<{ id: string; revision: number }>('POST', path, { name: 'Split' });
    await rob.api('POST', `${path}/${made.id}/publish`, { revision: made.revision });
    await page.goto(`/objects/T1083.002?w=${workshop.id}`);
    await expect(heading(page)).toHaveText('Share File Discovery');
    await expect(page.getByRole('link', { name: /APT28/ }).first()).toBeVisible();
  });
});
