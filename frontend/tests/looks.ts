import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** Where pictures of pages are left for people to look at; none are taken without it. */
const folder = process.env.ATELIER_SHOTS;

/** axe finds nothing. */
export async function accessible(page: Page, name = page.url()) {
  await sound(name, page);
}

async function sound(name: string, page: Page, rules: Parameters<AxeBuilder['options']>[0] = {}) {
  // There are no frames, and only what is wrong is read.
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode(true)
    .options({ ...rules, resultTypes: ['violations'] })
    .analyze();
  expect(
    violations.map((v) => `${v.id}: ${v.nodes.map((node) => node.html).join(' ')}`),
    name,
  ).toEqual([]);
}

// Colours are the same in all states of a page, and to look at them takes the longest.
const seenInDark = new Set<string>();

/** axe finds nothing, nor in dark the first time that a page is seen, and no phone scrolls sideways. */
export async function looks(page: Page, name: string) {
  await accessible(page, name);
  const route = new URL(page.url()).pathname.replace(/[^/]*[\d-][^/]*/g, '*');
  if (!seenInDark.has(route)) {
    seenInDark.add(route);
    await page.emulateMedia({ colorScheme: 'dark' });
    await sound(`${name}, dark`, page, { runOnly: ['color-contrast'] });
    await page.emulateMedia({ colorScheme: 'light' });
  }
  for (const width of [320, 390, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    await fits(page, name, width);
  }
  if (folder) await shots(page, name, folder);
}

async function fits(page: Page, name: string, width: number) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide, `${name} is wider than ${width} px`).toBeLessThanOrEqual(width);
}

/** Takes the page at desktop, 390 px and dark: the whole of it where somebody asked for pictures. */
export async function shots(page: Page, name: string, into: string) {
  const take = async (as: string, width: number, colorScheme: 'light' | 'dark') => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: width < 500 ? 844 : 800 });
    await page.evaluate(() => scrollTo(0, 0)); // the header would lie over the picture
    await fits(page, name, width);
    await page.screenshot({ path: `${into}/${name}-${as}.png`, fullPage: !!folder });
  };
  await take('390', 390, 'light');
  await take('390-dark', 390, 'dark');
  await take('dark', 1280, 'dark');
  await take('desktop', 1280, 'light');
}
