import type { Page } from '@playwright/test';
import { expect, test } from './server';

/** Takes the page at desktop, 390 px and dark, for a person to look at. */
async function shots(page: Page, name: string, folder: string) {
  await page.screenshot({ path: `${folder}/${name}-desktop.png` });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.screenshot({ path: `${folder}/${name}-390.png` });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow, `${name} is wider than a phone`).toBeLessThanOrEqual(0);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.screenshot({ path: `${folder}/${name}-dark.png` });
  await page.emulateMedia({ colorScheme: 'light' });
}

test('a workshop is made, three people join, and they read the matrix', async ({
  browser,
  page,
  server,
}, info) => {
  const folder = info.outputDir;
  const facilitator = server.links[0];
  if (!facilitator) throw new Error('the server printed no sign-in link');
  await page.goto(facilitator);
  await expect(page.getByRole('heading', { name: 'My workshops' })).toBeVisible();
  await page.getByRole('link', { name: 'New workshop' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Winter workshop');
  await page.getByLabel('Place').fill('Lisbon');
  await page.getByRole('button', { name: 'Add an item' }).click();
  await page.getByLabel('Item 1', { exact: true }).fill('Welcome');
  await page.getByRole('button', { name: 'Create the workshop' }).click();
  await expect(page.getByRole('heading', { name: 'Winter workshop' })).toBeVisible();
  await expect(page.getByRole('img', { name: 'QR code of the join link' })).toBeVisible();
  const code = await page.getByTestId('join-code').innerText();

  for (const name of ['Ana', 'Bo', 'Cleo']) {
    const context = await browser.newContext({ baseURL: server.url });
    const guest = await context.newPage();
    const start = Date.now();
    await guest.goto('/join');
    await guest.getByLabel('Join code').fill(code);
    await guest.getByRole('button', { name: 'Continue' }).click();
    await guest.getByLabel('Your name').fill(name);
    await guest.getByLabel('Organisation').fill('Example CERT');
    await guest.getByRole('button', { name: 'Enter the room' }).click();
    await expect(guest.getByRole('heading', { name: 'Winter workshop' })).toBeVisible();
    expect(Date.now() - start).toBeLessThan(20_000);
    await expect(page.getByRole('region', { name: /Who is here/ })).toContainText(name);
    await guest.getByLabel('Say something to the room').fill(`Hello from **${name}**`);
    await guest.getByRole('button', { name: 'Send' }).click();
    await expect(page.getByText(`Hello from ${name}`)).toBeVisible();
    await page.context().setOffline(true); // messages of the others are missed, and come afterwards
    await guest.getByLabel('Say something to the room').fill(`Still here, ${name}`);
    await guest.getByRole('button', { name: 'Send' }).click();
    await expect(guest.getByText(`Still here, ${name}`)).toBeVisible();
    await page.context().setOffline(false);
    await expect(page.getByText(`Still here, ${name}`)).toHaveCount(1);
    await context.close();
  }
  await shots(page, 'room', folder);

  await page.getByRole('link', { name: 'Matrix' }).click();
  await page.getByLabel('Filter by text').fill('PowerShell');
  await expect(page.getByRole('link', { name: /T1059\.001/ })).toBeVisible();
  await shots(page, 'matrix', folder);
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Search ids, names and text' }).fill('T1059');
  await expect(
    page.getByRole('dialog', { name: 'Search' }).getByRole('option').first(),
  ).toContainText('T1059');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Command and Scripting');
  await shots(page, 'object', folder);
});
