import type { Content, Draft, Field, Form, Value } from '$lib/api/types';

export type Bump = Draft['proposal']['bump'];

/** All that an author writes in a proposal. */
export interface Text {
  content: Content;
  rationale: string;
  bump: Bump;
  /** Why what must not be shared may stand, by the keys of the findings. */
  explained: Record<string, string>;
}

/** The text of a draft as the server has it. */
export const textOf = ({ content, proposal, explained }: Draft): Text => ({
  content,
  rationale: proposal.rationale,
  bump: proposal.bump,
  explained,
});

/** A text with a place for each field of its form, to be bound to inputs. */
export function filled(form: Form, { content, rationale, bump, explained }: Text): Text {
  const all: Content = {};
  for (const field of form.fields) all[field.name] = place(field, content[field.name]);
  // What an older page kept on the device has no explanations.
  return { content: all, rationale, bump, explained: { ...explained } };
}

function place(field: Field, value: Value = {}): Value {
  if (field.kind === 'list' || field.kind === 'objects') return { list: [...(value.list ?? [])] };
  if (field.kind === 'rows') return { rows: (value.rows ?? []).map((one) => ({ ...one })) };
  if (field.kind === 'references')
    return { references: (value.references ?? []).map((one) => ({ ...one })) };
  return { text: value.text ?? '' };
}

/** What is sent: rows that nobody has filled in yet are left out. */
export function sendable({ content, rationale, bump, explained }: Text): Text {
  const out: Content = {};
  for (const [name, { text, list, references, rows }] of Object.entries(content)) {
    out[name] = {};
    if (text) out[name].text = text;
    if (list?.length) out[name].list = [...list];
    const written = (references ?? []).filter((r) => r.source_name || r.description || r.url);
    if (written.length) out[name].references = written.map((one) => ({ ...one }));
    const typed = (rows ?? []).filter((row) => Object.values(row).some((text) => text));
    if (typed.length) out[name].rows = typed.map((row) => ({ ...row }));
  }
  return { content: out, rationale, bump, explained: { ...explained } };
}

/** A text without some of its fields. */
export function without(text: Text, fields: string[]): Text {
  const content = Object.entries(text.content).filter(([name]) => !fields.includes(name));
  return { ...text, content: Object.fromEntries(content) };
}

/**
 * What became of a text on two sides that both began with the base; nothing where both changed the
 * same field, each in another way.
 */
export function merged(base: Text, mine: Text, theirs: Text): Text | undefined {
  const only = (text: Text, name: string): Text => ({
    ...NOTHING,
    content: { [name]: text.content[name] ?? {} },
  });
  const sides = [base, mine, theirs] as const;
  const out: Text = { ...theirs, content: { ...theirs.content } };
  for (const name of new Set(sides.flatMap((side) => Object.keys(side.content)))) {
    const [b, m, t] = sides.map((side) => only(side, name)) as [Text, Text, Text];
    if (alike(b, m)) continue;
    if (!alike(b, t) && !alike(m, t)) return undefined;
    out.content[name] = mine.content[name] ?? {};
  }
  for (const part of ['rationale', 'bump', 'explained'] as const) {
    const [b, m, t] = sides.map((side) => ({ ...NOTHING, [part]: side[part] })) as [
      Text,
      Text,
      Text,
    ];
    if (alike(b, m)) continue;
    if (!alike(b, t) && !alike(m, t)) return undefined;
    Object.assign(out, { [part]: mine[part] });
  }
  return out;
}

const NOTHING: Text = { content: {}, rationale: '', bump: 'minor', explained: {} };

/** Do two texts say the same? White space at the ends and empty fields do not count. */
export const alike = (a: Text, b: Text): boolean => essence(a) === essence(b);

function essence({ content, rationale, bump, explained }: Text): string {
  const tidy = (_: string, value: unknown) => (typeof value === 'string' ? value.trim() : value);
  const fields = Object.entries(sendable({ content, rationale, bump, explained }).content)
    .filter(([, value]) => Object.keys(value).length > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { text, list, references, rows }]) => [
      name,
      text ?? '',
      list ?? [],
      (references ?? []).map((r) => [r.source_name, r.description, r.url]),
      (rows ?? []).map((row) =>
        Object.entries(row)
          .filter(([, text]) => text.trim())
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
    ]);
  const reasons = Object.entries(explained ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([fields, rationale, bump, reasons], tidy);
}

/** Is a field as the object that is refined has it? */
export function unchanged(field: Field, before: Value | undefined, after: Value | undefined) {
  const only = (value?: Value): Text => ({
    content: { [field.name]: value ?? {} },
    rationale: '',
    bump: 'minor',
    explained: {},
  });
  return alike(only(before), only(after));
}

/** What has to be replaced in one text to make another of it; nothing where they are the same. */
export function replacement(
  before: string,
  after: string,
): { from: number; to: number; insert: string } | undefined {
  if (before === after) return undefined;
  const most = Math.min(before.length, after.length);
  let from = 0;
  while (from < most && before[from] === after[from]) from++;
  let same = 0;
  while (same < most - from && before.at(-1 - same) === after.at(-1 - same)) same++;
  // A character of two units stays in one piece.
  if (from > 0 && isHigh(before.charCodeAt(from - 1))) from--;
  if (same > 0 && isLow(before.charCodeAt(before.length - same))) same--;
  return { from, to: before.length - same, insert: after.slice(from, after.length - same) };
}

const isHigh = (unit: number) => unit >= 0xd800 && unit < 0xdc00;
const isLow = (unit: number) => unit >= 0xdc00 && unit < 0xe000;
