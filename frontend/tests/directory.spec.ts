import { looks } from './looks';
import { join, makeWorkshop, newPerson, propose, signIn } from './people';
import { expect, test } from './server';

test.use({ demo: true });

const technique = {
  tactics: { list: ['collection'] },
  platforms: { list: ['Linux'] },
  description: { text: 'Adversaries may listen to a kettle.' },
};

test('people say who they are, meet, and exchange contacts', async ({ browser, server }) => {
  const host = await newPerson(browser, server.url);
  await signIn(host, server.host('Fay'));
  const workshop = await makeWorkshop(host, 'Who is who');
  const [ana, bo] = [await newPerson(browser, server.url), await newPerson(browser, server.url)];
  await join(ana, host, workshop, 'Ana');
  await join(bo, host, workshop, 'Bo');
  const home = `/w/${workshop.id}/people`;

  await test.step('a card is written, and seen once it is shown', async () => {
    await bo.page.goto(home);
    const { page } = ana;
    await page.goto(`/w/${workshop.id}`);
    await page.getByRole('link', { name: 'Who is who' }).click();
    await page.getByLabel('I can help with').fill('Reverse engineering.');
    await page.getByRole('checkbox', { name: /^Persistence/ }).check();
    await page.getByRole('checkbox', { name: /^Linux/ }).check();
    await page.getByLabel('Groups').fill('APT29');
    await page.getByRole('option', { name: /APT29/ }).click();
    await page.getByLabel('Web address').fill('javascript:alert(1)');
    await page.getByRole('checkbox', { name: /^Show my card/ }).check();
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('alert')).toContainText('begins with https://');
    await page.getByLabel('Web address').fill('https://example.org/ana');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('The workshop sees your card')).toBeVisible();
    await expect(bo.page.getByText('Reverse engineering.')).toBeVisible();
    await expect(bo.page.getByText('https://example.org/ana')).toHaveCount(0);
  });

  await test.step('who has something in common is told why', async () => {
    const { page } = bo;
    await page.getByRole('checkbox', { name: /^Linux/ }).check();
    await page.getByLabel('E-mail').fill('bo@example.org');
    await page.getByRole('checkbox', { name: /^Show my card/ }).check();
    await page.getByRole('button', { name: 'Save' }).click();
    const meet = page.getByRole('region', { name: 'People you should talk to' });
    await expect(meet).toContainText('Both of you care about Linux.');
    await expect(ana.page.getByRole('region', { name: 'People you should talk to' })).toContainText(
      'Bo',
    );
    await page.getByLabel('Look for people').fill('reverse');
    await expect(page).toHaveURL(/q=reverse/);
    await expect(page.getByRole('region', { name: /^Found/ }).getByRole('heading')).toHaveText([
      /Found/,
      /Ana/,
    ]);
    await page.getByLabel('Look for people').fill('');
  });

  await test.step('contacts are exchanged where both want it', async () => {
    await bo.page.getByRole('button', { name: 'Exchange contacts with Ana' }).first().click();
    await expect(bo.page.getByTestId('contact')).toContainText('Waits for an answer.');
    await ana.page.getByRole('button', { name: 'Exchange with Bo' }).click(); // told live
    await expect(ana.page.getByTestId('contact')).toContainText('bo@example.org');
    await expect(bo.page.getByTestId('contact')).toContainText('https://example.org/ana');
    await looks(ana.page, 'people');
    const wanted = ana.page.waitForEvent('download');
    await ana.page.getByRole('link', { name: 'vCard of Bo' }).click();
    expect((await wanted).suggestedFilename()).toBe('contacts.vcf');
  });

  await test.step('who is mentioned and what is linked have a card, by pointer and by key', async () => {
    const { page } = bo;
    const kettles = { name: { text: 'Kettle Whistling' } };
    await propose(
      ana,
      workshop.id,
      'technique',
      '',
      { ...kettles, ...technique },
      'Nobody listens.',
    );
    const asked: string[] = [];
    page.on('request', (r) => r.url().endsWith('/card') && asked.push(r.url()));
    await page.goto(`/w/${workshop.id}`);
    await bo.api('POST', `/workshops/${workshop.id}/messages`, {
      body: '@Ana, is #1 about T1055?',
    });
    const log = page.getByRole('log');
    const card = page.getByRole('tooltip');
    await log.getByRole('link', { name: '#1' }).hover();
    await expect(card).toContainText('Kettle Whistling');
    await expect(card).toContainText('Nobody listens.');
    expect(asked).toEqual([]);
    await page.keyboard.press('Escape');
    await expect(card).toBeHidden();
    const mention = log.getByRole('link', { name: '@Ana' });
    await mention.focus();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Tab');
    await expect(mention).toBeFocused();
    await expect(card).toContainText('Reverse engineering.');
    await expect(card).not.toContainText('example.org');
    await looks(page, 'person-card');
    await page.keyboard.press('Escape');
    await mention.hover();
    await expect(card).toContainText('Reverse engineering.');
    expect(asked).toHaveLength(1);
    const hidden = { shown: false, offers: 'Reverse engineering.', seeks: '', interests: [] };
    const contact = { email: '', phone: '', web: '', other: '' };
    await ana.api('PUT', `/workshops/${workshop.id}/people/me`, { card: hidden, contact });
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1 }).hover();
    await mention.hover();
    await expect(card).toContainText('nothing more');
    await expect(card).not.toContainText('Reverse engineering.');
    await mention.click();
    await expect(page).toHaveURL(`${home}#person-${ana.id}`);
    await expect(page.locator(`#person-${ana.id}`)).toBeInViewport();
  });

  await test.step('a note stays on the device', async () => {
    const { page } = bo;
    const note = page.getByLabel('My note about Ana').first();
    await page.getByText('My note').first().click();
    await note.fill('Knows kettles.');
    const sent: string[] = [];
    page.on('request', (request) => sent.push(request.postData() ?? ''));
    await page.reload();
    await page.getByText('My note').first().click();
    await expect(note).toHaveValue('Knows kettles.');
    expect(sent.join('')).not.toContain('kettles');
  });
});
