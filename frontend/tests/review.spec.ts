import type { Locator, Page } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { looks } from './looks';
import { join, makeWorkshop, newPerson, propose, revise, signIn, type Person } from './people';
import { expect, test as base } from './server';

interface Cast {
  workshop: string;
  author: Person;
  reviewer: Person;
  maintainer: Person;
}

/** A workshop with an author, a reviewer and a maintainer: a sign-in link works once. */
const test = base.extend<object, { cast: Cast }>({
  cast: [
    async ({ browser, server }, use) => {
      const [host, author, reviewer, maintainer] = [
        await newPerson(browser, server.url),
        await newPerson(browser, server.url),
        await newPerson(browser, server.url),
        await newPerson(browser, server.url),
      ];
      await signIn(host, server.links[0] ?? '');
      const workshop = await makeWorkshop(host, 'Review workshop');
      await join(author, host, workshop, 'Ana Duarte');
      await join(reviewer, host, workshop, 'Bo Lindqvist', ['reviewer']);
      await join(maintainer, host, workshop, 'Cy Okafor', ['maintainer']);
      await use({ workshop: workshop.id, author, reviewer, maintainer });
      for (const person of [host, author, reviewer, maintainer])
        await person.page.context().close();
    },
    { scope: 'worker' },
  ],
});

const state = (page: Page) => page.getByTestId('state').first();
const message = (page: Page) => page.getByRole('textbox', { name: /^Your message/ });
const log = (page: Page) => page.getByRole('log', { name: 'Messages' });
const synced = (page: Page) => expect(page.getByText('In sync')).toBeVisible();

async function send(page: Page, text: string) {
  await message(page).fill(text);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
}

/** Selects words of a field as a pointer would. */
const select = (page: Page, field: string, words: string) =>
  page.locator(`[data-words-of="${field}"]`).evaluate((box, words) => {
    const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const at = walker.currentNode.textContent?.indexOf(words) ?? -1;
      if (at >= 0)
        getSelection()?.setBaseAndExtent(
          walker.currentNode,
          at,
          walker.currentNode,
          at + words.length,
        );
    }
  }, words);

async function download(page: Page, link: Locator): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent('download'), link.click()]);
  return readFile(await file.path(), 'utf8');
}

const clipboards = {
  name: { text: 'Abuse of Shared Clipboards' },
  tactics: { list: ['collection', 'exfiltration'] },
  platforms: { list: ['Windows', 'macOS'] },
  description: { text: 'Adversaries may read the clipboard that a remote session shares.' },
};
const timers = {
  name: { text: 'Timers of a Made-Up Scheduler' },
  tactics: { list: ['persistence'] },
  platforms: { list: ['Linux'] },
  description: { text: 'Adversaries may abuse timers of a scheduler.' },
};

test('people discuss and review live, and a maintainer publishes', async ({ cast }) => {
  test.setTimeout(180_000);
  const { workshop, author, reviewer, maintainer } = cast;
  const [ana, bo, cy] = [author.page, reviewer.page, maintainer.page];
  const room = `/w/${workshop}`;
  let id = '';
  let sub = '';

  await test.step('an empty workshop says what to do', async () => {
    for (const [path, words] of [
      ['proposals', 'Nobody has proposed anything yet'],
      ['queue', 'Nothing waits. New proposals'],
      ['releases', 'No release yet'],
    ]) {
      await bo.goto(`${room}/${path}`);
      await expect(bo.getByText(words ?? '')).toBeVisible();
    }
    await synced(bo);
  });

  await test.step('a proposal shows up in the list and in the navigation without reload', async () => {
    await bo.goto(`${room}/proposals`);
    await synced(bo);
    id = await propose(author, workshop, 'technique', '', clipboards, 'No technique covers it.');
    await expect(bo.getByRole('link', { name: 'Abuse of Shared Clipboards' })).toBeVisible();
    await expect(bo.getByRole('link', { name: 'Queue 1 waits for you' })).toBeVisible();
    await looks(bo, 'proposals');
    await bo.getByLabel('State').selectOption('Accepted');
    await expect(bo.getByText('No proposal fits these filters.')).toBeVisible();
    expect(bo.url()).toContain('state=accepted');
    await bo.getByRole('button', { name: 'Clear the filters' }).click();
    await bo.getByRole('link', { name: 'Abuse of Shared Clipboards' }).click();
    await ana.goto(`${room}/proposals/${id}`);
  });

  await test.step('two browsers discuss it, on the whole and on a field', async () => {
    await synced(ana);
    await expect(ana.getByText('Bo Lindqvist is looking at this too')).toBeVisible();
    await bo.getByRole('button', { name: 'Discuss Description' }).click();
    await expect(message(bo)).toBeFocused();
    await send(bo, 'Is this about **RDP** only?');
    await expect(log(ana).getByText('Is this about RDP only?')).toBeVisible();
    await expect(log(ana).getByRole('link', { name: 'Description' })).toBeVisible();
    await send(ana, 'No, about all remote sessions.');
    await bo.getByRole('button', { name: 'Show the whole discussion' }).click();
    await expect(log(bo).getByText('No, about all remote sessions.')).toHaveCount(1);
  });

  await test.step('a blocking thread holds it up until it is resolved', async () => {
    const approve = bo.getByRole('button', { name: 'Approve', exact: true });
    await expect(approve).toBeEnabled();
    await log(bo).getByRole('button', { name: 'Mark as blocking' }).first().click();
    await expect(approve).toBeDisabled();
    const held = 'A thread of its discussion is marked as blocking';
    await expect(bo.getByRole('status').filter({ hasText: held })).toBeVisible();
    await expect(log(ana)).toContainText('Blocking says Bo Lindqvist');
    await looks(bo, 'blocking');
    await log(ana).getByRole('button', { name: 'Resolve the thread' }).first().click();
    await expect(approve).toBeEnabled();
    await expect(log(bo)).toContainText('Resolved by Ana Duarte');
    await log(bo)
      .getByRole('button', { name: /^Show \d/ })
      .click();
    await looks(bo, 'resolved');
  });

  await test.step('what is written without a connection is kept and sent once', async () => {
    await ana.context().setOffline(true);
    await expect(ana.getByText('Offline', { exact: true })).toBeVisible();
    await send(ana, 'Written in a tunnel.');
    await expect(ana.getByText(/^Not sent/)).toBeVisible();
    await send(bo, 'Said meanwhile.');
    await message(ana).fill('Half a sentence');
    await ana.context().setOffline(false);
    await expect(log(ana).getByText('Said meanwhile.')).toHaveCount(1);
    await expect(log(bo).getByText('Written in a tunnel.')).toHaveCount(1);
    await expect(ana.getByText(/^Not sent/)).toHaveCount(0);
    await ana.reload();
    await expect(message(ana)).toHaveValue('Half a sentence');
    await expect(log(ana).getByText('Written in a tunnel.')).toHaveCount(1);
    await looks(ana, 'proposal-author');
  });

  await test.step('words of the text are discussed, chosen there or typed', async () => {
    await select(bo, 'description', 'the clipboard');
    await bo.getByRole('button', { name: 'Discuss these words' }).click();
    await expect(bo.getByText('About “the clipboard”')).toBeVisible();
    await looks(bo, 'words-chosen');
    await send(bo, 'Which one?');
    await expect(log(ana).getByRole('link', { name: '“the clipboard”' })).toBeVisible();
    const marked = ana.getByRole('link', { name: 'the clipboard', exact: true });
    await marked.click();
    await expect(ana).toHaveURL(/#message-/);
    await bo.getByText('Only about some words of it').click();
    const words = bo.getByLabel('The words, as they stand in the text');
    await words.fill('a local session');
    await words.press('Enter');
    await expect(bo.getByText('The text does not have these words.')).toBeVisible();
    await words.fill('remote ');
    await words.press('Enter');
    await send(bo, 'How remote?');
    await expect(log(ana).getByRole('link', { name: '“remote”' })).toBeVisible();
    await bo.getByRole('button', { name: 'Show the whole discussion' }).click();
  });

  await test.step('the author has no verdict; the reviewer asks for a change by key', async () => {
    await expect(ana.getByRole('button', { name: 'Approve' })).toHaveCount(0);
    await message(bo).press('a');
    await expect(bo.getByRole('dialog')).toHaveCount(0);
    await message(bo).fill('');
    await bo.getByRole('heading', { level: 1 }).click();
    await bo.keyboard.press('?');
    await expect(bo.getByRole('dialog', { name: 'Keys on this page' })).toBeVisible();
    await bo.keyboard.press('Escape');
    await bo.keyboard.press('r');
    const dialog = bo.getByRole('dialog', { name: /^Request changes/ });
    await dialog.getByRole('button', { name: 'Request changes' }).click();
    await expect(dialog.getByText('Write a note, so that the author can act on it.')).toBeVisible();
    await dialog.getByLabel('What has to change, and why').fill('Name **one** platform only.');
    await looks(bo, 'verdict');
    await dialog.getByRole('button', { name: 'Request changes' }).click();
    await expect(state(ana)).toHaveText('Changes requested');
    await expect(ana.getByText('Name one platform only.')).toBeVisible();
    await expect(ana.getByRole('link', { name: 'Edit', exact: true })).toBeVisible();
    await expect(ana.getByText(/^Your turn/)).toBeVisible();
  });

  await test.step('the revision arrives, and can be compared with the one before', async () => {
    const better = { ...clipboards, platforms: { list: ['Windows'] } };
    await revise(author, workshop, id, better, 'Windows only now.');
    await expect(state(bo)).toHaveText('Submitted');
    await expect(bo.getByText('Windows only now.')).toBeVisible();
    await bo.getByLabel('against').selectOption('revision 1');
    await expect(bo.getByRole('listitem').filter({ hasText: 'removed macOS' })).toBeVisible();
    await expect(bo.getByText(/fields unchanged/)).toBeVisible();
    await looks(bo, 'proposal-compare');
    await bo.getByRole('button', { name: 'How it will read' }).click();
    await bo.getByLabel('against').selectOption({ index: 0 });
    await expect(bo.getByRole('region', { name: 'Description after' })).toBeVisible();
  });

  await test.step('a verdict on a revision that was superseded is explained', async () => {
    const path = `/workshops/${workshop}/proposals/${id}`;
    await bo.getByRole('button', { name: 'Approve' }).click();
    const dialog = bo.getByRole('dialog', { name: /^Approve/ });
    await dialog.getByLabel(/^Note/).fill('Well done.');
    await maintainer.api('POST', `${path}/request-changes`, {
      revision: 2,
      note: 'Say since when.',
    });
    await expect(state(ana)).toHaveText('Changes requested');
    const platforms = async () => {
      const draft = await author.api<{ content: { platforms: { list: string[] } } }>(
        'GET',
        `${path}/draft`,
      );
      return draft.content.platforms.list;
    };
    await ana.getByRole('combobox', { name: 'Revision' }).selectOption({ index: 1 });
    await ana.getByRole('button', { name: 'Put revision 1 back into my draft' }).click();
    await expect(ana.getByText('Your draft says what revision 1 says.')).toBeVisible();
    expect(await platforms()).toEqual(clipboards.platforms.list);
    await looks(ana, 'proposal-restored');
    await ana.getByRole('button', { name: 'Undo' }).click();
    await expect(ana.getByRole('button', { name: 'Put revision 1 back' })).toBeVisible();
    expect(await platforms()).toEqual(['Windows']);
    const dated = { ...clipboards, platforms: { list: ['Windows'] } };
    const text = clipboards.description.text.replace('remote ', '');
    dated.description = { text: `Often, ${text} Seen since 2024.` };
    await revise(author, workshop, id, dated, 'With a year.');
    await expect(dialog.getByText(/Revision 3 was submitted/)).toBeVisible();
    await dialog.getByRole('button', { name: 'Show what changed' }).click();
    await expect(bo.locator('ins', { hasText: 'Seen since 2024.' })).toBeVisible();
    await expect(bo.getByRole('link', { name: 'the clipboard', exact: true })).toBeVisible();
    await expect(log(bo)).toContainText('These words are no longer in the text');
    await expect(log(bo).locator('s')).toHaveText('remote');
    await looks(bo, 'words-gone');
    await bo.getByRole('button', { name: 'Approve' }).click();
    await expect(dialog.getByLabel(/^Note/)).toHaveValue('Well done.');
    await bo.keyboard.press('Escape');
  });

  await test.step('the queue is worked by keys, and follows what others decide', async () => {
    const scheduled = await author.api<{ object: { stix_id: string } }>('GET', '/objects/T1053');
    const parent = scheduled.object.stix_id;
    sub = await propose(author, workshop, 'sub-technique', parent, timers, 'A gap.');
    await propose(
      author,
      workshop,
      'refinement',
      parent,
      { platforms: { list: ['Linux'] } },
      'Less.',
    );
    await bo.goto(`${room}/queue`);
    await synced(bo);
    const rows = bo.getByRole('list', { name: 'What waits' }).getByRole('listitem');
    await expect(rows).toHaveCount(3);
    // The one that was revised for Cy waits for Cy; Bo may decide on it all the same.
    await expect(bo.getByRole('status').filter({ hasText: '2 wait for you' })).toBeVisible();
    await maintainer.api('POST', `/workshops/${workshop}/proposals/${sub}/approve`, {
      revision: 1,
      note: '',
    });
    await expect(rows.filter({ hasText: 'Cy Okafor approved' })).toBeVisible();
    await looks(bo, 'queue');
    await bo.getByRole('heading', { name: 'Queue' }).click();
    const current = bo.locator('[data-queue] a[aria-current]');
    for (const key of ['j', 'j', 'k', 'j']) await bo.keyboard.press(key);
    await expect(current).toHaveText('Abuse of Shared Clipboards');
    await bo.keyboard.press('a');
    await bo.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await expect(rows.filter({ hasText: 'You approved' })).toHaveText(/Abuse of Shared Clipboards/);
    await expect(current).toHaveText('Scheduled Task/Job');
    await expect(bo.getByRole('status').filter({ hasText: '1 waits for you' })).toBeVisible();
    await bo.keyboard.press('Enter');
    await expect(bo.getByRole('heading', { level: 1 })).toHaveText('Scheduled Task/Job');
    await expect(state(ana)).toHaveText('Accepted');
  });

  await test.step('a reviewer writes in what was approved; its author accepts, and says how to be named', async () => {
    const page = `${room}/proposals/${sub}`;
    await bo.goto(page);
    await synced(bo);
    await bo.getByRole('button', { name: 'Discuss Description' }).click();
    await bo.getByRole('button', { name: 'Suggest another text' }).click();
    const dialog = bo.getByRole('dialog', { name: /^Suggest a text/ });
    await expect(dialog.getByLabel('Name', { exact: true })).toHaveCount(0);
    await dialog
      .getByLabel('Description')
      .fill(`${timers.description.text} They outlive a restart.`);
    await dialog.getByLabel('Why').fill('So that it is said **why**.');
    await looks(bo, 'suggest');
    await dialog.getByRole('button', { name: 'Send to its authors' }).click();
    await ana.goto(page);
    const suggested = ana.getByRole('region', { name: 'Suggested text' });
    await expect(suggested.locator('ins', { hasText: 'They outlive a restart.' })).toBeVisible();
    await expect(ana.getByText(/^Your turn/)).toBeVisible();
    await looks(ana, 'suggestion');
    await ana.getByRole('button', { name: 'Discuss Description' }).click();
    const beside = ana.getByRole('region', { name: 'Suggested text for it' });
    await expect(beside.locator('ins', { hasText: 'They outlive a restart.' })).toBeVisible();
    await looks(ana, 'suggestion-beside');
    const text = ana.locator('[data-words-of="description"]');
    await expect(text).not.toContainText('They outlive a restart.');
    await beside.getByRole('button', { name: 'Accept this text' }).click();
    await expect(state(ana)).toHaveText('Submitted');
    await expect(text).toContainText('They outlive a restart.');
    await expect(beside).toHaveCount(0);
    await expect(ana.getByRole('region', { name: 'Credit' })).toContainText(
      /Bo Lindqvist[^]*suggested text/,
    );
    await expect(suggested.getByRole('button', { name: /^Undo/ })).toBeVisible();
    await expect(bo.getByRole('region', { name: 'Suggested text' })).toContainText('taken');
    await expect(bo.getByRole('button', { name: 'Approve' })).toHaveCount(0);
    const credit = ana.getByRole('region', { name: 'Credit' });
    await credit.getByLabel('Yes, name me').check();
    await credit.getByLabel('As', { exact: true }).fill('Ana D., Example CERT');
    await looks(ana, 'credit');
    await credit.getByRole('button', { name: 'Save' }).click();
    await expect(credit.getByText('You are named as Ana D., Example CERT')).toBeVisible();
    await expect(bo.getByText('Named as Ana D., Example CERT')).toBeVisible();
    await bo.getByLabel('No, leave me out').check();
    await bo.getByRole('button', { name: 'Save' }).click();
    await expect(bo.getByText(/You are not named\s*$/)).toBeVisible();
    const again = { revision: 2, note: '' };
    await maintainer.api('POST', `/workshops/${workshop}/proposals/${sub}/approve`, again);
    await expect(state(ana)).toHaveText('Accepted');
  });

  await test.step('the matrix shows what is proposed', async () => {
    await ana.getByRole('link', { name: 'Matrix' }).click();
    await expect(ana.getByRole('link', { name: /NEW-1.*proposed/ })).toHaveCount(2);
    await looks(ana, 'matrix');
  });

  await test.step('the maintainer opens a release, takes one off, and puts it on again', async () => {
    await cy.goto(`${room}/releases`);
    await cy.getByLabel('Name', { exact: true }).fill('Winter release');
    await cy.getByLabel('Notes').fill('What we agreed on.');
    await cy.getByRole('button', { name: 'Open a release' }).click();
    await expect(cy.getByRole('heading', { level: 1 })).toHaveText('Winter release');
    await cy
      .getByRole('button', { name: /Take #\d+ off the release/ })
      .first()
      .click();
    await cy.getByRole('button', { name: /Put #\d+ on the release/ }).click();
    await expect(cy.getByRole('button', { name: /Take #\d+ off the release/ })).toHaveCount(2);
    await expect(cy.getByText('T9000').first()).toBeVisible();
    await expect(cy.getByText('Will be named: Ana D., Example CERT')).toBeVisible();
    await looks(cy, 'release-open');
  });

  await test.step('publishing says what will happen, and all see it', async () => {
    await bo.goto(`${room}/releases`);
    await expect(bo.getByText('Open', { exact: true })).toBeVisible();
    await synced(bo);
    await cy.getByRole('button', { name: 'Publish…' }).click();
    const dialog = cy.getByRole('dialog', { name: 'Publish Winter release?' });
    await expect(dialog.getByText(/2 proposals become part of the release/)).toBeVisible();
    await dialog.getByRole('button', { name: 'Publish for good' }).click();
    await expect(cy.getByRole('heading', { name: 'Downloads' })).toBeVisible({ timeout: 30_000 });
    await expect(bo.getByText('Published', { exact: true })).toBeVisible();
    await looks(cy, 'release-published');
    await looks(bo, 'releases');
  });

  await test.step('the downloads hold what was agreed', async () => {
    const bundle = await download(cy, cy.getByRole('link', { name: /^Whole bundle/ }));
    const delta = await download(cy, cy.getByRole('link', { name: /^Delta/ }));
    const changelog = await download(cy, cy.getByRole('link', { name: /^Changelog/ }));
    const objects = (text: string) =>
      (JSON.parse(text) as { objects: { name?: string; x_mitre_contributors?: string[] }[] })
        .objects;
    const named = (name: string) =>
      objects(delta).find((one) => one.name === name)?.x_mitre_contributors;
    expect(named(timers.name.text)).toEqual(['Ana D., Example CERT']);
    expect(named(clipboards.name.text)).toBeUndefined();
    for (const text of [bundle, delta])
      expect(objects(text).map((one) => one.name)).toContain('Abuse of Shared Clipboards');
    expect(objects(bundle).length).toBeGreaterThan(24_000);
    expect(objects(delta).length).toBeLessThan(100);
    expect(changelog).toContain('T9000');
  });

  await test.step('the new technique is in the matrix, with its proposal beside it', async () => {
    await ana.getByLabel('Filter by text').fill('Clipboards');
    await ana.getByRole('link', { name: /T9000/ }).first().click();
    await expect(ana.getByRole('heading', { level: 1 })).toHaveText('Abuse of Shared Clipboards');
    await expect(ana.getByRole('heading', { name: /Proposals about this/ })).toBeVisible();
    await looks(ana, 'object');
    await bo.getByRole('link', { name: 'Room' }).click();
    await expect(bo.getByText(/published the release/)).toBeVisible();
    await looks(bo, 'room');
  });
});
