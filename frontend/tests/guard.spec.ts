import type { Locator, Page } from '@playwright/test';
import { looks } from './looks';
import { join, makeWorkshop, newPerson, propose, signIn } from './people';
import { expect, test } from './server';

const field = (page: Page, name: string) => page.locator(`[data-field="${name}"]`);
const saved = (page: Page) =>
  expect(page.getByRole('status').filter({ hasText: /^\s*Saved\s*$/ })).toBeVisible();
const written = (text: Locator) =>
  text.evaluate((node) => (node instanceof HTMLTextAreaElement ? node.value : node.textContent));
const selected = (page: Page) => page.evaluate(() => getSelection()?.toString());

test.use({ demo: true });
test.describe.configure({ timeout: 120_000 });

test('what must not be shared is marked, replaced, explained and seen by reviewers', async ({
  browser,
  server,
}) => {
  const host = await newPerson(browser, server.url);
  await signIn(host, server.links[0]!);
  const workshop = await makeWorkshop(host, 'Guarded');
  const rob = await newPerson(browser, server.url);
  await join(rob, host, workshop, 'Rob', ['reviewer']);
  const ana = await newPerson(browser, server.url);
  await join(ana, host, workshop, 'Ana');
  const { page } = ana;
  let spout = '';

  const { proposal } = await ana.api<{ proposal: { id: string } }>(
    'POST',
    `/workshops/${workshop.id}/proposals`,
    {
      kind: 'technique',
      content: {
        name: { text: 'Kettle Beaconing' },
        tactics: { list: ['command-and-control'] },
        platforms: { list: ['Linux'] },
      },
    },
  );
  await page.goto(`/w/${workshop.id}/proposals/${proposal.id}/edit`);
  const text = page.getByRole('textbox', { name: 'Description' });
  const about = field(page, 'description');
  await test.step('marked where it stands', async () => {
    await text.fill(
      '🫖 Adversaries may call 45.77.65.211 from a kettle, then 45.77.65.211 once more, as Example CERT saw it. It then waits.',
    );
    await expect(about).toContainText('45.77.65.211 (2 times)');
    await expect(about).toContainText('Example CERT');
    await looks(page, 'guard-marked');
    await about.getByRole('button', { name: 'Show “Example CERT” in Description' }).click();
    expect(await selected(page)).toBe('Example CERT');
  });

  await test.step('a submission leads to it', async () => {
    await page.getByRole('button', { name: 'Submit for review' }).click();
    await expect(page.getByRole('region', { name: 'Before you submit' })).toContainText(
      '45.77.65.211',
    );
    await expect(page).toHaveURL(/\/edit$/);
    expect(await selected(page)).toBe('45.77.65.211');
  });

  await test.step('replaced by a click', async () => {
    await about.getByRole('button', { name: 'Replace with 192.0.2.1' }).click();
    await expect(about).not.toContainText('2 times');
    await expect
      .poll(() => written(text))
      .toContain('call 192.0.2.1 from a kettle, then 192.0.2.1 once more');
    await saved(page);
  });

  await test.step('explained in a line', async () => {
    await about.getByRole('button', { name: 'Explain Example CERT' }).click();
    await page.getByLabel('Why may it stand?').fill('Their own report, in public since May.');
    await looks(page, 'guard-explaining');
    await page.getByLabel('Why may it stand?').press('Enter');
    await expect(about).toContainText('It may stand: Their own report');
    await expect(page.getByRole('region', { name: 'Before you submit' })).toContainText(
      'Nothing is in the way.',
    );
    await looks(page, 'guard-explained');
    await page.reload();
    await expect(about).toContainText('It may stand: Their own report');
  });

  await test.step('seen by the reviewer', async () => {
    await page.getByRole('button', { name: 'Submit for review' }).click();
    await expect(page).toHaveURL(/\/proposals\/[^/]+$/);
    await rob.page.goto(`/w/${workshop.id}/proposals/${proposal.id}`);
    const checks = rob.page.getByRole('region', { name: 'Checks' });
    await expect(checks).toContainText('Example CERT');
    await expect(checks).toContainText('It may stand: Their own report, in public since May.');
    await looks(rob.page, 'guard-reviewed');
  });

  await test.step('what came to be known since is explained by the reviewer', async () => {
    const id = await propose(
      ana,
      workshop.id,
      'technique',
      '',
      {
        name: { text: 'Spout Listening' },
        tactics: { list: ['collection'] },
        platforms: { list: ['Linux'] },
        description: {
          text: 'Adversaries may listen at a spout, as Alder Steam and Copper Works wrote.',
        },
      },
      'Seen.',
    );
    const late = await newPerson(browser, server.url);
    const organisation = 'Alder Steam';
    await late.api('POST', '/join', { code: workshop.code, name: 'Late', organisation });
    spout = id;
    await rob.page.goto(`/w/${workshop.id}/proposals/${id}`);
    await rob.page.getByRole('button', { name: 'Approve' }).click();
    const dialog = rob.page.getByRole('dialog');
    await dialog.getByLabel(/^Note/).fill('Good, but for 45.77.65.213.');
    await dialog.getByRole('button', { name: 'Replace with 192.0.2.1' }).click();
    await expect(dialog.getByLabel(/^Note/)).toHaveValue('Good, but for 192.0.2.1.');
    await dialog.getByRole('button', { name: 'Approve' }).click();
    await expect(dialog).toContainText('nobody said why it may stand');
    await dialog.getByRole('button', { name: 'Explain Alder Steam' }).click();
    await dialog.getByLabel('Why may it stand?').fill('They published it themselves.');
    await looks(rob.page, 'guard-verdict');
    await dialog.getByRole('button', { name: 'Keep it, with this reason' }).click();
    await dialog.getByRole('button', { name: 'Show what changed' }).click();
    await expect(rob.page.getByRole('region', { name: 'Checks' })).toContainText(
      'It may stand: They published it themselves.',
    );
    await rob.page.getByRole('button', { name: 'Approve' }).click();
    await dialog.getByRole('button', { name: 'Approve' }).click();
    await expect(rob.page.getByTestId('state').first()).toContainText('accepted', {
      ignoreCase: true,
    });
  });

  await test.step('a release stops at what came to be known since, until it is explained', async () => {
    const late = await newPerson(browser, server.url);
    const organisation = 'Copper Works';
    await late.api('POST', '/join', { code: workshop.code, name: 'Later', organisation });
    const release = await host.api<{ id: string }>('POST', `/workshops/${workshop.id}/releases`, {
      name: 'First',
    });
    await host.page.goto(`/w/${workshop.id}/releases/${release.id}`);
    const item = host.page.getByRole('listitem').filter({ hasText: /#2\s+Spout Listening/ });
    await expect(item).toContainText('names an organisation that takes part');
    await item.getByRole('button', { name: 'Explain Copper Works' }).click();
    await host.page.getByLabel('Why may it stand?').fill('They published it, too.');
    await looks(host.page, 'guard-release');
    await host.page.getByLabel('Why may it stand?').press('Enter');
    await expect(item).toContainText('It may stand: They published it, too.');
    await expect(item.getByRole('button', { name: /^Explain/ })).toHaveCount(0);
    await rob.page.goto(`/w/${workshop.id}/proposals/${spout}`);
    await expect(rob.page.getByRole('region', { name: 'Checks' })).toContainText(
      'published it, too',
    );
  });

  await test.step('what a release says of itself is changed or explained, too', async () => {
    const { page } = host;
    const stops = page.getByRole('region', { name: 'Publish' });
    await page.getByLabel('Notes').fill('Found at 45.77.65.214.');
    const explain = page.getByRole('button', { name: 'Explain 45.77.65.214' });
    await expect(explain).toBeVisible(); // before it is saved
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(stops).toContainText('The notes of this release: "45.77.65.214"');
    await explain.click();
    await page.getByLabel('Why may it stand?').fill('A sinkhole that all know.');
    await looks(page, 'guard-notes');
    await page.getByLabel('Why may it stand?').press('Enter');
    await expect(stops).not.toContainText('45.77.65.214');
    await expect(page.getByText('It may stand: A sinkhole that all know.')).toBeVisible();
  });

  await test.step('a release names the proposal that another one on it builds on', async () => {
    const about = await ana.api<{ proposal: { object: { stix_id: string } } }>(
      'GET',
      `/workshops/${workshop.id}/proposals/${spout}`,
    );
    const below = await propose(
      ana,
      workshop.id,
      'sub-technique',
      '',
      {
        name: { text: 'Night Listening' },
        parent: { text: about.proposal.object.stix_id },
        tactics: { list: ['collection'] },
        platforms: { list: ['Linux'] },
        description: { text: 'Adversaries may listen at a spout by night.' },
      },
      'Seen, too.',
    );
    const path = `/workshops/${workshop.id}/proposals/${below}`;
    await rob.api('POST', `${path}/approve`, { revision: 1, note: '', bump: 'minor' });
    await host.page.getByRole('button', { name: 'Put #3 on the release' }).click();
    await host.page.getByRole('button', { name: 'Take #2 off the release' }).click();
    const item = host.page.getByRole('listitem').filter({ hasText: /#3\s+Night Listening/ });
    await expect(item).toContainText(
      'It builds on #2 Spout Listening, which is not on this release.',
    );
    await expect(item.getByRole('link', { name: '#2 Spout Listening' })).toBeVisible();
    await looks(host.page, 'release-needs');
    await item.getByRole('button', { name: 'Add #2' }).click();
    await expect(item).not.toContainText('It builds on');
  });

  await test.step('a message is looked at as it is written', async () => {
    await page.goto(`/w/${workshop.id}/proposals/${proposal.id}`);
    const box = page.getByRole('textbox', { name: 'Your message' });
    const log = page.getByRole('log', { name: 'Messages' });
    await box.fill('We saw it call 45.77.65.211 and bad-kettle.ru at night.');
    const found = page.getByRole('region', { name: 'Discussion' });
    await expect(found).toContainText('An address points to one machine');
    await found.getByRole('button', { name: 'Show “bad-kettle.ru” in Your message' }).click();
    expect(await selected(page)).toBe('bad-kettle.ru');
    await box.press('Control+Enter');
    await expect(found.getByRole('alert')).toContainText('It is not sent yet.');
    await expect(log).toContainText('No messages yet.');
    await looks(page, 'guard-message');
    await found.getByRole('button', { name: 'Replace with example.com' }).click();
    await expect(box).toHaveValue('We saw it call 45.77.65.211 and example.com at night.');
    await found.getByRole('button', { name: 'Explain 45.77.65.211' }).click();
    await page.getByLabel('Why may it stand?').fill('A sinkhole that everybody knows.');
    await page.getByLabel('Why may it stand?').press('Enter');
    await expect(found).toContainText('It may stand: A sinkhole');
    await box.press('Control+Enter');
    await expect(log).toContainText('“45.77.65.211” may stand: A sinkhole that everybody knows.');
    await expect(box).toHaveValue('');
    await looks(page, 'guard-said');
  });

  await test.step('what a page did not look at is refused by the server, and can be changed', async () => {
    await page.route('**/look', (route) => route.abort());
    const box = page.getByRole('textbox', { name: 'Your message' });
    const log = page.getByRole('log', { name: 'Messages' });
    await box.fill('And 45.77.65.212, too.');
    await page.getByRole('button', { name: 'Send' }).click();
    await expect(log).toContainText('something that must not be shared: "45.77.65.212"');
    await page.unroute('**/look');
    await log.getByRole('button', { name: 'Edit', exact: true }).click();
    await expect(box).toHaveValue('And 45.77.65.212, too.');
    await box.fill('And others, too.');
    await page.getByRole('button', { name: 'Send' }).click();
    await expect(log).toContainText('And others, too.');
  });
});
