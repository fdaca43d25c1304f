import type { Page } from '@playwright/test';
import { looks, shots } from '../looks';
import { join, makeWorkshop, newPerson, propose, signIn, type Person } from '../people';
import { expect, test } from '../server';

/**
 * A short workshop day with ten browsers: a facilitator, who has the wall's page open as well, a
 * reviewer, and eight participants, of whom one has a phone and one a bad line.
 */
test.describe.configure({ timeout: 300_000 });

const folder = process.env.ATELIER_SHOTS;
const names = ['Ana', 'Bo', 'Cleo', 'Dag', 'Eva', 'Gil', 'Hana', 'Ivo'] as const;
const card = (page: Page, question: string) => page.getByRole('article', { name: question });
const room = (page: Page) => page.getByRole('complementary', { name: 'Now in the room' });
const messages = (page: Page) => page.locator('[id^="message-"]');

async function say(page: Page, words: string) {
  await page.getByLabel('Your message').fill(words);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
}

const shown = async (page: Page) =>
  (await messages(page).allInnerTexts())
    .map((text) => /(?:Good day|On the train) from \w+( \d)?/.exec(text)?.[0] ?? '')
    .filter(Boolean);

test('ten people go through a workshop day', async ({ browser, server }, info) => {
  const fay = await newPerson(browser, server.url);
  await signIn(fay, server.host('Fay'));
  const workshop = await makeWorkshop(fay, 'Rehearsal');
  const home = `/w/${workshop.id}`;
  const take = (page: Page, name: string) =>
    folder ? shots(page, `rehearsal-${name}`, folder) : looks(page, `rehearsal-${name}`);
  const came: Person[] = [];
  let wall!: Page;
  let rita!: Person;
  const proposals: string[] = [];
  const errors: string[] = [];
  const watch = (page: Page) => page.on('pageerror', (error) => errors.push(String(error)));
  watch(fay.page);

  await test.step('people come, and the screen says how', async () => {
    await fay.page.goto(`${home}/desk`);
    wall = await fay.page.context().newPage();
    watch(wall);
    await wall.goto(`${home}/wall`);
    await expect(wall.getByText(workshop.code)).toBeVisible();
    rita = await newPerson(browser, server.url);
    await join(rita, fay, workshop, 'Rita', ['reviewer']);
    for (const name of names) {
      const one = await newPerson(browser, server.url);
      await join(one, fay, workshop, name);
      if (name === 'Bo') await one.page.setViewportSize({ width: 390, height: 844 });
      came.push(one);
    }
    await Promise.all([rita, ...came].map((one) => one.page.goto(home)));
    for (const one of [rita, ...came]) watch(one.page);
    await expect(came[0]!.page.getByRole('region', { name: /Who is here/ })).toContainText('Ivo');
    await take(wall, 'wall-morning');
  });
  const [ana, bo, cleo, dag, eva, gil, hana] = came as [
    Person,
    Person,
    Person,
    Person,
    Person,
    Person,
    Person,
  ];
  await test.step('the day begins, and the clock runs for all', async () => {
    await fay.api('PATCH', `/workshops/${workshop.id}`, {
      revision: 1,
      agenda: [
        { title: 'Welcome', minutes: 10, goals: 'All know each other' },
        { title: 'Proposals', minutes: 60 },
        { title: 'Decisions', minutes: 30 },
      ],
    });
    const agenda = fay.page.getByRole('region', { name: 'Agenda' });
    await agenda.getByRole('button', { name: 'Start Welcome' }).click();
    for (const { page } of came) await expect(room(page)).toContainText('Welcome');
    await expect(wall.getByRole('heading', { name: 'Welcome' })).toBeVisible();
    await agenda.getByRole('button', { name: 'Next: Proposals' }).click();
    await expect(room(hana.page)).toContainText('Proposals');
  });

  await test.step('each proposes something', async () => {
    for (const [at, one] of came.entries())
      proposals.push(
        await propose(
          one,
          workshop.id,
          'technique',
          '',
          {
            name: {
              text: `Kettle ${['Whistling', 'Descaling', 'Boiling', 'Pouring', 'Filling', 'Tapping', 'Cooling', 'Cleaning'][at]}`,
            },
            tactics: { list: ['command-and-control'] },
            platforms: { list: ['Linux'] },
            description: { text: `Adversaries may signal by the noise of kettles, way ${at + 1}.` },
          },
          'It was heard.',
        ),
      );
    await fay.page.goto(home);
    await expect(fay.page.getByRole('region', { name: 'What happened' })).toContainText('Kettle');
    await take(fay.page, 'room');
  });
  const first = `${home}/proposals/${proposals[0]}`;

  await test.step('all speak at once, one of them offline, and read the same', async () => {
    await Promise.all(came.map(({ page }) => page.goto(first)));
    for (const { page } of came) await expect(page.getByText('In sync')).toBeAttached();
    await gil.page.context().setOffline(true);
    for (const words of ['1', '2', '3']) await say(gil.page, `On the train from Gil ${words}`);
    await Promise.all(
      came.filter((one) => one !== gil).map((one) => say(one.page, `Good day from ${one.name}`)),
    );
    await expect.poll(async () => (await shown(ana.page)).length).toBe(7);
    await take(ana.page, 'discussion');
    await gil.page.context().setOffline(false);
    await gil.page.reload();
    for (const { page } of came) await expect.poll(async () => (await shown(page)).length).toBe(10);
    const order = await shown(ana.page);
    expect(order.filter((text) => text.startsWith('On'))).toEqual(
      ['1', '2', '3'].map((n) => `On the train from Gil ${n}`),
    );
    for (const { page, name } of came)
      expect(await shown(page), `what ${name} reads`).toEqual(order);
    await eva.page.reload();
    await expect.poll(() => shown(eva.page)).toEqual(order);
    await take(bo.page, 'discussion-phone');
    await bo.page.setViewportSize({ width: 390, height: 844 });
  });

  await test.step('all follow the spotlight, read in quiet, and vote', async () => {
    await Promise.all(came.map(({ page }) => page.goto(home)));
    await fay.page.goto(`${home}/desk`);
    const spotlight = fay.page.getByRole('region', { name: 'Spotlight' });
    await spotlight.getByLabel('Proposal').selectOption({ label: '#2 Kettle Descaling' });
    await spotlight.getByRole('button', { name: 'Show to all' }).click();
    for (const { page } of came)
      await expect(page).toHaveURL(new RegExp(`/proposals/${proposals[1]}$`));
    await expect(wall.getByText('Kettle Descaling').first()).toBeVisible();
    await spotlight.getByRole('button', { name: 'Have all read it in quiet' }).click();
    for (const { page } of came)
      await room(page).getByRole('button', { name: 'I have read it' }).click();
    await expect(spotlight).toContainText('8 of 10 have read it');
    await take(wall, 'wall-spotlight');
    await spotlight.getByRole('button', { name: 'End the quiet' }).click();
    await spotlight.getByRole('button', { name: 'Take it away' }).click();
    const ask = fay.page.getByRole('region', { name: 'Ask the room' });
    await ask.getByLabel('Question').fill('Is it a technique?');
    await ask.getByLabel('Anonymous').check();
    await ask.getByRole('button', { name: 'Ask now' }).click();
    await Promise.all(
      came.map(async ({ page }) => {
        await page.goto(home);
        await card(page, 'Is it a technique?').getByLabel('Yes').check();
        await card(page, 'Is it a technique?').getByRole('button', { name: 'Vote' }).click();
      }),
    );
    await expect(card(fay.page, 'Is it a technique?')).toContainText('8 of 10 have voted');
    await take(wall, 'wall-poll');
    await card(fay.page, 'Is it a technique?').getByRole('button', { name: 'Close it' }).click();
    await expect(card(hana.page, 'Is it a technique?')).toContainText('Yes has the most');
  });

  await test.step('hands are raised, and groups work by themselves', async () => {
    const floor = (page: Page) => page.getByRole('region', { name: 'Who speaks' });
    for (const { page } of [bo, dag]) {
      await floor(page).getByRole('button', { name: 'Raise hand' }).click();
      await expect(floor(page).getByRole('button', { name: 'Hand down' })).toBeVisible();
    }
    await floor(fay.page).getByRole('button', { name: 'Next: Bo' }).click();
    await expect(wall.getByText('Bo speaks')).toBeVisible();
    const groups = fay.page.getByRole('region', { name: 'Breakout groups' });
    await groups
      .getByLabel('How people come into them')
      .selectOption({ label: 'By choice: each goes where they like' });
    await groups.getByLabel('Group 1').fill('Pots');
    await groups.getByLabel('Group 2').fill('Pans');
    await groups.getByRole('button', { name: 'Make the groups' }).click();
    await take(fay.page, 'desk');
    for (const [at, { page }] of came.entries()) {
      const name = at % 2 ? 'Pots' : 'Pans';
      await page.getByRole('button', { name: `Go to ${name}` }).click();
      await room(page).getByRole('link', { name }).click();
    }
    await bo.page.getByLabel('Say something to the group').fill('Only we are here');
    await bo.page.getByRole('button', { name: 'Send', exact: true }).click();
    await expect(dag.page.getByRole('log')).toContainText('Only we are here');
    await expect(cleo.page.getByRole('log')).not.toContainText('Only we are here');
    await fay.page.getByRole('button', { name: 'Bring all together again' }).click();
    await expect(bo.page.getByText('All are together again')).toBeVisible();
  });

  await test.step('the reviewer decides, and all see it', async () => {
    await fay.page
      .getByRole('region', { name: 'Agenda' })
      .getByRole('button', { name: 'Next: Decisions' })
      .click();
    await rita.page.goto(`${home}/queue`);
    await expect(rita.page.getByText('Kettle Cleaning')).toBeVisible();
    await take(rita.page, 'queue');
    for (const [at, id] of proposals.entries()) {
      await rita.page.goto(`${home}/proposals/${id}`);
      await rita.page.getByRole('button', { name: 'Start the review' }).click();
      await rita.page.getByRole('button', { name: at ? 'Approve' : 'Reject', exact: true }).click();
      const dialog = rita.page.getByRole('dialog');
      await dialog.getByRole('textbox').fill(at ? 'Well said.' : 'Every kettle whistles.');
      await dialog.getByRole('button', { name: at ? /Approve/ : /Reject/ }).click();
      await expect(dialog).toBeHidden();
      await expect(
        rita.page.getByText(at ? 'Accepted' : 'Rejected', { exact: true }).first(),
      ).toBeVisible();
    }
    await ana.page.goto(first);
    await expect(ana.page.getByText('Every kettle whistles.').first()).toBeVisible();
  });

  await test.step('the release is published, and the day summed up', async () => {
    await fay.page.goto(`${home}/releases`);
    await fay.page.getByLabel('Name', { exact: true }).fill('Rehearsal');
    await fay.page.getByRole('button', { name: 'Open a release' }).click();
    await fay.page.getByRole('button', { name: 'Publish…' }).click();
    await fay.page.getByRole('button', { name: 'Publish for good' }).click();
    await expect(fay.page.getByRole('heading', { name: 'Downloads' })).toBeVisible({
      timeout: 60_000,
    });
    await take(fay.page, 'released');
    await bo.page.goto(`${home}/proposals/${proposals[1]}`);
    await expect(bo.page.getByText('Released').first()).toBeVisible();
    await hana.page.goto(`${home}/summary`);
    const proposed = hana.page.getByRole('region', { name: 'What was proposed' });
    for (const [at] of proposals.entries())
      await expect(proposed).toContainText(`#${at + 1} Kettle`);
    await expect(hana.page.getByText('Yes has the most')).toBeVisible();
    await take(hana.page, 'summary');
    await take(wall, 'wall-evening');
  });

  expect(errors, 'no page had an error').toEqual([]);
  info.annotations.push({ type: 'people', description: String(came.length + 2) });
});
