import type { Page } from '@playwright/test';
import { accessible, looks } from './looks';
import { makeWorkshop, newPerson, signIn, type Person } from './people';
import { expect, test as base } from './server';

const test = base.extend<object, { ana: Person }>({
  ana: [
    async ({ browser, server }, use) => {
      const ana = await newPerson(browser, server.url);
      await signIn(ana, server.links[0] ?? '');
      await use(ana);
      await ana.page.context().close();
    },
    { scope: 'worker' },
  ],
});

const results = (page: Page) => page.getByRole('region', { name: 'Results' }).getByRole('listitem');
const field = (page: Page) => page.getByRole('main').getByRole('searchbox', { name: 'Search' });

test('the search box: mistakes, highlights, through whom, and all results', async ({ ana }) => {
  const { page } = ana;
  const workshop = await makeWorkshop(ana, 'Finding');
  await page.goto(`/w/${workshop.id}`);
  await expect(page.getByRole('heading', { name: 'Finding' })).toBeVisible();
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Search' });
  const options = palette.getByRole('option');
  await palette.getByRole('combobox').fill('mimikats');
  await expect(options.first()).toContainText('S0002 Mimikatz');
  await expect(options.first().locator('mark')).toHaveText(['Mimikatz']);
  await palette.getByRole('combobox').fill('apt29 encoded powershell cozycar');
  await expect(options.first()).toContainText(/Uses T1059\.001 PowerShell|G0016 APT29 uses this/);
  await looks(page, 'palette');
  await palette.getByRole('combobox').fill('no such words zzzz');
  await expect(palette.getByRole('status')).toContainText(/have the most of them|Nothing found/);
  await palette.getByRole('combobox').fill('injection');
  await expect(options.first()).toContainText('Injection');
  await expect(options.last()).toContainText(/All results: \d+ objects/);
  await page.keyboard.press('ArrowUp'); // round to the last one
  await expect(options.last()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`/search?q=injection&w=${workshop.id}`);
  await expect(results(page).first()).toContainText('Injection');
});

test('the page of results: facets in the link, keyboard, phone', async ({ ana }, info) => {
  const { page } = ana;
  await page.goto('/search');
  await expect(page.getByText('Type an id such as T1059')).toBeVisible();
  await accessible(page);
  await field(page).fill('process inject');
  await expect(results(page).first()).toContainText('T1055');
  await expect(page).toHaveURL('/search?q=process+inject');
  await looks(page, 'results');

  const total = page.getByRole('main').getByRole('status');
  const side = page.locator('.wide-only');
  const mitigation = side
    .getByRole('group', { name: 'Type' })
    .getByRole('checkbox', { name: /^Mitigation/ });
  const promised = await mitigation.locator('xpath=..').innerText();
  await mitigation.check();
  await expect(page).toHaveURL('/search?q=process+inject&type=course-of-action');
  await expect(results(page).first()).toContainText('Mitigation');
  await expect(total).toContainText(`${/\d+/.exec(promised)?.[0]} object`);
  await side
    .getByRole('group', { name: 'Type' })
    .getByRole('checkbox', { name: /^Group/ })
    .check();
  await expect(page).toHaveURL(/type=course-of-action&type=intrusion-set$/);
  await page.reload(); // the link says it all
  await expect(field(page)).toHaveValue('process inject');
  await expect(mitigation).toBeChecked();
  await page.goBack();
  await expect(side.getByRole('checkbox', { name: /^Group/ })).not.toBeChecked();
  await side.getByRole('button', { name: 'Clear the filter' }).click();
  await expect(page).toHaveURL('/search?q=process+inject');

  await field(page).focus();
  await page.keyboard.press('ArrowDown');
  await expect(results(page).first().getByRole('link')).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(results(page).nth(1).getByRole('link')).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await expect(field(page)).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/objects/T1055');

  await page.setViewportSize({ width: 320, height: 700 });
  await page.goto('/search?q=injection&platform=Windows');
  const fold = page.locator('details.fold');
  await expect(fold.getByText('Filters (1)')).toBeVisible();
  await fold.getByText('Filters (1)').click();
  await expect(fold.getByRole('checkbox', { name: /^Windows/ })).toBeChecked();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  await page.screenshot({ path: `${info.outputDir}/facets-320.png`, fullPage: true });
  await accessible(page);
  await page.setViewportSize({ width: 1280, height: 800 });
});

test('nothing found, and a server that does not answer', async ({ ana }) => {
  const { page } = ana;
  await page.goto('/search?q=qzxqzx&tactic=persistence');
  await expect(page.getByText('Nothing found for “qzxqzx” with this filter.')).toBeVisible();
  await page.getByRole('link', { name: 'Clear the filters' }).click();
  await expect(page.getByText('Try an id, fewer words')).toBeVisible();
  await looks(page, 'nothing');

  await page.goto('/search?q=injection');
  await expect(results(page)).toHaveCount(50);
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect(results(page)).toHaveCount(100);
  await page.route('**/api/search?*', (route) => route.abort());
  await field(page).fill('hijacking');
  await expect(page.getByRole('alert')).toContainText('The server can not be reached');
  await expect(field(page)).toHaveValue('hijacking');
  await page.unroute('**/api/search?*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(results(page).first()).toContainText('Hijack');
});

test('a proposal shows what is like it, by name and description, and why', async ({ ana }) => {
  const { page } = ana;
  const workshop = await makeWorkshop(ana, 'Likeness');
  await page.goto(`/w/${workshop.id}/propose`);
  await page
    .getByRole('link', { name: 'New technique' })
    .or(page.getByRole('button', { name: 'New technique' }))
    .first()
    .click();
  await expect(page).toHaveURL(/\/proposals\/[^/]+\/edit$/);
  const similar = page.getByRole('region', { name: 'Similar objects' });
  await page.getByRole('textbox', { name: 'Name' }).fill('One password for all');
  await page
    .getByRole('textbox', { name: 'Description' })
    .fill(
      'Instead of guessing many passwords of one user, a common one is tried on a long list of accounts, so that nobody is locked out.',
    );
  await expect(similar).toContainText('T1110.003');
  await expect(similar).toContainText('accounts');
  await expect(similar).not.toContainText('Likely the same');
  await page.getByRole('textbox', { name: 'Name' }).fill('Password Spraying');
  await expect(similar).toContainText('Likely the same');
  await looks(page, 'similar');
});
