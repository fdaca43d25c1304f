import type { Page } from '@playwright/test';
import { looks } from './looks';
import { join, makeWorkshop, newPerson, signIn, type Person, type Workshop } from './people';
import { expect, test as base } from './server';

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
