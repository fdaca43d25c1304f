import type { APIRequestContext, APIResponse, Page } from '@playwright/test';
import { looks } from './looks';
import { expect, test as base } from './server';

const heading = (page: Page) => page.getByRole('heading', { level: 1 });
const field = (page: Page, name: string) => page.locator(`[data-field="${name}"]`);
const saved = (page: Page) =>
  expect(page.getByRole('status').filter({ hasText: /^\s*Saved\s*$/ })).toBeVisible();

interface Workshop {
  id: string;
  code: string;
  /** Who made it, and may do everything in it. */
  host: APIRequestContext;
}

/** One workshop for all: a sign-in link works once. */
const test = base.extend<{ page: Page; room: string }, { workshop: Workshop }>({
  workshop: [
    async ({ browser, server }, use) => {
      const host = await browser.newContext({ baseURL: server.url });
      const token = new URL(server.links[0] ?? '').searchParams.get('token');
      await ok(host.request.post('/api/sign-in', { data: { token } }));
      const made = await ok(
        host.request.post('/api/workshops', {
          data: {
            name: 'Writing workshop',
            domain: 'enterprise-attack',
            starts_on: '2026-11-18',
            ends_on: '2026-11-20',
            tlp: 'green',
          },
        }),
      );
      const { id, created_by } = (await made.json()) as Workshop & { created_by: string };
      const roles = ['facilitator', 'reviewer', 'maintainer'];
      await ok(
        host.request.patch(`/api/workshops/${id}/members/${created_by}`, { data: { roles } }),
      );
      const invitation = await ok(host.request.get(`/api/workshops/${id}/invitation`));
      const { code } = (await invitation.json()) as Workshop;
      await use({ id, code, host: host.request });
      await host.close();
    },
    { scope: 'worker' },
  ],
  room: ({ workshop }, use) => use(`/w/${workshop.id}`),
  // Somebody who has just joined.
  page: async ({ browser, server, workshop }, use) => {
    const context = await browser.newContext({ baseURL: server.url });
    const me = { code: workshop.code, name: 'Ana', organisation: 'Example CERT' };
    await ok(context.request.post('/api/join', { data: me }));
    const page = await context.newPage();
    const refused: string[] = [];
    page.on('console', (said) => {
      if (said.text().includes('Content Security Policy')) refused.push(said.text());
    });
    await use(page);
    expect(refused, 'what the Content-Security-Policy refused').toEqual([]);
    await context.close();
  },
});

async function ok(answer: Promise<APIResponse>): Promise<APIResponse> {
  const given = await answer;
  expect(given.ok(), await given.text()).toBe(true);
  return given;
}

// Each goes through whole pages and takes pictures of them.
test.describe.configure({ timeout: 120_000 });

test('a new technique: errors, similar names, citations, preview, offline, submit once', async ({
  page,
  room,
}) => {
  await page.goto(room);
  const start = page.getByRole('navigation', { name: 'Propose' });
  await start.getByRole('link', { name: 'New technique' }).dblclick();
  await expect(page).toHaveURL(/\/proposals\/[^/]+\/edit$/);
  const drafts = await ok(page.request.get(`/api${room.replace('/w/', '/workshops/')}/drafts`));
  expect(((await drafts.json()) as unknown[]).length).toBe(1);

  await expect(heading(page)).toHaveText('New technique');
  await page.getByRole('button', { name: 'Submit for review' }).click();
  await expect(page.getByRole('textbox', { name: 'Name' })).toBeFocused();
  await expect(field(page, 'name')).toContainText('Name is missing.');
  await looks(page, 'empty');

  await page.getByRole('textbox', { name: 'Name' }).fill('Process Injektion');
  await expect(page.getByRole('region', { name: 'Similar objects' })).toContainText('T1055');
  await expect(field(page, 'name')).not.toContainText('Name is missing.');
  await page
    .getByRole('checkbox', { name: 'Stealth' })
    .or(page.getByRole('checkbox', { name: 'Defense Evasion' }))
    .check();
  await page.getByRole('checkbox', { name: 'Windows' }).check();

  const text = page.getByRole('textbox', { name: 'Description' });
  await text.fill('Attackers write **code** into others’ memory. (Citation: Nobody)');
  await expect(field(page, 'description')).toContainText('cites "Nobody"');
  await text.fill('Attackers write **code** into others’ memory.');
  await page.getByRole('button', { name: 'Add a reference', exact: true }).click();
  await expect(page.getByLabel('Name to cite it by')).toBeFocused();
  await page.getByLabel('Name to cite it by').fill('Example Report 2026');
  await page.getByLabel('Address').fill('ftp://example.org');
  await expect(field(page, 'references')).toContainText('must begin with https://');
  await page.getByLabel('Address').fill('https://example.org/report');
  await page.getByLabel('Source in full').fill('Example. (2026). Report. Retrieved today.');
  await page.getByText('Cite', { exact: true }).click();
  await page.getByRole('button', { name: 'Example Report 2026', exact: true }).click();
  await expect(text).toHaveText(/memory\.\(Citation: Example Report 2026\)$/);
  await page.getByRole('button', { name: 'Preview' }).click();
  const preview = page.getByRole('region', { name: 'Preview of Description' });
  await expect(preview.locator('strong')).toHaveText('code');
  await expect(preview.locator('sup')).toHaveText('[1]');
  await expect(preview).toContainText('Retrieved today');
  await looks(page, 'technique-preview');
  await page.getByRole('button', { name: 'Write' }).click();
  await saved(page);
  const begins = field(page, 'description')
    .getByRole('listitem')
    .filter({ hasText: 'begin with what adversaries do' });
  await begins.getByText('Why?').click();
  await expect(begins.getByRole('link', { name: 'Read more' })).toBeVisible();
  await looks(page, 'findings');
  await begins.getByRole('button', { name: /^Begin with/ }).click();
  await expect(text).toHaveText(/^Adversaries write/);
  await expect(begins).toHaveCount(0);
  await saved(page);

  await page.context().setOffline(true);
  await page.getByRole('textbox', { name: 'Why' }).fill('Seen twice this year.');
  await expect(page.getByText('Not saved:')).toBeVisible();
  await expect(page.getByText('kept on this device')).toBeVisible();
  await page.context().setOffline(false);
  await saved(page);
  await page.reload();
  await expect(page.getByRole('textbox', { name: 'Why' })).toHaveValue('Seen twice this year.');
  await expect(text).toHaveText(/Example Report 2026/);
  await looks(page, 'technique');

  await page.getByRole('button', { name: 'Submit for review' }).dblclick();
  await expect(page).toHaveURL(/\/proposals\/[^/]+$/);
  await expect(heading(page)).toHaveText('Process Injektion');
  const made = await ok(page.request.get(page.url().replace('/w/', '/api/workshops/')));
  expect(((await made.json()) as { revisions: unknown[] }).revisions.length).toBe(1);
});

test('a new sub-technique under a technique that is searched for', async ({ page, room }) => {
  await page.goto(`${room}/propose`);
  await looks(page, 'kinds');
  await page.getByRole('link', { name: 'New sub-technique' }).click();
  const search = page.getByRole('combobox');
  await search.fill('T1059');
  await expect(page.getByRole('option').first()).toContainText('T1059');
  await looks(page, 'parent');
  await search.press('Enter');
  await expect(page).toHaveURL(/\/edit$/);
  await expect(field(page, 'parent')).toContainText('Command and Scripting Interpreter');
  await expect(page.getByRole('checkbox', { name: 'Execution' })).toBeChecked();
  await page.getByRole('textbox', { name: 'Name' }).fill('Example Shell');
  await page.getByRole('checkbox', { name: 'Impact', exact: true }).check();
  await expect(field(page, 'tactics')).toContainText('does not have the tactic');
  await page.getByRole('checkbox', { name: 'Impact', exact: true }).uncheck();
  await page.getByRole('checkbox', { name: 'Linux' }).check();
  await page
    .getByRole('textbox', { name: 'Description' })
    .fill('Attackers use it. See (LinkById: T1059).');
  await page.getByRole('button', { name: 'Preview' }).click();
  await expect(
    page.getByRole('link', { name: 'Command and Scripting Interpreter' }).last(),
  ).toHaveAttribute('target', '_blank');
  await saved(page);
  await looks(page, 'sub-technique');

  await page.getByRole('button', { name: 'Change Parent technique' }).click();
  await field(page, 'parent').getByRole('combobox').fill('Process Inj');
  await page.getByRole('option', { name: /T1055/ }).first().click();
  await expect(field(page, 'parent')).toContainText('Process Injection');
  await saved(page);

  await page.getByRole('button', { name: 'Discard' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
  await expect(page.getByText('You took back “Example Shell”')).toBeVisible();
  await expect(page.getByText('Nothing to finish')).toBeVisible();
  await looks(page, 'drafts-empty');
  await page.getByRole('button', { name: 'Bring it back' }).click();
  await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('Example Shell');
  await page.getByRole('link', { name: 'My drafts' }).click();
  await expect(page.getByRole('link', { name: 'Example Shell' })).toBeVisible();
});

test('a refinement, in two tabs and with a text that is only on the device', async ({
  page,
  room,
}) => {
  await page.goto(`/objects/T1059?w=${room.slice(3)}`);
  await page.getByRole('link', { name: 'Refine this' }).click();
  await expect(page).toHaveURL(/\/edit$/);
  const text = page.getByRole('textbox', { name: 'Description' });
  await expect(text).toHaveText(/\(Citation: /);
  await page.getByRole('button', { name: 'Submit for review' }).click();
  await expect(page.getByRole('region', { name: 'Before you submit' })).toContainText(
    'Nothing is changed yet.',
  );
  await text.press('Control+End');
  await text.pressSequentially(' Also in containers.');
  await page.getByRole('checkbox', { name: 'Containers' }).check();
  await saved(page);
  await page.getByRole('button', { name: 'Changes' }).click();
  await expect(field(page, 'description').locator('ins')).toContainText('containers');
  await page.getByRole('radio', { name: 'Patch' }).check();
  await expect(field(page, 'bump')).toContainText(/The version stays \d+\.\d+, though .*Platforms/);
  await looks(page, 'refinement');
  await field(page, 'bump').getByRole('button', { name: 'Count it up' }).click();
  await expect(page.getByRole('radio', { name: 'Minor' })).toBeChecked();
  await expect(field(page, 'bump')).not.toContainText('The version stays');
  await page.getByRole('radio', { name: 'Major' }).check();
  await saved(page);

  const second = await page.context().newPage();
  await second.goto(page.url());
  await expect(second.getByRole('radio', { name: 'Major' })).toBeChecked();
  await second.getByRole('textbox', { name: 'Why' }).fill('From the second tab.');
  await saved(second);
  await page.getByRole('textbox', { name: 'Why' }).fill('From the first tab.');
  await expect(page.getByRole('heading', { name: 'changed elsewhere' })).toBeVisible();
  await expect(page.getByRole('alert').locator('del')).toContainText('second');
  await looks(page, 'conflict');
  await page.getByRole('button', { name: 'Compare' }).click();
  await expect(page.getByRole('heading', { name: 'changed elsewhere' })).toBeFocused();
  await page.getByRole('button', { name: 'Keep my text' }).click();
  await saved(page);
  await page.getByRole('button', { name: 'Swap them' }).click();
  await expect(page.getByRole('textbox', { name: 'Why' })).toHaveValue('From the second tab.');
  await saved(page);
  await second.close();

  await page.route('**/draft', (route) => route.abort());
  await page.getByRole('textbox', { name: 'Why' }).fill('Typed before the page was closed.');
  await expect(page.getByText('Not saved:')).toBeVisible();
  await page.unroute('**/draft');
  await page.reload();
  await expect(page.getByText('what you typed on this device')).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Why' })).toHaveValue(
    'Typed before the page was closed.',
  );
  await saved(page);
  await page.getByRole('button', { name: 'Submit for review' }).click();
  await expect(page).toHaveURL(/\/proposals\/[^/]+$/);
});

test('a procedure example of a group that is in the data', async ({ page, room }) => {
  await page.goto(`/objects/T1566?w=${room.slice(3)}`);
  await page.getByRole('link', { name: 'Add a procedure example' }).click();
  await expect(page).toHaveURL(/\/edit$/);
  await expect(field(page, 'target')).toContainText('Phishing');
  const who = page.getByRole('combobox', { name: 'Who' });
  await who.fill('APT29');
  const option = page.getByRole('option', { name: /APT29/ }).first();
  await expect(option).toContainText('group');
  await who.press('ArrowDown');
  await who.press('ArrowUp');
  await who.press('Enter');
  await expect(field(page, 'source')).toContainText('APT29');
  const text = page.getByRole('textbox', { name: 'Description' });
  await text.fill('APT29 sent mail.');
  await page.getByText('Cite', { exact: true }).click();
  await page.getByRole('button', { name: 'Add a reference…' }).click();
  await expect(page.getByLabel('Name to cite it by')).toBeFocused();
  await page.getByLabel('Name to cite it by').fill('Example Mail Report');
  await page.getByLabel('Address').fill('https://example.org/mail');
  await expect(field(page, 'references')).toContainText('does not cite');
  await page.getByText('Cite', { exact: true }).click();
  await page.getByRole('button', { name: 'Example Mail Report', exact: true }).click();
  await expect(field(page, 'references')).not.toContainText('does not cite');
  await saved(page);
  await looks(page, 'procedure');
  await page.getByRole('button', { name: 'Submit for review' }).click();
  await expect(page).toHaveURL(/\/proposals\/[^/]+$/);
  await expect(heading(page)).toContainText('APT29');
});

test('a proposal to which changes were requested, and one that was submitted in another tab', async ({
  page,
  room,
  workshop,
}) => {
  await page.goto(`/objects/T1203?w=${workshop.id}`);
  await page.getByRole('link', { name: 'Refine this' }).click();
  await expect(page).toHaveURL(/\/edit$/);
  const edit = page.url();
  await page.getByRole('checkbox', { name: 'Containers' }).check();
  await saved(page);
  const other = await page.context().newPage();
  await other.goto(edit);
  await other.getByRole('button', { name: 'Submit for review' }).click();
  await expect(other).toHaveURL(/\/proposals\/[^/]+$/);
  await page.getByRole('textbox', { name: 'Why' }).fill('Too late.');
  await expect(page.getByText('Not saved: This proposal is submitted now')).toBeVisible();
  await other.goto(edit);
  await expect(other.getByText('can not be edited now: it is submitted')).toBeVisible();
  await other.close();

  const id = edit.split('/').at(-2);
  const note = 'Name a **source**, please.';
  await ok(
    workshop.host.post(`/api/workshops/${workshop.id}/proposals/${id}/request-changes`, {
      data: { revision: 1, note },
    }),
  );
  await page.getByRole('button', { name: 'Try again' }).click();
  await saved(page);
  await page.goto(room);
  const drafts = page.getByRole('region', { name: 'My drafts' });
  await expect(drafts).toContainText('Changes requested');
  await drafts.getByRole('link', { name: 'Exploitation for Client Execution' }).click();
  const asked = page.getByRole('region', { name: 'Requested changes' });
  await expect(asked.locator('strong').last()).toHaveText('source');
  await expect(page.getByRole('textbox', { name: 'Why' })).toHaveValue('Too late.');
  await looks(page, 'requested');

  // Words that the others see are discussed from here; those that they do not see are not.
  const discuss = field(page, 'description').getByRole('button', { name: 'Discuss words' });
  const dialog = page.getByRole('dialog', { name: 'Discuss these words' });
  await expect(discuss).toBeDisabled();
  await page.getByRole('textbox', { name: 'Description' }).press('Control+Home');
  await page.keyboard.insertText('Kettles ');
  await page.keyboard.press('Control+Shift+ArrowLeft');
  await discuss.click();
  await expect(dialog.getByRole('status')).toContainText('not in revision 1');
  await page.keyboard.press('Escape');
  await page.getByRole('textbox', { name: 'Description' }).press('ArrowRight');
  await page.keyboard.press('Control+Shift+ArrowRight');
  await discuss.click();
  await dialog
    .getByRole('textbox', { name: 'Your message about these words' })
    .fill('All of them?');
  await looks(page, 'discuss-words');
  await dialog.getByRole('button', { name: 'Send' }).click();
  await saved(page);
  await page.getByRole('button', { name: 'Submit revision 2' }).click();
  await expect(page).toHaveURL(/\/proposals\/[^/]+$/);
  const log = page.getByRole('log', { name: 'Messages' });
  await expect(log).toContainText('All of them?');
  await expect(log.getByRole('link', { name: '“Adversaries”' })).toBeVisible();
});
