import type { Page } from '@playwright/test';
import { looks } from './looks';
import { join, makeWorkshop, newPerson, signIn, type Person } from './people';
import { expect, test } from './server';

const description = (page: Page) => page.getByRole('textbox', { name: 'Description' });
const saved = (page: Page) =>
  expect(page.getByRole('status').filter({ hasText: /^\s*Saved\s*$/ })).toBeVisible();
const lines = (page: Page) =>
  description(page).evaluate((node) =>
    [...node.querySelectorAll('.cm-line')].map((line) => {
      const copy = line.cloneNode(true) as HTMLElement;
      for (const flag of copy.querySelectorAll('.cm-other')) flag.remove();
      return copy.textContent;
    }),
  );

test.use({ demo: true });
test.describe.configure({ timeout: 120_000 });

interface Draft {
  proposal: { id: string };
  version: number;
  content: Record<string, { text?: string }>;
}

test('three people write in one text, one of them offline for a while', async ({
  browser,
  server,
}) => {
  const host = await newPerson(browser, server.url);
  await signIn(host, server.links[0]!);
  const workshop = await makeWorkshop(host, 'Together');
  const people: Person[] = [];
  for (const name of ['Ana', 'Bo', 'Cleo']) {
    const one = await newPerson(browser, server.url);
    await join(one, host, workshop, name, name === 'Bo' ? ['reviewer'] : []);
    people.push(one);
  }
  const [ana, bo, cleo] = people as [Person, Person, Person];
  const path = `/workshops/${workshop.id}/proposals`;
  const { proposal } = await ana.api<Draft>('POST', path, {
    kind: 'technique',
    content: {
      name: { text: 'Kettle Whistling' },
      tactics: { list: ['command-and-control'] },
      platforms: { list: ['Linux'] },
      description: { text: 'Ana:\nBo:\nCleo:' },
    },
  });
  const edit = `/w/${workshop.id}/proposals/${proposal.id}/edit`;

  await test.step('the author lets two others in', async () => {
    await bo.page.goto(edit);
    await expect(bo.page.getByRole('heading', { level: 1 })).toHaveText('There is nothing here');
    await bo.page.goto(`/w/${workshop.id}`);
    await expect(bo.page.getByText('In sync')).toBeVisible();
    await ana.page.goto(edit);
    for (const name of ['Bo', 'Cleo']) {
      const authors = ana.page.getByRole('region', { name: 'Who writes this' });
      await authors.getByRole('combobox').selectOption(`${name}, Example CERT`);
      await authors.getByRole('button', { name: 'Invite' }).click();
      await expect(authors.getByRole('listitem').filter({ hasText: name })).toBeVisible();
    }
    const invited = bo.page
      .getByRole('status')
      .filter({ hasText: 'Ana invited you to write in #' });
    await expect(invited).toContainText('Kettle Whistling');
    const drafts = bo.page.getByRole('region', { name: 'My drafts' });
    await expect(drafts.getByRole('listitem').filter({ hasText: 'New' })).toHaveCount(1);
    await looks(bo.page, 'together-invited');
    await ana.page.getByRole('button', { name: 'Take Bo away' }).click();
    await expect(drafts).toHaveCount(0);
    await expect(invited).toHaveCount(0);
    const authors = ana.page.getByRole('region', { name: 'Who writes this' });
    await authors.getByRole('combobox').selectOption('Bo, Example CERT');
    await expect(bo.page.getByText('In sync')).toBeVisible();
    await authors.getByRole('button', { name: 'Invite' }).click();
    await invited.getByRole('link', { name: 'Open it' }).click();
    await expect(invited).toHaveCount(0);
    await expect(description(bo.page)).toBeVisible();
    await bo.page.goto(`/w/${workshop.id}/drafts`);
    await expect(bo.page.getByRole('listitem').filter({ hasText: 'by Ana' })).toHaveCount(1);
    await expect(bo.page.getByText('New', { exact: true })).toHaveCount(0);
    await bo.page.getByRole('link', { name: 'Kettle Whistling' }).click();
    await cleo.page.goto(edit);
    for (const { page } of people)
      await expect(description(page)).toHaveAttribute('contenteditable', 'true');
    await expect(ana.page.getByText('Bo and Cleo are here, too.')).toBeVisible();
    await expect(bo.page.getByText('Ana submits it.')).toBeVisible();
  });

  const type = async ({ page, name }: Person, words: string) => {
    const line = page.locator('.cm-line').filter({ hasText: `${name}:` });
    await line.click();
    await page.keyboard.press('End');
    await page.keyboard.type(words, { delay: 15 });
  };
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  const all = async (text: string[]) => {
    for (const { page } of people) await expect.poll(() => lines(page)).toEqual(text);
    for (const { page } of people) await saved(page);
    const { content } = await ana.api<Draft>('GET', `${path}/${proposal.id}/draft`);
    expect(content.description?.text).toBe(text.join('\n'));
  };

  await test.step('all at once', async () => {
    await Promise.all(people.map((one) => type(one, ` ${letters}`)));
    await all([`Ana: ${letters}`, `Bo: ${letters}`, `Cleo: ${letters}`]);
    await expect(ana.page.locator('.cm-other').filter({ hasText: 'Bo' })).toBeVisible();
    await looks(ana.page, 'together');
  });

  await test.step('one of them in a tunnel', async () => {
    await cleo.page.context().setOffline(true);
    await Promise.all(people.map((one) => type(one, ` ${letters}`)));
    await expect(cleo.page.getByText('Not saved:')).toBeVisible();
    await expect(cleo.page.getByText('kept on this device')).toBeVisible();
    await expect.poll(async () => (await lines(ana.page))[1]).toBe(`Bo: ${letters} ${letters}`);
    await cleo.page.context().setOffline(false);
    await all(['Ana', 'Bo', 'Cleo'].map((name) => `${name}: ${letters} ${letters}`));
  });

  await test.step('a page that is closed while nothing gets through goes on later', async () => {
    await cleo.page.route('**/texts/description', (route) => route.abort());
    await type(cleo, ' kept');
    await expect(cleo.page.getByText('Not saved:')).toBeVisible();
    await type(ana, ' meanwhile');
    await saved(ana.page);
    await cleo.page.unroute('**/texts/description');
    await cleo.page.reload();
    await all([
      `Ana: ${letters} ${letters} meanwhile`,
      `Bo: ${letters} ${letters}`,
      `Cleo: ${letters} ${letters} kept`,
    ]);
  });

  await test.step('an answer that gets lost doubles nothing', async () => {
    let lost = 0;
    await bo.page.route('**/texts/description', async (route) => {
      await route.fetch();
      if (lost++ < 2) await route.abort();
      else await route.continue();
    });
    await type(bo, ' once');
    await all([
      `Ana: ${letters} ${letters} meanwhile`,
      `Bo: ${letters} ${letters} once`,
      `Cleo: ${letters} ${letters} kept`,
    ]);
    expect(lost).toBeGreaterThan(0);
    await bo.page.unroute('**/texts/description');
  });

  await test.step('other fields arrive, too, and both sides stay', async () => {
    await bo.page.getByRole('checkbox', { name: 'Windows' }).check();
    await expect(ana.page.getByRole('checkbox', { name: 'Windows' })).toBeChecked();
    await ana.page.getByRole('textbox', { name: 'Why' }).fill('Seen twice.');
    await bo.page.getByRole('checkbox', { name: 'macOS' }).check();
    await expect(ana.page.getByRole('checkbox', { name: 'macOS' })).toBeChecked();
    await expect(bo.page.getByRole('textbox', { name: 'Why' })).toHaveValue('Seen twice.');
    for (const { page } of people) await saved(page);
  });

  await test.step('once it is submitted, nobody writes on, and who wrote does not review', async () => {
    await ana.page.getByRole('button', { name: 'Submit for review' }).click();
    await expect(ana.page).toHaveURL(/\/proposals\/[^/]+$/);
    await type(cleo, ' late');
    await expect(cleo.page.getByText('Description is not saved any more.')).toBeVisible();
    await cleo.page.getByRole('button', { name: 'Copy my text' }).click();
    await expect(cleo.page.getByRole('textbox', { name: 'My text of Description' })).toHaveValue(
      / kept late$/,
    );
    await looks(cleo.page, 'together-over');
    await cleo.page.getByRole('button', { name: 'Load the text as it is' }).click();
    await expect(cleo.page.getByText('can not be edited now: it is submitted')).toBeVisible();
    await bo.page.goto(`/w/${workshop.id}/proposals/${proposal.id}`);
    await expect(bo.page.getByText(`${letters} once`)).toBeVisible();
    await expect(bo.page.getByRole('button', { name: 'Approve' })).toHaveCount(0);
  });
  for (const { page } of [host, ...people]) await page.context().close();
});
