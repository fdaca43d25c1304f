import type { Page } from '@playwright/test';
import { makeWorkshop, newPerson, signIn } from '../people';
import { expect, test } from '../server';

/** How long after the last letter a finding may take to stand beside its field, in milliseconds. */
const MOST = 300;
const RUNS = 20;

interface Seen {
  typed: number;
  shown: number;
}

/** Notes when the last letter was typed in the page, and when its finding stood beside the field. */
const watch = (page: Page, field: string) =>
  page.evaluate((field) => {
    const seen: Seen = { typed: 0, shown: 0 };
    Object.assign(window, { seen });
    addEventListener('keydown', () => (seen.typed = performance.now()), true);
    const place = document.querySelector(`[data-field="${field}"]`)!;
    new MutationObserver(() => {
      const list = place.querySelector(`#checks-${field}`);
      if (seen.shown || !list?.textContent.includes('45.77.65.211')) return;
      // When it is drawn, not only made.
      requestAnimationFrame(() => (seen.shown ||= performance.now()));
    }).observe(place, { childList: true, subtree: true, characterData: true });
    return undefined;
  }, field);

/** Types what must not be shared, and gives how long its finding took; then takes it out again. */
async function once(page: Page, field: string): Promise<number> {
  const input = page.locator(`[data-field="${field}"]`).getByRole('textbox').first();
  await input.click();
  await page.keyboard.press('Control+End');
  await page.evaluate(() => ((window as unknown as { seen: Seen }).seen.shown = 0));
  await page.keyboard.type(' At 45.77.65.211', { delay: 40 });
  const seen = await page.waitForFunction(
    () => {
      const { seen } = window as unknown as { seen: Seen };
      return seen.shown && { ...seen };
    },
    undefined,
    { polling: 50 },
  );
  const { typed, shown } = (await seen.jsonValue()) as Seen;
  for (let n = 0; n < ' At 45.77.65.211'.length; n++) await page.keyboard.press('Backspace');
  await expect(page.locator(`#checks-${field}`).getByText('45.77.65.211')).toHaveCount(0);
  return shown - typed;
}

test('findings beside the field on Enterprise', async ({ browser, server }) => {
  test.setTimeout(300_000);
  const host = await newPerson(browser, server.url);
  await signIn(host, server.links[0] ?? '');
  const workshop = await makeWorkshop(host, 'Findings');
  const unit =
    'Adversaries may whistle to a kettle as in (LinkById: T1055), `kettle --whistle`.' +
    '(Citation: Steam Notes) Who waits for it goes on waiting, and it boils dry.\n\n';
  const rows: [string, number[]][] = [];
  for (const [name, field, size] of [
    ['a name', 'name', 0],
    ['a short description', 'description', 0],
    ['a description of 20 kB', 'description', 20_000],
  ] as const) {
    const { proposal } = await host.api<{ proposal: { id: string } }>(
      'POST',
      `/workshops/${workshop.id}/proposals`,
      {
        kind: 'technique',
        content: {
          name: { text: 'Kettle Whistling' },
          tactics: { list: ['command-and-control'] },
          platforms: { list: ['Linux'] },
          description: { text: unit.repeat(Math.ceil(size / unit.length) || 1) },
        },
      },
    );
    await host.page.goto(`/w/${workshop.id}/proposals/${proposal.id}/edit`);
    const text = host.page.getByRole('textbox', { name: 'Description' });
    await expect(text).toHaveAttribute('contenteditable', 'true');
    await watch(host.page, field);
    const took: number[] = [];
    for (let n = 0; n < RUNS; n++) took.push(await once(host.page, field));
    rows.push([name, took.sort((a, b) => a - b)]);
  }
  // What else the machine does makes one in a while longer.
  const at = (took: number[], share: number) => took[Math.ceil(share * RUNS) - 1] ?? Infinity;
  const all = rows.map(([name, took]) => {
    const [middle, most, longest] = [0.5, 0.95, 1].map((share) => at(took, share).toFixed(0));
    return `${name.padEnd(24)} middle ${middle} ms, 95 % within ${most} ms, longest ${longest} ms`;
  });
  console.log(
    `\nFrom the last letter to its finding beside the field, ${RUNS} runs; limit ${MOST} ms for 95 %\n` +
      all.join('\n'),
  );
  for (const [name, took] of rows) expect(at(took, 0.95), name).toBeLessThanOrEqual(MOST);
  await host.page.context().close();
});
