import type { Page } from '@playwright/test';
import { looks } from './looks';
import { join, makeWorkshop, newPerson, propose, signIn, type Person } from './people';
import { expect, test } from './server';

test.use({ demo: true });
test.describe.configure({ timeout: 120_000 });

const card = (page: Page, question: string) => page.getByRole('article', { name: question });

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
});
