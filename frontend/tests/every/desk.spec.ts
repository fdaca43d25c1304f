import type { Page } from '@playwright/test';
import { looks } from '../looks';
import { join, makeWorkshop, newPerson, propose, signIn, type Person } from '../people';
import { expect, test } from '../server';

test.use({ demo: true });
test.describe.configure({ timeout: 120_000 });

const card = (page: Page, question: string) => page.getByRole('article', { name: question });
const room = (page: Page) => page.getByRole('complementary', { name: 'Now in the room' });

test('a facilitator runs the room from the desk', async ({ browser, server }) => {
  const fay = await newPerson(browser, server.url);
  await signIn(fay, server.links[0]!);
  const workshop = await makeWorkshop(fay, 'A day');
  const people: Person[] = [];
  for (const name of ['Ana', 'Bo', 'Cleo']) {
    const one = await newPerson(browser, server.url);
    await join(one, fay, workshop, name);
    await one.page.goto(`/w/${workshop.id}`);
    people.push(one);
  }
  const [ana, bo, cleo] = people as [Person, Person, Person];
  const proposal = await propose(
    ana,
    workshop.id,
    'technique',
    '',
    {
      name: { text: 'Kettle Whistling' },
      tactics: { list: ['command-and-control'] },
      platforms: { list: ['Linux'] },
      description: { text: 'Adversaries may whistle through kettles to talk to each other.' },
    },
    'It was heard.',
  );
  const home = `/w/${workshop.id}`;
  const wall = await fay.page.context().newPage();
  await wall.goto(`${home}/wall`);
  await fay.page.goto(`${home}/desk`);

  await test.step('a poll by name moves its bars, and its result stays at the proposal', async () => {
    const ask = fay.page.getByRole('region', { name: 'Ask the room' });
    await ask.getByLabel('Question').fill('Is it a technique?');
    await ask.getByLabel('About').selectOption({ label: '#1 Kettle Whistling' });
    await ask.getByRole('button', { name: 'Ask now' }).click();
    await expect(wall.getByRole('heading', { name: 'Is it a technique?' })).toBeVisible();
    for (const [{ page }, option] of [
      [ana, 'Yes'],
      [bo, 'No'],
    ] as const) {
      await card(page, 'Is it a technique?').getByLabel(option).check();
      await card(page, 'Is it a technique?').getByRole('button', { name: 'Vote' }).click();
    }
    await expect(wall.getByText('2 have voted')).toBeVisible();
    await card(bo.page, 'Is it a technique?').getByLabel('Yes').check();
    await card(bo.page, 'Is it a technique?').getByRole('button', { name: 'Change' }).click();
    await expect(wall.getByText('2 votes')).toBeVisible();
    await looks(wall, 'wall-poll');
    await card(fay.page, 'Is it a technique?').getByRole('button', { name: 'Close it' }).click();
    await cleo.page.goto(`${home}/proposals/${proposal}`);
    await expect(card(cleo.page, 'Is it a technique?')).toContainText('Yes has the most');
  });

  await test.step('an anonymous ranking shows nothing before it is closed', async () => {
    const ask = fay.page.getByRole('region', { name: 'Ask the room' });
    await ask.getByLabel('Question').fill('What first?');
    await ask.getByLabel('Kind').selectOption('A ranking');
    await ask.getByLabel('Options, one a line').fill('Kettles\nPots\nPans');
    await ask.getByLabel('Anonymous').check();
    await ask.getByRole('button', { name: 'Ask now' }).click();
    await cleo.page.goto(home);
    await cleo.page.context().setOffline(true);
    for (const { page } of [ana, bo, cleo]) {
      const poll = card(page, 'What first?');
      await poll.getByRole('button', { name: 'Pans: higher' }).click();
      await poll.getByRole('button', { name: 'Vote' }).click();
    }
    await expect(card(cleo.page, 'What first?')).toContainText('did not arrive');
    await looks(fay.page, 'desk-polls');
    await cleo.page.context().setOffline(false);
    await expect(card(fay.page, 'What first?')).toContainText('3 of 4 have voted');
    await expect(card(fay.page, 'What first?').getByText('points')).toHaveCount(0);
    await card(fay.page, 'What first?').getByRole('button', { name: 'Close it' }).click();
    const done = card(ana.page, 'What first?');
    await expect(done).toContainText('Kettles has the most');
    await expect(done).toContainText('9 points, 3 × first');
    await looks(ana.page, 'room-polls');
  });

  await test.step('the agenda runs with a clock that all see', async () => {
    await fay.api('PATCH', `/workshops/${workshop.id}`, {
      revision: 1,
      agenda: [
        { title: 'Welcome', minutes: 10, goals: 'All know each other' },
        { title: 'Kettles', minutes: 30, proposals: [proposal] },
      ],
    });
    const agenda = fay.page.getByRole('region', { name: 'Agenda' });
    await agenda.getByRole('button', { name: 'Start Welcome' }).click();
    await expect(wall.getByRole('heading', { name: 'Welcome' })).toBeVisible();
    await expect(wall.getByText('All know each other')).toBeVisible();
    await agenda.getByRole('button', { name: '5 min more' }).click();
    await expect(wall.getByRole('timer')).toContainText('14:');
    await agenda.getByRole('button', { name: 'Next: Kettles' }).click();
    await expect(room(bo.page)).toContainText('Kettles 29:');
  });

  await test.step('hands are raised, and the word goes round', async () => {
    const floor = (page: Page) => page.getByRole('region', { name: 'Who speaks' });
    for (const { page } of [bo, ana]) {
      await floor(page).getByRole('button', { name: 'Raise hand' }).click();
      await expect(floor(page).getByRole('button', { name: 'Hand down' })).toBeVisible();
    }
    await floor(fay.page).getByRole('button', { name: 'Next: Bo' }).click();
    await expect(wall.getByText('Bo speaks')).toBeVisible();
    await ana.page.getByLabel('Park a topic').fill('What a pot is');
    await ana.page.getByRole('button', { name: 'Park it' }).click();
    await fay.page.getByRole('button', { name: 'Done: What a pot is' }).click();
    await expect(ana.page.getByRole('region', { name: 'To come back to' })).toContainText('done');
  });

  await test.step('who follows goes to what is shown, who writes is not led away', async () => {
    await bo.page.getByLabel('Say something to the room').fill('I am in the middle of');
    await cleo.page.goto(`${home}/propose?kind=technique`);
    await expect(room(cleo.page)).toBeVisible();
    const spotlight = fay.page.getByRole('region', { name: 'Spotlight' });
    await spotlight.getByLabel('Proposal').selectOption({ label: '#1 Kettle Whistling' });
    await spotlight.getByRole('button', { name: 'Show to all' }).click();
    await expect(ana.page).toHaveURL(new RegExp(`/proposals/${proposal}$`));
    await expect(room(bo.page)).toContainText('Shown to all: #1 Kettle Whistling');
    await expect(bo.page).toHaveURL(new RegExp(`${home}$`));
    await expect(room(cleo.page)).toContainText('Shown to all');
    await expect(cleo.page).toHaveURL(/\/edit$/);
    await room(ana.page).getByRole('button', { name: 'Leave it' }).click();
    await expect(ana.page).toHaveURL(new RegExp(`${home}$`));
    await room(ana.page).getByRole('button', { name: 'Follow again' }).click();
    await expect(ana.page).toHaveURL(new RegExp(`/proposals/${proposal}$`));
    await looks(ana.page, 'spotlight');
    await looks(wall, 'wall-spotlight');
    await spotlight.getByRole('button', { name: 'Have all read it in quiet' }).click();
    await room(ana.page).getByRole('button', { name: 'I have read it' }).click();
    await expect(spotlight).toContainText('1 of 4 have read it');
    await spotlight.getByRole('button', { name: 'End the quiet' }).click();
    await spotlight.getByRole('button', { name: 'Take it away' }).click();
  });

  await test.step('all write in quiet, and see it at once', async () => {
    const quiet = fay.page.getByRole('region', { name: 'Write in quiet' });
    await quiet.getByLabel('What everyone writes about').fill('What is missing?');
    await quiet.getByRole('button', { name: 'Begin' }).click();
    await room(ana.page).getByRole('link', { name: 'Write in quiet' }).click();
    for (const [{ page }, text] of [
      [ana, 'Lids'],
      [bo, 'Handles'],
    ] as const) {
      await page.getByLabel(/^What you write/).fill(text);
      await page.getByRole('button', { name: 'Hand it in' }).click();
      await expect(page.getByText('handed in')).toBeVisible();
    }
    await expect(quiet).toContainText('2 have written');
    await expect(bo.page.getByText('Lids')).toHaveCount(0);
    await quiet.getByRole('button', { name: 'Show all at once' }).click();
    await expect(bo.page.getByText('Lids')).toBeVisible();
    await looks(bo.page, 'quiet');
    await quiet.getByRole('button', { name: 'End it' }).click();
  });

  await test.step('a message is parked, another is hidden, and all read why', async () => {
    const path = `/workshops/${workshop.id}/messages`;
    for (const body of ['Let us talk of **lids**', 'You are all wrong'])
      await bo.api('POST', path, { body });
    await fay.page.goto(home);
    await fay.page.getByRole('button', { name: 'Park the message of Bo' }).first().click();
    const parked = bo.page.getByRole('region', { name: 'To come back to' });
    await expect(parked).toContainText('Let us talk of lids');
    await fay.page.getByRole('button', { name: 'Hide the message of Bo' }).last().click();
    await fay.page.getByRole('textbox', { name: 'Why' }).fill('Be kind');
    await fay.page.getByRole('button', { name: 'Hide it' }).click();
    await expect(bo.page.getByText('Hidden by Ines Amrani: Be kind')).toBeVisible();
    await cleo.page.goto(`${home}/moderation`);
    await expect(cleo.page.getByText('hid a message of Bo: Be kind')).toBeVisible();
    await looks(cleo.page, 'moderation');
    await fay.page.goto(`${home}/desk`);
  });

  await test.step('groups work by themselves', async () => {
    const groups = fay.page.getByRole('region', { name: 'Breakout groups' });
    await groups
      .getByLabel('How people come into them')
      .selectOption({ label: 'By choice: each goes where they like' });
    await groups.getByLabel('Group 1').fill('Pots');
    await groups.getByLabel('Group 2').fill('Pans');
    await looks(fay.page, 'desk');
    await groups.getByRole('button', { name: 'Make the groups' }).click();
    await bo.page.getByRole('button', { name: 'Go to Pans' }).click();
    await room(bo.page).getByRole('link', { name: 'Pans' }).click();
    await bo.page.getByLabel('Say something to the group').fill('Only we are here');
    await bo.page.getByRole('button', { name: 'Send' }).click();
    await expect(bo.page.getByRole('log')).toContainText('Only we are here');
    await bo.page.getByLabel('Add a proposal').selectOption({ label: '#1 Kettle Whistling' });
    await bo.page.getByRole('button', { name: 'Add it' }).click();
    await expect(bo.page.getByRole('link', { name: '#1 Kettle Whistling' })).toBeVisible();
    await looks(bo.page, 'group');
    await fay.page.getByRole('button', { name: 'Bring all together again' }).click();
    await expect(bo.page.getByText('All are together again')).toBeVisible();
  });

  await test.step('the day is summed up from the record', async () => {
    await cleo.page.goto(`${home}/summary`);
    await expect(cleo.page.getByRole('region', { name: 'What was proposed' })).toContainText(
      '#1 Kettle Whistling',
    );
    await expect(cleo.page.getByRole('region', { name: 'What is missing?' })).toContainText('Lids');
    await expect(cleo.page.getByText('Yes has the most')).toBeVisible();
    await looks(cleo.page, 'summary');
    const link = cleo.page.getByRole('link', { name: 'Markdown' });
    const notes = await cleo.request.get((await link.getAttribute('href')) ?? '');
    expect(await notes.text()).toContain('- Is it a technique?: Yes 2, No 0, Abstain 0');
  });
});
