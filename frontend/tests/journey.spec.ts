import type { Browser, Locator, Page, WebSocketRoute } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shots } from './looks';
import { atelier, expect, test } from './server';

/**
 * The main job from end to end, as its people do it: a facilitator, three participants, one of
 * whom becomes the reviewer, and the facilitator as the maintainer. Nobody touches the API.
 */
const organisations = { Ana: 'Example CERT', Bo: 'Sample Bank', Cleo: 'Made-up University' };

async function enter(
  browser: Browser,
  url: string,
  code: string,
  name: keyof typeof organisations,
) {
  const context = await browser.newContext({ baseURL: url });
  const page = await context.newPage();
  const start = Date.now();
  await page.goto('/join');
  await page.getByLabel('Join code').fill(code);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Your name').fill(name);
  await page.getByLabel('Organisation').fill(organisations[name]);
  await page.getByRole('button', { name: 'Enter the room' }).click();
  await expect(page.getByRole('heading', { name: 'Winter workshop' })).toBeVisible();
  expect(Date.now() - start, 'from the code to the room').toBeLessThan(20_000);
  return page;
}

/** Lets a test cut the websocket of a page, and keep it cut, as a bad network does. */
async function cuttable(page: Page) {
  let cut = false;
  const open = new Set<WebSocketRoute>();
  await page.routeWebSocket(/\/ws$/, (socket) => {
    if (cut) return void socket.close({ code: 1011 });
    socket.connectToServer();
    open.add(socket);
  });
  return {
    cut: async () => {
      cut = true;
      for (const socket of open) await socket.close({ code: 1011 });
      open.clear();
    },
    mend: () => (cut = false),
  };
}

const field = (page: Page, name: string) => page.locator(`[data-field="${name}"]`);

async function reference(page: Page, name: string, url: string) {
  await page.getByRole('button', { name: 'Add a reference', exact: true }).click();
  const last = page.getByLabel('Name to cite it by').last();
  await last.fill(name);
  await page.getByLabel('Address').last().fill(url);
  await page.getByLabel('Source in full').last().fill(`${name}. (2026, May 4). Made up.`);
}

/** Submits the draft of a page and gives the address of its proposal. */
async function submit(page: Page): Promise<string> {
  await page.getByRole('button', { name: /^Submit/ }).click();
  await expect(page).toHaveURL(/\/proposals\/[0-9a-f-]+$/);
  return new URL(page.url()).pathname;
}

async function verdict(page: Page, name: 'Approve' | 'Request changes', note: string) {
  await page.getByRole('button', { name, exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').fill(note);
  await dialog.getByRole('button', { name: /Approve|Request changes/ }).click();
  await expect(dialog).toBeHidden();
}

const visible = (locator: Locator) => expect(locator.first()).toBeVisible();

test('from an empty installation to a release', async ({ browser, page: fay, server }, info) => {
  test.setTimeout(300_000);
  const folder = info.outputDir;
  const refused: string[] = [];
  fay.on('console', (said) => {
    if (said.text().includes('Content Security Policy')) refused.push(said.text());
  });
  const people: Record<string, Page> = {};
  const proposals: Record<string, string> = {};
  let room = '';

  await test.step('1. a facilitator makes a workshop', async () => {
    await fay.goto(server.links[0] ?? '');
    await expect(fay.getByRole('heading', { name: 'My workshops' })).toBeVisible();
    await fay.getByRole('link', { name: 'New workshop' }).click();
    await fay.getByLabel('Name', { exact: true }).fill('Winter workshop');
    await fay.getByLabel('Place', { exact: true }).fill('Lisbon');
    await fay.getByLabel('Traffic light protocol').selectOption('TLP:CLEAR');
    await fay.getByRole('button', { name: 'Add an item' }).click();
    await fay.getByLabel('Item 1', { exact: true }).fill('Welcome');
    await fay.getByRole('button', { name: 'Add an item' }).click();
    await fay.getByLabel('Item 2', { exact: true }).fill('Read in silence');
    await shots(fay, '1-new-workshop', folder);
    await fay.getByRole('button', { name: 'Create the workshop' }).click();
    await expect(fay.getByRole('heading', { name: 'Winter workshop' })).toBeVisible();
    await expect(fay.getByRole('img', { name: 'QR code of the join link' })).toBeVisible();
    room = new URL(fay.url()).pathname;
    const wall = await fay.context().newPage();
    await wall.goto(`${room}/wall`);
    const code = fay.getByTestId('join-code');
    const ended = await code.innerText();
    await expect(wall.getByText(ended)).toBeVisible();
    await fay.getByRole('button', { name: 'New code' }).click();
    await expect(code).not.toHaveText(ended);
    await expect(wall.getByText(await code.innerText())).toBeVisible();
    await expect(fay.getByText('made a new join code')).toBeVisible();
    await shots(wall, '1-wall', folder);
    await wall.close();
  });

  await test.step('2. three participants join by code', async () => {
    const code = await fay.getByTestId('join-code').innerText();
    for (const name of ['Ana', 'Bo', 'Cleo'] as const) {
      people[name] = await enter(browser, server.url, code, name);
      await expect(fay.getByRole('region', { name: /Who is here/ })).toContainText(name);
    }
    const cookies = await people.Ana!.context().cookies();
    expect(cookies.map((c) => [c.httpOnly, c.sameSite])).toEqual([[true, 'Lax']]);
    await people.Ana!.goto('/'); // a later visit
    await people.Ana!.getByRole('link', { name: 'Winter workshop' }).click();
    await expect(people.Ana!.getByRole('heading', { name: 'Winter workshop' })).toBeVisible();
    await shots(fay, '2-room', folder);
    await fay.getByRole('link', { name: 'Settings' }).click();
    await fay.getByLabel('Cleo: reviewer').check();
    await expect(people.Cleo!.getByRole('link', { name: /Queue/ })).toBeVisible();
    const rules = fay.getByRole('region', { name: 'What findings weigh' });
    await rules.locator('summary').filter({ hasText: /^Text/ }).click();
    await rules.getByLabel('Another word than ATT&CK').selectOption('error');
    await expect(rules.getByText('1 changed')).toBeVisible();
    await expect(fay.getByText('The workshop was changed since')).toHaveCount(0);
    await shots(fay, '2-settings', folder);
    await rules.getByRole('button', { name: 'All as usual' }).click();
    await expect(rules.getByText('1 changed')).toHaveCount(0);
  });
  const { Ana: ana, Bo: bo, Cleo: cleo } = people as Record<string, Page>;
  if (!ana || !bo || !cleo) throw new Error('somebody did not come');

  await test.step('3. they read the matrix, search, and open an object', async () => {
    await ana.goto(`${room}/matrix`);
    const columns = ana.getByRole('group', { name: 'Matrix' }).getByRole('heading', { level: 2 });
    await expect(columns.first()).toContainText('Reconnaissance');
    await expect(columns.last()).toContainText('Impact');
    await ana.getByLabel('Filter by text').fill('PowerShell');
    await visible(ana.getByRole('link', { name: /T1059\.001/ }));
    await shots(ana, '3-matrix-filtered', folder);
    await ana.getByLabel('Filter by text').fill('');
    await ana.getByLabel('Platform').selectOption('Containers');
    await expect(ana).toHaveURL(/platform=Containers/);
    await shots(ana, '3-matrix', folder);
    await ana.keyboard.press('Control+k');
    const palette = ana.getByRole('dialog', { name: 'Search' });
    await palette.getByRole('combobox').fill('T1059');
    await expect(palette.getByRole('option').first()).toContainText('T1059');
    await shots(ana, '3-search', folder);
    await ana.keyboard.press('Enter');
    await expect(ana.getByRole('heading', { level: 1 })).toContainText('Command and Scripting');
    for (const section of [
      'Sub-techniques',
      'Procedure examples: groups',
      'Mitigations',
      'References',
    ])
      await visible(ana.getByRole('heading', { name: section }));
    await visible(ana.locator('sup.citation a'));
    await shots(ana, '3-object', folder);
  });

  await test.step('4. each of four kinds is proposed', async () => {
    await ana.goto(room);
    await ana.getByRole('link', { name: 'New technique' }).click();
    await ana.getByRole('textbox', { name: 'Name' }).fill('Process Injektion');
    await expect(ana.getByRole('region', { name: 'Similar objects' })).toContainText('T1055');
    await ana.getByRole('button', { name: 'Submit for review' }).click();
    await expect(field(ana, 'description')).toContainText('Description is missing.');
    await shots(ana, '4-technique-errors', folder);
    await ana.getByRole('textbox', { name: 'Name' }).fill('Kettle Beaconing');
    await ana.getByRole('checkbox', { name: 'Command and Control' }).check();
    await ana.getByRole('checkbox', { name: 'Linux' }).check();
    await reference(ana, 'Steam Report', 'https://example.com/steam');
    await ana
      .getByRole('textbox', { name: 'Description' })
      .fill('Adversaries may signal by the rhythm of **steam**. (Citation: Steam Report)');
    await ana.getByRole('button', { name: 'Preview' }).click();
    await expect(
      ana.getByRole('region', { name: 'Preview of Description' }).locator('sup'),
    ).toHaveText('[1]');
    await shots(ana, '4-technique', folder);
    proposals.technique = await submit(ana);

    await bo.goto(`/objects/T1059?w=${room.slice(3)}`);
    await bo.getByRole('link', { name: 'Add a sub-technique' }).click();
    await bo.getByRole('textbox', { name: 'Name' }).fill('Kettle Script');
    await bo.getByRole('checkbox', { name: 'Linux' }).check();
    await bo
      .getByRole('textbox', { name: 'Description' })
      .fill('Adversaries may abuse the language of kettles. See (LinkById: T1105).');
    await shots(bo, '4-sub-technique', folder);
    proposals.subtechnique = await submit(bo);

    await ana.goto(`/objects/T1203?w=${room.slice(3)}`);
    await ana.getByRole('link', { name: 'Refine this' }).click();
    const text = ana.getByRole('textbox', { name: 'Description' });
    await expect(text).toHaveText(/Office/);
    await text.press('Control+End');
    await text.pressSequentially('\n\nReaders of recipes are among the programs.');
    await ana.getByRole('checkbox', { name: 'Containers' }).check();
    await ana.getByRole('checkbox', { name: 'Persistence' }).check();
    await shots(ana, '4-refinement', folder);
    proposals.refinement = await submit(ana);

    await bo.goto(`/objects/T1566?w=${room.slice(3)}`);
    await bo.getByRole('link', { name: 'Add a procedure example' }).click();
    const who = bo.getByRole('combobox', { name: 'Who' });
    await who.fill('Mustang Panda');
    await bo
      .getByRole('option', { name: /Mustang Panda/ })
      .first()
      .click();
    await reference(bo, 'Mail Report', 'https://example.com/mail');
    await bo
      .getByRole('textbox', { name: 'Description' })
      .fill('[Mustang Panda] sent invitations to tea.(Citation: Mail Report)');
    await shots(bo, '4-procedure-example', folder);
    proposals.example = await submit(bo);
  });

  await test.step('5. they discuss, also over a bad network', async () => {
    const network = await cuttable(ana);
    await ana.goto(proposals.technique ?? '');
    await bo.goto(proposals.technique ?? '');
    await expect(ana.getByText(/Bo.* (is|are) looking|Bo/).first()).toBeVisible();
    const say = async (page: Page, words: string) => {
      await page.getByLabel('Your message').fill(words);
      await page.getByRole('button', { name: 'Send' }).click();
    };
    const start = Date.now();
    await say(bo, 'Is the rhythm **on purpose**?');
    await visible(ana.getByText('Is the rhythm on purpose?'));
    info.annotations.push({ type: 'a message took', description: `${Date.now() - start} ms` });

    await network.cut();
    await expect(ana.getByText('Offline', { exact: true })).toBeVisible();
    await shots(ana, '5-offline', folder);
    for (const words of ['one', 'two', 'three']) {
      await say(bo, `Missed ${words}`);
      await visible(bo.getByText(`Missed ${words}`));
    }
    await expect(ana.getByText('Missed three')).toHaveCount(0);
    network.mend();
    await visible(ana.getByText('Missed three'));
    const messages = ana.getByText(/^Missed (one|two|three)$/);
    expect(await messages.allInnerTexts()).toEqual(['Missed one', 'Missed two', 'Missed three']);
    await expect(ana.getByText('In sync')).toBeVisible();
    await shots(ana, '5-discussion', folder);
  });

  await test.step('6. the reviewer asks for a change, gets it, and approves', async () => {
    await cleo.goto(`${room}/queue`);
    await visible(cleo.getByText('Kettle Beaconing'));
    await visible(cleo.getByText('Kettle Script'));
    await shots(cleo, '6-queue', folder);
    await cleo.goto(proposals.refinement ?? '');
    await expect(cleo.locator('ins').filter({ hasText: 'recipes' })).toBeVisible();
    await shots(cleo, '6-differences', folder);

    await cleo.goto(proposals.technique ?? '');
    await cleo.getByRole('button', { name: 'Start the review' }).click();
    await verdict(cleo, 'Request changes', 'Say what the receiver needs.');
    await visible(ana.getByText('Say what the receiver needs.'));
    await expect(ana.getByRole('button', { name: 'Approve', exact: true })).toHaveCount(0);
    await ana
      .getByRole('link', { name: /Edit|Revise/ })
      .first()
      .click();
    const text = ana.getByRole('textbox', { name: 'Description' });
    await text.press('Control+Home');
    await text.pressSequentially('With a microphone nearby, adversaries hear it. ');
    await shots(ana, '6-revise', folder);
    await submit(ana);
    await visible(cleo.getByText(/microphone/));
    for (const [kind, path] of Object.entries(proposals)) {
      await cleo.goto(path);
      await verdict(cleo, 'Approve', `Good ${kind}.`);
      await visible(cleo.getByText('Accepted', { exact: true }));
    }
    await shots(cleo, '6-approved', folder);
    await bo.goto(room);
    await expect(bo.getByRole('region', { name: 'What happened' })).toContainText('approved');
    await shots(bo, '6-feed', folder);
  });

  await test.step('7. the maintainer publishes, and another installation takes it', async () => {
    await fay.goto(`${room}/releases`);
    await fay.getByLabel('Name', { exact: true }).fill('Winter release');
    await fay.getByRole('button', { name: 'Open a release' }).click();
    await expect(fay).toHaveURL(/\/releases\/[0-9a-f-]+$/);
    for (const id of ['T9000', /T1059\.\d{3}/, 'T1203', 'Mustang Panda'])
      await visible(fay.getByText(id));
    await shots(fay, '7-release', folder);
    await fay.getByRole('button', { name: 'Publish…' }).click();
    await fay.getByRole('button', { name: 'Publish for good' }).click();
    await expect(fay.getByRole('heading', { name: 'Downloads' })).toBeVisible({ timeout: 60_000 });
    await shots(fay, '7-published', folder);
    const [bundle, delta, changelog] = [
      await download(fay, /Whole bundle/, folder),
      await download(fay, /Delta/, folder),
      await download(fay, /Changelog/, folder),
    ];
    expect(readFileSync(changelog, 'utf8')).toContain('Kettle Beaconing');
    const whole = objects(bundle);
    const names = [...whole.values()].map((o) => o.name);
    for (const name of ['Kettle Beaconing', 'Kettle Script']) expect(names).toContain(name);
    expect(whole.size).toBeGreaterThan(24_772);
    for (const [id, one] of objects(delta))
      if (!id.startsWith('x-mitre-collection')) expect(one).toEqual(whole.get(id));

    const other = join(folder, 'other');
    const out = join(folder, 'again.json');
    execFileSync(atelier, ['--data', other, 'import', bundle], { stdio: 'ignore' });
    execFileSync(atelier, [
      '--data',
      other,
      'export',
      '--domain',
      'enterprise-attack',
      '--output',
      out,
    ]);
    expect(
      readFileSync(out).equals(readFileSync(bundle)),
      'the bundle comes out as it went in',
    ).toBe(true);

    await ana.goto(`/objects/T9000?w=${room.slice(3)}`);
    await expect(ana.getByRole('heading', { level: 1 })).toContainText('Kettle Beaconing');
    await shots(ana, '7-new-object', folder);
  });
  expect(refused, 'what the Content-Security-Policy refused').toEqual([]);
  for (const person of Object.values(people)) await person.context().close();
});

async function download(page: Page, name: RegExp, folder: string): Promise<string> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name }).first().click(),
  ]);
  const path = join(folder, file.suggestedFilename());
  await file.saveAs(path);
  return path;
}

type Stix = { id: string; name?: string };

function objects(path: string): Map<string, Stix> {
  const bundle = JSON.parse(readFileSync(path, 'utf8')) as { objects: Stix[] };
  return new Map(bundle.objects.map((o) => [o.id, o]));
}
