import type { Page } from '@playwright/test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getDocumentProxy } from 'unpdf';
import { accessible, looks } from '../looks';
import { join as enter, makeWorkshop, newPerson, propose, signIn, type Person } from '../people';
import { expect, test as base } from '../server';

const grid = (page: Page) => page.getByRole('group', { name: 'Matrix' });
const said = (page: Page) => page.getByRole('main').getByRole('status').first();
const cells = (page: Page) => grid(page).locator('.cell').count();

/** The words of each page on paper, and where they stand, from its lower left corner. */
async function printed(page: Page) {
  const paper = await getDocumentProxy(new Uint8Array(await page.pdf({ preferCSSPageSize: true })));
  const sheets: { text: string; x: number; y: number }[][] = [];
  for (let i = 1; i <= paper.numPages; i++) {
    const { items } = await (await paper.getPage(i)).getTextContent();
    sheets.push(
      items.flatMap((one) =>
        'str' in one && one.str.trim()
          ? [{ text: one.str.trim(), x: Number(one.transform[4]), y: Number(one.transform[5]) }]
          : [],
      ),
    );
  }
  return sheets;
}

/** What the server says of a domain; the page has to show the same. */
interface Statistics {
  total: { techniques: number; without_mitigations: number };
  techniques: { attack_id: string; platforms: string[]; mitigations: number; tactics: string[] }[];
}

// The link that the server printed works once, and both tests have the same server, which is
// theirs alone.
const test = base.extend<object, { fay: Person }>({
  fay: [
    async ({ browser, server }, use) => {
      const fay = await newPerson(browser, server.url);
      await signIn(fay, server.links[0] ?? '');
      await use(fay);
      await fay.page.context().close();
    },
    { scope: 'worker' },
  ],
});

test('the matrix and the statistics of a domain', async ({ browser, fay, server }, info) => {
  test.setTimeout(240_000);
  const folder = info.outputDir;
  const { page } = fay;
  await page.goto('/');
  const real = await fay.api<Statistics>('GET', '/domains/enterprise-attack/statistics');

  await test.step('a stranger finds it, and all of it is there', async () => {
    await page.getByRole('link', { name: 'ATT&CK' }).click();
    await page.getByRole('main').getByRole('link', { name: 'Matrix', exact: true }).click();
    await expect(said(page)).toContainText(`${real.total.techniques} techniques`);
    await expect(grid(page).getByRole('heading', { level: 2 })).toHaveCount(14);
    await looks(page, 'matrix');
  });

  await test.step('filters are in the link, and back and forward', async () => {
    await page.getByLabel('Platform', { exact: true }).selectOption('Containers');
    await expect(page).toHaveURL(/platform=Containers/);
    const containers = real.techniques.filter((t) => t.platforms.includes('Containers'));
    await expect(said(page)).toContainText(`${containers.length} techniques`);
    await page.getByLabel('Mitigations', { exact: true }).selectOption('without');
    const bare = containers.filter((t) => t.mitigations === 0);
    await expect(said(page)).toContainText(`${bare.length} technique`);
    await page.goBack();
    await expect(said(page)).toContainText(`${containers.length} techniques`);
    await page.goForward();
    await expect(page.getByLabel('Mitigations', { exact: true })).toHaveValue('without');
    await page.getByRole('button', { name: 'Clear all' }).click();
    await expect(said(page)).toContainText(`${real.total.techniques} techniques`);
    await page.getByLabel('Used by', { exact: true }).fill('APT29');
    await page.getByRole('option', { name: /G0016/ }).click();
    await expect(page).toHaveURL(/user=G0016/);
    await expect(page.getByText('Used by G0016 APT29')).toBeVisible();
    const { techniques } = await fay.api<{ techniques: string[] }>(
      'GET',
      '/domains/enterprise-attack/matrix/marks?user=G0016',
    );
    await expect(said(page)).toContainText(`${techniques.length} techniques`);
    await looks(page, 'matrix-of-a-group');
    await page.goto('/domains/enterprise-attack?user=G0404');
    await expect(page.getByRole('alert')).toContainText('no object');
  });

  await test.step('the whole fits the window, and zoom has keys', async () => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto('/domains/enterprise-attack');
    await expect(grid(page)).toContainText('T1595');
    await page.keyboard.press('0');
    await expect(page).toHaveURL(/zoom=0/);
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 844 });
      const wide = await grid(page).evaluate((it) => it.scrollWidth - it.clientWidth);
      expect(wide, `the matrix is wider than a window of ${width}`).toBeLessThanOrEqual(0);
    }
    await looks(page, 'matrix-whole');
    await page.keyboard.press('+');
    await expect(page).toHaveURL(/zoom=1/);
    await page.keyboard.press('0');
    await page.keyboard.press('0');
    await expect(page).not.toHaveURL(/zoom/);
  });

  await test.step('sub-techniques unfold, each and all; headings stay', async () => {
    await expect(grid(page)).toContainText('T1595');
    const before = await cells(page);
    await page.getByRole('button', { name: /Sub-techniques of Active Scanning/ }).click();
    expect(await cells(page)).toBe(before + 3);
    await page.keyboard.press('u');
    await expect(page).toHaveURL(/unfold=all/);
    const all = real.techniques.reduce((sum, t) => sum + t.tactics.length, 0);
    await expect.poll(() => cells(page)).toBe(all);
    await accessible(page, 'unfolded');
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 844 });
      await grid(page).evaluate((it) => it.scrollTo(0, 900));
      const [top, heading] = await grid(page).evaluate((it) => [
        it.getBoundingClientRect().top,
        it.querySelector('h2')?.getBoundingClientRect().top,
      ]);
      expect(heading, `the heading at ${width} px`).toBeCloseTo(top ?? -1, 0);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.keyboard.press('u');
    await expect.poll(() => cells(page)).toBe(before);
  });

  await test.step('keys lead through it', async () => {
    await page.goto('/domains/enterprise-attack');
    await grid(page).getByRole('link', { name: 'Reconnaissance' }).focus();
    const on = () => page.evaluate(() => document.activeElement?.textContent?.trim());
    const press = async (key: string) => {
      await page.keyboard.press(key);
      return on();
    };
    expect(await press('ArrowDown')).toContain('T1595');
    expect(await press('ArrowRight')).toContain('T1595'); // unfolds
    expect(await press('ArrowDown')).toContain('T1595.001');
    expect(await press('Home')).toBe('Reconnaissance');
    expect(await press('End')).toContain('T1594');
    expect(await press('PageUp')).not.toContain('T1594');
    expect(await press('Control+End')).toContain('T1529');
    expect(await press('Control+Home')).toBe('Reconnaissance');
    const down = await press('PageDown');
    expect(down).not.toBe('Reconnaissance');
    expect(await grid(page).locator('a[tabindex="0"]').count()).toBe(1);
  });

  await test.step('it prints on landscape pages, and is a picture', async () => {
    await page.emulateMedia({ media: 'print' });
    await page.screenshot({ path: join(folder, 'matrix-print.png') });
    const pdf = await page.pdf({ preferCSSPageSize: true, path: join(folder, 'matrix.pdf') });
    const [, width, height] = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(pdf.toString('latin1'))!;
    expect(Number(width)).toBeGreaterThan(Number(height));
    expect(await grid(page).evaluate((it) => it.scrollWidth - it.clientWidth)).toBeLessThanOrEqual(
      0,
    );
    await page.emulateMedia({ media: null });
    await page.goto('/domains/enterprise-attack?unfold=all');
    await grid(page).getByRole('link', { name: 'Persistence', exact: true }).focus();
    await page.keyboard.press('ArrowDown');
    const sheets = await printed(page);
    expect(sheets.length).toBeGreaterThan(5);
    for (const [i, sheet] of sheets.entries()) {
      const headings = sheet.filter((one) => /^\d+ techniques?$/.test(one.text));
      const bare = sheet.filter(
        (cell) =>
          /^T\d{4}/.test(cell.text) &&
          !headings.some((h) => h.y > cell.y && cell.x - h.x > -3 && cell.x - h.x < 20),
      );
      expect(bare, `cells without a heading on page ${i + 1}`).toEqual([]);
    }
    await page.emulateMedia({ media: 'print' });
    expect(
      await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle),
      'the ring around what has the focus',
    ).toBe('none');
    await page.emulateMedia({ media: 'screen' });
    await page.goto('/domains/enterprise-attack?platform=Containers&unfold=all');
    await expect(page.getByRole('button', { name: 'Remove the filter Containers' })).toBeVisible();
    const link = await page.getByRole('link', { name: 'SVG' }).getAttribute('href');
    const svg = await (await fay.request.get(`${server.url}${link}`)).text();
    const path = join(folder, 'matrix.svg');
    writeFileSync(path, svg);
    const viewer = await browser.newPage();
    await viewer.goto(`file://${path}`);
    await expect(viewer.locator('svg > title')).toHaveText('Enterprise 18.1');
    // The server's filter leaves what the page's does.
    const drawn = await viewer.locator('g > title').allTextContents();
    await expect(grid(page).locator('.cell a, h2')).toHaveCount(drawn.length);
    await viewer.screenshot({ path: join(folder, 'matrix-svg.png') });
    await viewer.close();
  });

  await test.step('statistics lead to lists', async () => {
    await page.getByRole('link', { name: 'Where is work needed?' }).click();
    await expect(page.getByRole('heading', { name: 'By tactic' })).toBeVisible();
    await looks(page, 'statistics');
    const total = page.getByRole('region', { name: 'By tactic' }).locator('tfoot td').nth(2);
    await expect(total).toHaveText(String(real.total.without_mitigations));
    await total.getByRole('link').click();
    await expect(page).toHaveURL(/mitigations=without/);
    const rows = page.getByRole('region', { name: 'Techniques', exact: true });
    await expect(rows.getByRole('status')).toContainText(`${real.total.without_mitigations} of`);
    await rows.getByRole('link', { name: 'Text', exact: true }).click();
    await expect(page).toHaveURL(/sort=-text_length/);
    await expect(rows.getByRole('columnheader', { name: /Text/ })).toHaveAttribute(
      'aria-sort',
      'descending',
    );
    await rows.getByRole('link', { name: 'In the matrix' }).click();
    await expect(said(page)).toContainText(`${real.total.without_mitigations} techniques`);
    await page.goBack();
    const holds = page.getByRole('region', { name: 'What it holds' });
    const groups = holds
      .getByRole('row', { name: /^Groups/ })
      .getByRole('link')
      .first();
    const count = await groups.innerText();
    await groups.click();
    await expect(page.getByRole('main').getByRole('status')).toContainText(count);
    await expect(page.getByRole('link', { name: /G0016/ })).toBeVisible();
    await accessible(page, 'list of objects');
  });
});

test('a workshop sees where work is needed, and starts there', async ({
  browser,
  fay,
  server,
}, info) => {
  test.setTimeout(120_000);
  const workshop = await makeWorkshop(fay, 'Matrix workshop');
  const ana: Person = await newPerson(browser, server.url);
  await enter(ana, fay, workshop, 'Ana');
  await propose(
    ana,
    workshop.id,
    'sub-technique',
    (await ana.api<{ object: { stix_id: string } }>('GET', '/objects/T1059')).object.stix_id,
    {
      name: { text: 'Kettle Script' },
      description: { text: 'Adversaries may abuse kettles.' },
      tactics: { list: ['execution'] },
      platforms: { list: ['Linux'] },
    },
    'It is new.',
  );
  const { page } = ana;
  const room = `/w/${workshop.id}`;

  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(room);
  const menu = page.getByRole('button', { name: /^Menu/ });
  await menu.click();
  await expect(page.getByRole('link', { name: 'Propose', exact: true })).toBeInViewport();
  await page.screenshot({ path: join(info.outputDir, 'menu-390.png') });
  await page.getByRole('link', { name: 'Matrix', exact: true }).click();
  await expect(menu).toHaveAttribute('aria-expanded', 'false');
  await expect(said(page)).toContainText('1 proposed');
  await page.goto(`${room}/matrix?proposals=with`);
  await expect(page.locator('[data-column]:visible')).toHaveCount(1);
  await expect(page.getByRole('link', { name: /Kettle Script/ })).toBeInViewport();

  await page.setViewportSize({ width: 1280, height: 800 });
  await expect(grid(page)).toContainText('Kettle Script');
  await expect(said(page)).toContainText('1 technique, 1 proposed');
  const picture = await page.getByRole('link', { name: 'SVG' }).getAttribute('href');
  expect(await (await ana.request.get(`${server.url}${picture}`)).text()).toContain('proposals: 1');
  await accessible(page, 'matrix with proposals');

  await page.getByRole('link', { name: 'Where is work needed?' }).click();
  await page.getByLabel('Text', { exact: true }).fill('T1055.001');
  await page.getByRole('link', { name: /^Add an example to/ }).click();
  await expect(page).toHaveURL(/\/proposals\/[0-9a-f-]+\/edit$/);
});
