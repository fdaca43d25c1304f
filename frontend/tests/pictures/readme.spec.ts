import type { Browser, Page } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { atelier, enterprise, expect, test } from '../server';

test.use({ demo: true });

const roles = [
  'administrator',
  'facilitator',
  'maintainer',
  'reviewer',
  'participant',
  'observer',
] as const;

async function as(browser: Browser, links: string[], role: (typeof roles)[number]) {
  const page = await (await browser.newContext()).newPage();
  await page.setViewportSize({ width: 1200, height: 750 });
  await page.goto(links[roles.indexOf(role)] ?? '');
  await page.getByRole('link', { name: 'Identity and Build Systems' }).click();
  await expect(page.getByText('In sync')).toBeVisible();
  return page;
}

/** The pictures of the README, of the demo workshop. None shows a text of ATT&CK. */
test('the pictures of the README', async ({ browser, server }) => {
  test.setTimeout(120_000);
  const picture = async (page: Page, name: string) => {
    await page.evaluate(() => scrollTo(0, 0)); // the header would lie over the picture
    await page.screenshot({ path: `screenshots/${name}.png`, animations: 'disabled' });
  };

  const facilitator = await as(browser, server.links, 'facilitator');
  const participant = await as(browser, server.links, 'participant');
  const reviewer = await as(browser, server.links, 'reviewer');
  await expect(facilitator.getByRole('region', { name: /Who is here/ })).toContainText('3 of 8');
  await picture(facilitator, 'room');

  const wall = await facilitator.context().newPage();
  await wall.setViewportSize({ width: 1200, height: 750 });
  await wall.goto(`${facilitator.url()}/wall`);
  await expect(wall.getByRole('img', { name: 'QR code of the join link' })).toBeVisible();
  await expect(wall.getByText(/^\s*3\s*of 8 are here/)).toBeVisible();
  await picture(wall, 'wall');
  await wall.close();

  const code = await facilitator.getByTestId('join-code').innerText();
  const guest = await (await browser.newContext()).newPage();
  await guest.setViewportSize({ width: 1200, height: 750 });
  await guest.goto(`${server.url}/join/${code}`);
  await guest.getByLabel('Your name').fill('Ana Example');
  await guest.getByLabel('Organisation').fill('Example CERT');
  await picture(guest, 'join');

  await participant.getByRole('link', { name: 'Matrix' }).click();
  // Columns are drawn in turns; this is in the last that the picture shows.
  const matrix = participant.getByRole('group', { name: 'Matrix' });
  await expect(matrix.getByText('T1548').first()).toBeVisible();
  await picture(participant, 'matrix');

  await reviewer.getByRole('link', { name: /^Queue/ }).click();
  await expect(reviewer.getByRole('heading', { level: 1, name: 'Queue' })).toBeVisible();
  await expect(reviewer.getByRole('button', { name: 'Approve' })).toBeVisible();
  await picture(reviewer, 'queue');

  await reviewer.getByRole('link', { name: 'Proposals' }).click();
  await expect(reviewer.getByRole('heading', { level: 1, name: 'Proposals' })).toBeVisible();
  await reviewer.getByRole('link', { name: 'Compromise Build Cache' }).click();
  await expect(reviewer.getByRole('heading', { name: /^Discussion/ })).toBeVisible();
  await picture(reviewer, 'proposal');

  await participant.getByRole('link', { name: 'Propose', exact: true }).click();
  await participant.getByRole('link', { name: /^New technique/ }).click();
  await participant.getByRole('textbox', { name: 'Name' }).fill('Process Injektion');
  await participant.getByRole('checkbox', { name: 'Persistence' }).check();
  await expect(participant.getByRole('region', { name: 'Similar objects' })).toContainText('T1055');
  await participant.evaluate(() => scrollTo(0, 0));
  await picture(participant, 'editor');

  execFileSync(atelier, ['--data', server.data, 'import', enterprise], { stdio: 'ignore' });
  const maintainer = await as(browser, server.links, 'maintainer');
  await maintainer.getByRole('link', { name: 'Releases' }).click();
  await expect(maintainer.getByRole('heading', { level: 1, name: 'Releases' })).toBeVisible();
  await maintainer.getByRole('main').getByRole('link').first().click();
  await maintainer.getByRole('button', { name: 'Publish…' }).click();
  await maintainer.getByRole('button', { name: 'Publish for good' }).click();
  await expect(maintainer.getByRole('heading', { name: 'Downloads' })).toBeVisible({
    timeout: 60_000,
  });
  await picture(maintainer, 'release');
});
