import type { Page } from '@playwright/test';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import type { Field, Form, ReleasePage } from '../../src/lib/api/types';
import {
  join,
  makeWorkshop,
  newPerson,
  propose,
  signIn,
  type Person,
  type Workshop,
} from '../people';
import { enterprise, expect, test } from '../server';

interface Listed {
  stix_id: string;
  attack_id: string;
  name: string;
}

/** Where the release is left for MITRE's tools. */
const folder = process.env.ATELIER_EVERY;

/** What Enterprise has, in the order of the API; each is taken once. */
class Stock {
  private readonly taken = new Set<string>();
  private readonly lists = new Map<string, Listed[]>();
  private constructor(
    private readonly parents: Set<string>,
    private readonly all: Person,
  ) {}

  static async open(person: Person) {
    const bundle = JSON.parse(gunzipSync(await readFile(enterprise)).toString()) as {
      objects: { relationship_type?: string; target_ref?: string }[];
    };
    const parents = bundle.objects
      .filter((one) => one.relationship_type === 'subtechnique-of')
      .map((one) => one.target_ref ?? '');
    return new Stock(new Set(parents), person);
  }

  private async list(type: string): Promise<Listed[]> {
    const known = this.lists.get(type);
    if (known) return known;
    const path = `/domains/enterprise-attack/objects?type=${type}&state=live&limit=200`;
    const { objects } = await this.all.api<{ objects: Listed[] }>('GET', path);
    // A move between tactics or parents of a technique takes along what is below it.
    const free = objects.filter(
      (one) => !this.parents.has(one.stix_id) && !/subtechnique-of|revoked-by/.test(one.name),
    );
    this.lists.set(type, free);
    return free;
  }

  /** One that nothing else here is about; undefined when Enterprise has none. */
  async take(type: string, starts?: string): Promise<Listed | undefined> {
    const fits = ({ attack_id }: Listed) =>
      !starts || (starts === 'part') === attack_id.includes('.');
    const one = (await this.list(type)).find((o) => !this.taken.has(o.stix_id) && fits(o));
    if (one) this.taken.add(one.stix_id);
    return one;
  }
}

const box = (page: Page, field: Field) => page.locator(`[data-field="${field.name}"]`);
const source = { name: 'Kinds', url: 'https://example.org/kinds' };

async function pick(page: Page, where: ReturnType<typeof box>, one: Listed | undefined) {
  if (!one) throw new Error('Enterprise has nothing to choose here');
  await where
    .getByRole('combobox')
    .first()
    .fill(one.attack_id || one.name);
  await page
    .getByRole('option', { name: new RegExp(one.attack_id || one.name) })
    .first()
    .click();
}

/** Fills a field as somebody might, by what it is. */
async function fill(page: Page, form: Form, field: Field, stock: Stock) {
  const at = box(page, field);
  const text = () => at.getByRole('textbox', { name: field.label, exact: true });
  const need = async (types: readonly string[]) =>
    pick(
      page,
      at,
      await stock.take(types.find((one) => one === 'attack-pattern') ?? types[0] ?? ''),
    );
  switch (field.kind) {
    case 'line': {
      if (field.name === 'relation') return at.locator('select').selectOption('mitigates');
      if (field.name === 'name' && form.modifies && !form.kind.startsWith('rename-')) return;
      const words: Record<string, string> = {
        name: `Teapot ${form.label.replace(/-/g, ' ')}`,
        find: 'the',
        replace: 'the teapot',
      };
      return at.locator('input').fill(words[field.name] ?? '(Citation: Kinds)');
    }
    case 'markdown':
      if (form.action === 'revoke') return;
      await expect(at.locator('.cm-content')).toBeVisible();
      await text().press('Control+End');
      return page.keyboard.insertText(' Teapots are used.(Citation: Kinds)');
    case 'day':
      return at.locator('input').fill('2025-02-01');
    case 'flag':
      if (field.name !== 'retire') await at.getByRole('checkbox').check();
      return;
    case 'list':
      if (field.name.startsWith('remove_') || field.name === 'contributors') return;
      if (await at.getByRole('checkbox').count()) {
        const wants = field.required || field.name.startsWith('add_');
        const has = await at.getByRole('checkbox', { checked: true }).count();
        if ((wants && !has) || form.kind === 'move-to-tactics')
          await at.getByRole('checkbox', { checked: false }).first().check();
        return;
      }
      await at.getByRole('textbox').fill(`Teapot ${field.label}`);
      return at.getByRole('button', { name: /^Add/ }).click();
    case 'references':
      await at.getByRole('button', { name: 'Add a reference', exact: true }).click();
      await at.getByLabel('Name to cite it by').last().fill(source.name);
      await at.getByLabel('Address').last().fill(source.url);
      return at.getByLabel('Source in full').last().fill('Kinds. (2026, May 4). Made up.');
    case 'object':
      if (field.name === 'parent')
        return pick(page, at, { stix_id: '', attack_id: 'T1105', name: '' });
      if (field.refers?.length) return need(field.refers);
      return need([field.name === 'source' ? 'course-of-action' : 'attack-pattern']);
    case 'objects':
      if (field.name === 'left_out') return;
      if (field.name !== 'columns') return need(field.refers ?? []);
      return at.getByRole('button', { name: /down$/ }).first().click();
    case 'rows':
      return field.name === 'examples' ? undefined : row(page, field, stock);
  }
}

async function row(page: Page, field: Field, stock: Stock) {
  const at = box(page, field);
  const columns = field.columns?.filter((one) => !one.key) ?? [];
  const made = field.name === 'pieces' ? 2 : 1;
  for (let i = 0; i < made; i++) {
    await at.getByRole('button', { name: /^Add a row/ }).click();
    const last = at.getByRole('listitem').last();
    for (const column of columns) {
      const one = last.locator(`[id$="-${column.property}"]`);
      if (column.refers) await pick(page, last, await stock.take(column.refers[0] ?? ''));
      else if (column.long) await one.fill('Adversaries may use teapots.(Citation: Kinds)');
      else await one.fill(`Teapot ${column.label} ${i + 1}`);
    }
  }
}

async function verdict(page: Page, name: 'Approve' | 'Request changes', note: string) {
  await page.getByRole('button', { name, exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').fill(note);
  await dialog.getByRole('button', { name: /Approve|Request changes/ }).click();
  await expect(dialog).toBeHidden();
}

async function submit(page: Page) {
  await expect(page.getByRole('status').filter({ hasText: /^\s*Saved\s*$/ })).toBeVisible();
  const errors = page.getByRole('region', { name: 'Before you submit' });
  await expect(errors).toContainText('Nothing is in the way.');
  await page.getByRole('button', { name: /^Submit/ }).click();
  await expect(page).toHaveURL(/\/proposals\/[0-9a-f-]+$/);
}

/** Enterprise has no assets, so that a release makes some for the kinds that are about them. */
async function releaseAssets(ana: Person, rob: Person, workshop: Workshop): Promise<string> {
  for (let n = 1; n <= 12; n++) {
    const content = {
      name: { text: `Kettle Asset ${n}` },
      description: { text: 'A machine that boils water.(Citation: Assets)' },
      references: {
        references: [
          {
            source_name: 'Assets',
            description: 'Assets. (2026, May 4). Made up.',
            url: 'https://example.org/assets',
          },
        ],
      },
    };
    const id = await propose(ana, workshop.id, 'asset', '', content, 'There are none.');
    const verdict = { revision: 1, note: '' };
    await rob.api('POST', `/workshops/${workshop.id}/proposals/${id}/approve`, verdict);
  }
  const path = `/workshops/${workshop.id}/releases`;
  const made = await rob.api<{ id: string; revision: number }>('POST', path, { name: 'Assets' });
  await rob.api('POST', `${path}/${made.id}/publish`, { revision: made.revision });
  return made.id;
}

/** Makes a proposal of a kind by its form, has it sent back and revised, and approved; its page. */
async function make(ana: Person, rob: Person, workshop: Workshop, form: Form, stock: Stock) {
  const { page } = ana;
  const object = form.modifies ? await stock.take(form.type, form.starts) : undefined;
  if (form.modifies && !object) return undefined;
  const query = object ? `&object=${object.stix_id}` : '';
  await page.goto(`/w/${workshop.id}/propose?kind=${form.kind}${query}`);
  const asked = page.locator('#object');
  await expect(asked.or(page.getByRole('button', { name: /^Submit/ }))).toBeVisible();
  if (await asked.isVisible()) {
    const about = form.fields.find((field) => field.refers?.includes('attack-pattern'));
    await pick(page, page.getByRole('main'), await stock.take(about?.refers?.[0] ?? '', 'whole'));
  }
  await expect(page).toHaveURL(/\/edit$/);
  for (const field of form.fields)
    if (
      !(await box(page, field)
        .getByRole('button', { name: `Change ${field.label}` })
        .count())
    )
      await fill(page, form, field, stock);
  await submit(page);
  const path = new URL(page.url()).pathname;

  await rob.page.goto(path);
  await verdict(rob.page, 'Request changes', 'Say more about it.');
  await page.goto(`${path}/edit`);
  await page.getByRole('textbox', { name: /^Why/ }).fill('It says more now.');
  await submit(page);
  await expect(rob.page.getByText('Revision 2').first()).toBeVisible();
  await verdict(rob.page, 'Approve', 'Good.');
  return path;
}

/** Releases all that was approved, on the page; its id. */
async function release(rob: Person, workshop: Workshop, name: string): Promise<string> {
  const { page } = rob;
  await page.goto(`/w/${workshop.id}/releases`);
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Open a release' }).click();
  await expect(page).toHaveURL(/\/releases\/[0-9a-f-]+$/);
  const id = new URL(page.url()).pathname.split('/').pop() ?? '';
  const path = `/workshops/${workshop.id}/releases/${id}`;
  const preview = await rob.api<ReleasePage>('GET', path);
  const wrong = preview.items.flatMap(({ proposal, problems, conflicts }) =>
    [...problems, ...conflicts].map((one) => `${proposal.kind}: ${JSON.stringify(one)}`),
  );
  expect([...preview.problems, ...wrong], 'what is in the way').toEqual([]);
  await page.getByRole('button', { name: 'Publish…' }).click();
  await page.getByRole('button', { name: 'Publish for good' }).click();
  await expect(page.getByRole('heading', { name: 'Downloads' })).toBeVisible({ timeout: 120_000 });
  return id;
}

/** Leaves the files of a release, and of the one before it, for the tools of MITRE. */
async function leave(rob: Person, workshop: Workshop, name: string, before: string, now: string) {
  if (!folder) return;
  const releases = `${rob.url}/api/workshops/${workshop.id}/releases`;
  await mkdir(`${folder}/${name}/new`, { recursive: true });
  await mkdir(`${folder}/${name}/old`, { recursive: true });
  for (const [part, file] of [
    [`${before}/bundle`, 'old/enterprise-attack.json'],
    [`${now}/bundle`, 'new/enterprise-attack.json'],
    [`${now}/delta`, 'delta.json'],
    [`${now}/changelog`, 'changelog.json'],
  ] as const) {
    const answer = await rob.request.get(`${releases}/${part}`);
    expect(answer.ok(), part).toBe(true);
    await writeFile(`${folder}/${name}/${file}`, await answer.body());
  }
}

test('each kind is made, revised, reviewed and released', async ({ browser, server }) => {
  test.setTimeout(45 * 60_000);
  const root = await newPerson(browser, server.url);
  await signIn(root, server.links[0] ?? '');
  const workshop = await makeWorkshop(root, 'Every kind');
  const [ana, rob] = [await newPerson(browser, server.url), await newPerson(browser, server.url)];
  await join(ana, root, workshop, 'Ana');
  await join(rob, root, workshop, 'Rob', ['reviewer', 'maintainer']);
  let before = await releaseAssets(ana, rob, workshop);

  // Of some types Enterprise has one object alone: what two kinds want is free again in the next
  // release.
  let left = await ana.api<Form[]>('GET', '/types');
  for (const name of ['first', 'second']) {
    const stock = await Stock.open(ana);
    const missing: Form[] = [];
    const made: { form: Form; path: string }[] = [];
    for (const form of left)
      await test.step(form.kind, async () => {
        const path = await make(ana, rob, workshop, form, stock);
        if (path) made.push({ form, path });
        else missing.push(form);
      });
    await test.step(`the ${name} release has all of them`, async () => {
      const now = await release(rob, workshop, name);
      for (const { form, path } of made) {
        await ana.page.goto(path);
        await expect(ana.page.getByText('Released').first(), form.kind).toBeVisible();
      }
      await leave(rob, workshop, name, before, now);
      before = now;
    });
    left = missing;
  }
  expect(left, 'kinds without an object in Enterprise').toEqual([]);
});
