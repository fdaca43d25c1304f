import type { Page } from '@playwright/test';
import { accessible, looks } from './looks';
import { join, makeWorkshop, newPerson, signIn, type Person } from './people';
import { expect, test as base } from './server';

const description = (page: Page) => page.getByRole('textbox', { name: 'Description' });
const field = (page: Page, name: string) => page.locator(`[data-field="${name}"]`);
const saved = (page: Page) =>
  expect(page.getByRole('status').filter({ hasText: /^\s*Saved\s*$/ })).toBeVisible();

interface Room {
  host: Person;
  ana: Person;
  workshop: string;
}

const test = base.extend<{ draft: string; page: Page }, { room: Room }>({
  room: [
    async ({ browser, server }, use) => {
      const host = await newPerson(browser, server.url);
      await signIn(host, server.links[0] ?? '');
      const workshop = await makeWorkshop(host, 'Texts');
      const ana = await newPerson(browser, server.url);
      await join(ana, host, workshop, 'Ana');
      await use({ host, ana, workshop: workshop.id });
      for (const one of [host, ana]) await one.page.context().close();
    },
    { scope: 'worker' },
  ],
  // A new technique that nothing is written in.
  draft: async ({ room }, use) => {
    const path = `/workshops/${room.workshop}/proposals`;
    const made = await room.ana.api<{ proposal: { id: string } }>('POST', path, {
      kind: 'technique',
      content: { name: { text: 'Kettle Whistling' } },
    });
    await use(`${path}/${made.proposal.id}`);
  },
  page: async ({ room }, use) => {
    const page = await room.ana.page.context().newPage();
    const refused: string[] = [];
    page.on('console', (said) => {
      if (said.text().includes('Content Security Policy')) refused.push(said.text());
    });
    await use(page);
    expect(refused, 'what the Content-Security-Policy refused').toEqual([]);
    await page.close();
  },
});

const edit = (draft: string) => `${draft.replace('/workshops/', '/w/')}/edit`;

/** Keeps the editor's script on the way until it is let through, or broken off. */
async function holdEditor(page: Page): Promise<(through: boolean) => void> {
  let decide: (through: boolean) => void = () => undefined;
  const decided = new Promise<boolean>((done) => (decide = done));
  await page.route('**/_app/immutable/**/*.js', async (route) => {
    const response = await route.fetch();
    const held = (await response.text()).includes('cm-content');
    if (held && !(await decided)) await route.abort();
    else await route.fulfill({ response });
  });
  return decide;
}

test('who writes before the editor is there goes on in it', async ({ page, draft }) => {
  const decide = await holdEditor(page);
  await page.goto(edit(draft));
  const text = description(page);
  expect(await text.evaluate((node) => node.tagName)).toBe('TEXTAREA');
  await text.pressSequentially('Adversaries wistle');
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowLeft');
  decide(true);
  await expect(text).toHaveAttribute('contenteditable', 'true');
  await expect(text).toBeFocused();
  await page.keyboard.type('h');
  await expect(text).toHaveText('Adversaries whistle');
  await page.keyboard.press('Control+z');
  await expect(text).toHaveText('Adversaries wistle');
  for (const [name, value] of Object.entries({
    spellcheck: 'true',
    autocorrect: 'on',
    autocapitalize: 'sentences',
    'aria-multiline': 'true',
    'aria-required': 'true',
  }))
    await expect(text).toHaveAttribute(name, value);
  await page.keyboard.press('Tab');
  await expect(text).not.toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await expect(text).toBeFocused();
  await page.getByRole('button', { name: 'Submit for review' }).focus();
  await field(page, 'description').locator('label').click();
  await expect(text).toBeFocused();
  await saved(page);
});

test('where the editor does not come, the text area stays', async ({ page, draft, room }) => {
  const decide = await holdEditor(page);
  await page.goto(edit(draft));
  decide(false);
  const text = description(page);
  await text.fill('Adversaries whistle.');
  await saved(page);
  expect(await text.evaluate((node) => node.tagName)).toBe('TEXTAREA');
  const { content } = await room.ana.api<{ content: { description: object } }>(
    'GET',
    `${draft}/draft`,
  );
  expect(content.description).toEqual({ text: 'Adversaries whistle.' });
});

test('ids and names become links and citations, addresses references', async ({ page, draft }) => {
  await page.goto(edit(draft));
  const text = description(page);
  await expect(text).toHaveAttribute('contenteditable', 'true');
  await text.pressSequentially('Adversaries may do as in T1055');
  const options = page.getByRole('listbox', { name: 'Completions' }).getByRole('option');
  await expect(options.first()).toContainText('Process Injection');
  await accessible(page);
  await page.keyboard.press('Enter');
  await expect(text).toHaveText('Adversaries may do as in (LinkById: T1055)');
  await page.keyboard.type('. @Cozy Bear');
  await options.filter({ hasText: 'G0016' }).first().click();
  await expect(text).toHaveText(/\. \(LinkById: G0016\)$/);
  await expect(text).toBeFocused();

  await page.keyboard.type('.(Citation: elastic process injection');
  const source = 'Elastic Process Injection July 2017';
  await expect(options.first()).toContainText(source);
  await page.keyboard.press('Escape');
  await expect(options).toHaveCount(0);
  await page.keyboard.press('Control+Space');
  await options.filter({ hasText: source }).click();
  await expect(text).toHaveText(new RegExp(`\\.\\(Citation: ${source}\\)$`));
  const references = field(page, 'references');
  await expect(references.locator('summary')).toContainText(source);
  await saved(page);
  await expect(field(page, 'description')).not.toContainText('not among the references');

  const add = references.getByRole('combobox');
  const address = await page.getByLabel('Address').first().inputValue();
  await add.fill(`${address.replace('https://www.', 'http://')}/?utm_source=x`);
  await add.press('Enter');
  await expect(references).toContainText('in the list already, as number 1');
  await add.fill('mandiant m-trends');
  await expect(references.getByRole('option').first()).toContainText(/m-trends/i);
  await add.press('Escape');
  await add.fill('nothing of the kind');
  await add.press('Enter');
  await expect(references).toContainText('no web address and no DOI');
  await add.fill('https://blog.example.org/2026/05/kettle-whistles.html?utm_source=x');
  await add.press('Enter');
  const full = page.getByLabel('Source in full').last();
  await expect(full).toBeFocused();
  await expect(full).toHaveValue(/^\(2026, May\)\. Kettle Whistles\. Retrieved \w+ \d+, 20\d\d\.$/);
  await expect(page.getByLabel('Name to cite it by').last()).toHaveValue(
    'Example Kettle Whistles May 2026',
  );
  await expect(references.getByText('to fill in')).toBeVisible();
  await expect(references).toContainText('lacks its author');
  await expect(references).toContainText('does not cite');
  await looks(page, 'references');
  await page.keyboard.type('Ana. ');
  await expect(references.getByText('to fill in')).toHaveCount(0);

  // Pasted, as from another page.
  await page.getByRole('textbox', { name: 'Why' }).fill('10.1000/182');
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Control+c');
  await add.focus();
  await page.keyboard.press('Control+v');
  await expect(page.getByLabel('Address').last()).toHaveValue('https://doi.org/10.1000/182');
  await expect(page.getByLabel('Name to cite it by').last()).toBeFocused();

  // The same source once more, under another name.
  await page.keyboard.type('Steam');
  await page
    .getByLabel('Address')
    .last()
    .fill(`${address.replace('https://www.', 'http://')}/#top`);
  await text.click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type(' See.(Citation: Steam)');
  await expect(references).toContainText('are one address');
  await looks(page, 'one-source');
  await references.getByRole('button', { name: 'Use one name' }).click();
  await expect(text).toHaveText(new RegExp(` See\\.\\(Citation: ${source}\\)$`));
  await expect(references).not.toContainText('are one address');
  await expect(page.getByLabel('Address')).toHaveCount(2);
  await saved(page);
});

test('what is only drafted is offered, linked to, and submitted first', async ({
  page,
  draft,
  room,
}) => {
  const { proposal } = await room.ana.api<{ proposal: { object: { label: string } } }>(
    'GET',
    `${draft}/draft`,
  );
  const { label } = proposal.object;
  const made = await room.ana.api<{ proposal: { id: string } }>(
    'POST',
    `/workshops/${room.workshop}/proposals`,
    { kind: 'sub-technique', content: { name: { text: 'Lid Rattling' } } },
  );
  await page.goto(edit(`/workshops/${room.workshop}/proposals/${made.proposal.id}`));
  const parent = field(page, 'parent');
  await parent.getByRole('combobox').fill(`kettle ${label}`);
  const offered = parent.getByRole('option');
  await expect(offered).toHaveText([new RegExp(`${label} Kettle Whistling\\s+my draft`)]);
  await parent.getByRole('combobox').press('Enter');
  await expect(parent.getByRole('link', { name: `${label} Kettle Whistling` })).toBeVisible();
  await expect(parent).toContainText(`is a draft of yours (${label}). Submit that first.`);

  const text = description(page);
  await expect(text).toHaveAttribute('contenteditable', 'true');
  await text.pressSequentially(`A form of ${label}`);
  const options = page.getByRole('listbox', { name: 'Completions' }).getByRole('option');
  await options.filter({ hasText: 'Kettle Whistling' }).click();
  await expect(text).toHaveText(`A form of (LinkById: ${label})`);
  await saved(page);
  await expect(field(page, 'description')).toContainText('Submit that first.');
  await looks(page, 'builds-on-a-draft');
});

test('a message of the room becomes a proposal, and leads to it', async ({ page, room }) => {
  const { host, workshop } = room;
  const body = 'Adversaries may whistle through a kettle, unlike in T1055.';
  await host.api('POST', `/workshops/${workshop}/messages`, { body });
  await host.page.goto(`/w/${workshop}`);
  const said = host.page.getByRole('log').getByRole('listitem').filter({ hasText: body });
  await expect(said).toBeVisible();
  await page.goto(`/w/${workshop}`);
  await page.getByRole('link', { name: /^Turn the message of .* into a proposal$/ }).click();
  await expect(page.getByRole('blockquote')).toHaveText(body);
  const likely = page.getByRole('list', { name: 'Likely' }).getByRole('link');
  await expect(likely.first()).toHaveText('Refine T1055 Process Injection');
  await looks(page, 'from-a-message');
  await page.getByRole('link', { name: 'New technique', exact: false }).first().click();
  await expect(description(page)).toHaveText(body);
  await expect(page.getByText('Began with what')).toBeVisible();
  await page.goBack();
  await page.goBack();
  await page.getByRole('link', { name: /^Turn the message/ }).click();
  await page.getByRole('link', { name: 'New technique', exact: false }).first().click();
  await page.getByRole('link', { name: 'Go on with it' }).click();
  await expect(description(page)).toHaveText(body);

  const path = `/workshops/${workshop}/proposals/${/proposals\/([^/]+)/.exec(page.url())?.[1]}`;
  const { version, content } = await room.ana.api<{ version: number; content: object }>(
    'GET',
    `${path}/draft`,
  );
  const saved = await room.ana.api<{ version: number }>('PUT', `${path}/draft`, {
    version,
    rationale: 'It was said.',
    content: {
      ...content,
      name: { text: 'Kettle Messaging' },
      tactics: { list: ['discovery'] },
      platforms: { list: ['Windows'] },
    },
  });
  await room.ana.api('POST', `${path}/submit`, { version: saved.version });
  await said.getByRole('link', { name: 'Kettle Messaging' }).click();
  await host.page.getByRole('link', { name: /^what .* said$/ }).click();
  await expect(said).toBeInViewport();
  await looks(host.page, 'a-message-with-its-proposal');
});

test('people reply, quote, edit and delete, and all see it at once', async ({ page, room }) => {
  const { host, workshop } = room;
  const hosts = host.page;
  await Promise.all([page.goto(`/w/${workshop}`), hosts.goto(`/w/${workshop}`)]);
  const said = (on: Page, text: string) =>
    on.getByRole('log').locator('.message').filter({ hasText: text });
  await page.getByLabel('Say something to the room').fill('Does a **kettle** count?');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByLabel('Say something to the room')).toHaveValue('');
  await page.getByLabel('Say something to the room').fill('Another thread.');
  await page.getByRole('button', { name: 'Send' }).click();

  await said(hosts, 'Does a kettle count?')
    .getByRole('button', { name: /^Quote/ })
    .click();
  const answer = hosts.getByRole('textbox', { name: /^Reply to/ });
  await expect(answer).toBeFocused();
  await expect(answer).toHaveValue('> Does a **kettle** count?\n\n');
  await answer.pressSequentially('It whistles.');
  await hosts.reload();
  await expect(answer).toHaveValue('> Does a **kettle** count?\n\nIt whistles.');
  await answer.press('Control+Enter');
  const replies = page.getByRole('list', { name: /^Replies to/ });
  await expect(replies.getByRole('listitem')).toHaveCount(1);
  await expect(replies.locator('blockquote')).toHaveText('Does a kettle count?');
  const order = await page.getByRole('log').locator('.prose').allInnerTexts();
  const at = ['Does a kettle count?', 'It whistles.', 'Another thread.'].map((text) =>
    order.findLastIndex((one) => one.endsWith(text)),
  );
  expect(at).toEqual([at[0], at[0]! + 1, at[0]! + 2]);

  await said(page, 'Another thread.').getByRole('button', { name: 'Edit my message' }).click();
  const text = page.getByLabel('Another text for your message');
  await expect(text).toHaveValue('Another thread.');
  await text.fill('Another *question*.');
  await text.press('Control+Enter');
  await said(hosts, 'Another question.')
    .getByRole('button', { name: /^Edited/ })
    .click();
  await expect(hosts.getByRole('dialog')).toContainText('Another thread.');
  await looks(hosts, 'older-text');
  await hosts.keyboard.press('Escape');

  page.once('dialog', (asked) => void asked.accept());
  await said(page, 'Another question.').getByRole('button', { name: 'Delete my message' }).click();
  await expect(hosts.getByRole('log')).toContainText(/Deleted\s+\d/);
  await expect(hosts.locator('body')).not.toContainText('Another question');
  await said(hosts, 'Does a kettle')
    .first()
    .getByRole('button', { name: /^Reply to/ })
    .click();
  await answer.pressSequentially('Yes, @an');
  const offered = hosts.getByRole('option');
  await expect(offered).toHaveText([/^Ana\b/]);
  await looks(hosts, 'mention');
  await answer.press('Enter');
  await expect(answer).toHaveValue('Yes, @Ana ');
  await answer.pressSequentially('see T1055');
  await offered.filter({ hasText: 'Process Injection' }).first().click();
  await expect(answer).toHaveValue('Yes, @Ana see T1055 ');
  await answer.press('Control+Enter');
  await expect(replies.locator('.mention')).toHaveText('@Ana');
  const opening = said(hosts, 'Does a kettle count?').first();
  await opening.getByRole('button', { name: /^React to/ }).focus();
  await hosts.keyboard.press('Enter');
  await hosts.keyboard.press('Tab');
  await hosts.keyboard.press('Enter');
  await expect(opening.getByRole('button', { name: /^React to/ })).toBeFocused();
  const clap = said(page, 'Does a kettle count?')
    .first()
    .getByRole('button', { name: /^Well done: / });
  await expect(clap).toHaveText('👏 1');
  await clap.click();
  await expect(opening.getByRole('button', { name: 'Well done: you, Ana' })).toHaveText('👏 2');
  await clap.click();
  await expect(opening.getByRole('button', { name: 'Well done: you' })).toHaveText('👏 1');
  await opening.getByRole('button', { name: /^Copy the link/ }).click();
  await expect(hosts.getByText('Copied.')).toBeVisible();
  await opening.getByRole('button', { name: /^React to/ }).click();
  await looks(hosts, 'reactions');
  await replies.getByRole('link', { name: 'T1055' }).hover();
  await expect(page.getByRole('tooltip')).toContainText('Process Injection');
  await looks(hosts, 'thread');
  await looks(page, 'thread-of-mine');

  await page.goto(`/w/${workshop}/proposals`);
  const heading = (on: Page) => on.getByRole('heading', { name: 'Messages to the room' });
  const { id } = await host.api<{ id: string }>('POST', `/workshops/${workshop}/messages`, {
    body: '@Ana, are you there?',
  });
  const unread = async () =>
    (
      await room.ana.api<{ messages: { message: string }[] }>(
        'GET',
        `/workshops/${workshop}/unread`,
      )
    ).messages.map((one) => one.message);
  expect(await unread()).toEqual([id]);
  // Ana's other device shows a page that is of no workshop.
  const other = await room.ana.page.context().newPage();
  await other.goto('/domains');
  const bell = (on: Page) =>
    on.getByRole('banner').getByRole('link', { name: /^What waits for me/ });
  await expect(bell(other)).toHaveAccessibleName('What waits for me: 1 new');
  await bell(page).click();
  const told = page.getByRole('link', { name: `${host.name} mentioned you in the room` }).first();
  await expect(page.getByText('@Ana, are you there?')).toBeVisible();
  await looks(page, 'waiting');
  await other.goto('/waiting/settings');
  await other.getByRole('checkbox', { name: 'Somebody mentions me: Here' }).uncheck();
  await expect(bell(page)).toHaveAccessibleName('What waits for me');
  await looks(other, 'waiting-settings');
  await other.getByRole('checkbox', { name: 'Somebody mentions me: Here' }).check();
  await page.getByRole('button', { name: 'All is read' }).click();
  await expect(bell(other)).toHaveAccessibleName('What waits for me');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(bell(other)).toHaveAccessibleName('What waits for me: 1 new');
  await told.click();
  await expect(page).toHaveURL(new RegExp(`/w/${workshop}#message-${id}$`));
  await expect(bell(other)).toHaveAccessibleName('What waits for me');
  await other.close();
  await expect(page.locator(`#message-${id}`)).toHaveClass(/sought/);
  await expect(page.locator(`#message-${id}`)).toBeInViewport();
  await expect.poll(unread).toEqual([]);
  await expect(heading(page)).not.toContainText('new');
});

test('objects and items of the agenda are discussed, and the room leads there', async ({
  page,
  room,
}) => {
  const { host, workshop } = room;
  const { workshop: now } = await host.api<{ workshop: { revision: number } }>(
    'GET',
    `/workshops/${workshop}`,
  );
  await host.api('PATCH', `/workshops/${workshop}`, {
    revision: now.revision,
    agenda: [{ id: 'tea', title: 'Tea', minutes: 20 }],
  });
  await host.page.goto(`/w/${workshop}`);
  await page.goto(`/objects/T1612?w=${workshop}`);
  const about = page.getByRole('region', { name: /^Discussion in/ });
  await about.getByLabel('Your message about it').fill('Does it whistle?');
  await about.getByRole('button', { name: 'Send' }).click();
  await expect(about.locator('.message')).toContainText('Does it whistle?');
  await accessible(page);
  const discussed = host.page.getByRole('region', { name: 'Objects that are discussed' });
  await expect(discussed).toContainText('1 message');
  await expect(discussed).toContainText('1 new');
  await discussed.getByRole('link', { name: /^T1612/ }).click();
  await expect(
    host.page.getByRole('region', { name: /^Discussion in/ }).locator('.message'),
  ).toContainText('Does it whistle?');

  await page.goto(`/w/${workshop}`);
  await page.getByRole('link', { name: 'Tea' }).click();
  await expect(page.getByRole('heading', { name: 'Tea' })).toBeVisible();
  await page.getByLabel('Say something about this item').fill('With milk?');
  await page.keyboard.press('Control+Enter');
  await expect(page.locator('.message')).toContainText('With milk?');
  await looks(page, 'agenda-item');
  const id = (await page.locator('.message').getAttribute('id'))?.replace('message-', '');
  await page.goto(`/w/${workshop}`);
  await page.getByRole('link', { name: 'Search messages' }).click();
  await page.getByLabel('Words').fill('milky milk');
  await page.keyboard.press('Enter');
  await expect(page.getByText('No message has all of this.')).toBeVisible();
  await page.getByLabel('Words').fill('milk');
  await page.keyboard.press('Enter');
  await page.getByLabel('About').selectOption('the agenda');
  const found = page.getByRole('list', { name: 'Messages that were found' });
  await expect(found.locator('mark')).toHaveText('milk');
  expect(page.url()).toContain('q=milk&about=agenda');
  await looks(page, 'messages-found');
  await found.getByRole('link').click();
  await expect(page.locator(`#message-${id}`)).toHaveClass(/sought/);
  await host.page.goto(`/w/${workshop}/m/${id}`);
  await expect(host.page.locator(`#message-${id}`)).toHaveClass(/sought/);
});

test('a facilitator keeps a template, and what it hints at is written', async ({ page, room }) => {
  const { page: settings } = room.host;
  await settings.goto(`/w/${room.workshop}/settings`);
  await settings.getByRole('button', { name: 'New template' }).click();
  const dialog = settings.getByRole('dialog');
  await dialog.getByLabel('What the template is called').fill('Kettle abuse');
  await dialog.getByLabel('Description').fill('Adversaries may {{do what}} with a kettle.');
  await dialog.getByRole('button', { name: 'Keep' }).click();
  await expect(dialog).toBeHidden();
  await settings.getByRole('button', { name: 'Edit Kettle abuse' }).click();
  await dialog.getByLabel('What the template is called').fill('Kettle misuse');
  await dialog.getByRole('button', { name: 'Keep' }).click();
  await expect(settings.getByText('Kettle misuse')).toBeVisible();
  await looks(settings, 'templates');

  await page.goto(`/w/${room.workshop}/propose`);
  const offered = page.getByRole('region', { name: 'Start from a template' });
  await expect(offered.getByRole('link', { name: 'Procedure example' })).toBeVisible();
  await looks(page, 'propose-from-a-template');
  await offered.getByRole('link', { name: 'Kettle misuse' }).click();
  await expect(description(page)).toHaveText('Adversaries may {{do what}} with a kettle.');
  const left = field(page, 'description').getByText('A hint of the template is left: {{do what}}');
  await expect(left).toBeVisible();
  await expect(description(page)).toHaveAttribute('contenteditable', 'true');
  await description(page).fill('Adversaries may whistle with a kettle.');
  await expect(left).toHaveCount(0);
  settings.once('dialog', (asked) => void asked.accept());
  await settings.getByRole('button', { name: 'Delete Kettle misuse' }).click();
  await expect(settings.getByText('None of your own yet.')).toBeVisible();
});

test('a phone: composition, backspace, autocomplete, a tap', async ({ browser, room, draft }) => {
  const context = await browser.newContext({
    baseURL: room.ana.url,
    storageState: await room.ana.page.context().storageState(),
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
    userAgent:
      'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
  });
  const page = await context.newPage();
  await page.goto(edit(draft));
  const text = description(page);
  await expect(text).toHaveAttribute('contenteditable', 'true');
  await text.tap();
  const keyboard = await context.newCDPSession(page);
  const compose = (text: string, more: object = {}) =>
    keyboard.send('Input.imeSetComposition', {
      text,
      selectionStart: text.length,
      selectionEnd: text.length,
      ...more,
    });
  const commit = (text: string) => keyboard.send('Input.insertText', { text });
  // Letters come as one word that grows, and a suggestion takes its place.
  for (const part of ['A', 'Ad', 'Adv', 'Advr', 'Advrs']) await compose(part);
  await expect(text).toHaveText('Advrs');
  await commit('Adversaries ');
  for (const part of ['m', 'ma', 'maj', 'ma', 'may']) await compose(part);
  await commit('may');
  await commit(' whistlee');
  await page.keyboard.press('Backspace');
  await commit('.');
  await expect(text).toHaveText('Adversaries may whistle.');
  // A word that is there is put together anew: autocorrect.
  await compose('hum.', { replacementStart: 16, replacementEnd: 24 });
  await commit('hum.');
  await expect(text).toHaveText('Adversaries may hum.');
  await page.keyboard.press('Enter');
  await expect(text.locator('.cm-line')).toHaveCount(2);
  for (const part of ['語', '語り', '語りT']) await compose(part);
  await commit('語り ');
  await commit('T1055');
  await page.getByRole('listbox', { name: 'Completions' }).getByRole('option').first().tap();
  await expect(text).toHaveText('Adversaries may hum.語り (LinkById: T1055)');
  await saved(page);
  const { content } = await room.ana.api<{ content: { description: object } }>(
    'GET',
    `${draft}/draft`,
  );
  expect(content.description).toEqual({
    text: 'Adversaries may hum.\n語り (LinkById: T1055)',
  });
  await context.close();
});
