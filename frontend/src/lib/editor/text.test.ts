import { describe, expect, it } from 'vitest';
import type { Field, Form } from '$lib/api/types';
import { alike, filled, merged, replacement, sendable, unchanged, type Text } from './text';

const form = {
  fields: [
    { name: 'name', kind: 'line' },
    { name: 'tactics', kind: 'list' },
    { name: 'references', kind: 'references' },
  ],
} as Form;
const text = (content: Text['content'], rationale = ''): Text => ({
  content,
  rationale,
  bump: 'minor',
  explained: {},
});
const report = { source_name: 'Report', description: '', url: '' };
const blank = { source_name: '', description: '', url: '' };

describe('a text', () => {
  it('has a place for every field of its form', () => {
    expect(filled(form, text({ name: { text: 'A' } })).content).toEqual({
      name: { text: 'A' },
      tactics: { list: [] },
      references: { references: [] },
    });
  });

  it('is sent without what is empty, and otherwise as it was typed', () => {
    const typed = text({
      name: { text: ' A ' },
      tactics: { list: [] },
      references: { references: [blank, report] },
    });
    expect(sendable(typed).content).toEqual({
      name: { text: ' A ' },
      tactics: {},
      references: { references: [report] },
    });
  });

  it('is like another whatever the white space at the ends and the empty fields', () => {
    expect(alike(text({ name: { text: 'A\n' } }), text({ tactics: {}, name: { text: 'A' } }))).toBe(
      true,
    );
    expect(alike(text({}, 'why'), text({}))).toBe(false);
    expect(
      alike(text({ tactics: { list: ['a', 'b'] } }), text({ tactics: { list: ['b', 'a'] } })),
    ).toBe(false);
  });

  it('knows which fields differ from the object', () => {
    const references = form.fields[2] as Field;
    const has = (...list: (typeof report)[]) => ({ references: list });
    expect(unchanged(references, has(report), has(report, blank))).toBe(true);
    expect(unchanged(references, has(report), has({ ...report, url: 'https://a' }))).toBe(false);
    expect(unchanged(references, undefined, undefined)).toBe(true);
  });
});

describe('what makes another text of one', () => {
  it.each([
    ['a kettle whistles', 'a kettle sings'],
    ['aaa', 'aaaa'],
    ['aaaa', 'aa'],
    ['', 'new'],
    ['old', ''],
    ['a𝄞b', 'a𝄢b'],
    ['𝄞𝄞', '𝄞'],
  ])('%s → %s', (before, after) => {
    const change = replacement(before, after);
    expect(change && before.slice(0, change.from) + change.insert + before.slice(change.to)).toBe(
      after,
    );
    expect(change?.insert.isWellFormed()).toBe(true);
  });

  it('is nothing where they are the same, and little where they are alike', () => {
    expect(replacement('same', 'same')).toBeUndefined();
    expect(replacement('a big kettle', 'a small kettle')).toEqual({
      from: 2,
      to: 5,
      insert: 'small',
    });
  });
});

describe('two sides of a draft', () => {
  const base = text({ name: { text: 'Kettle' }, tactics: { list: ['boiling'] } }, 'Seen.');
  it('go together where they changed different fields', () => {
    const mine = text({ name: { text: 'Kettles' }, tactics: { list: ['boiling'] } }, 'Seen.');
    const theirs = text({ name: { text: 'Kettle' }, tactics: { list: [] } }, 'Seen twice.');
    const both = text({ name: { text: 'Kettles' }, tactics: { list: [] } }, 'Seen twice.');
    expect(merged(base, mine, theirs)).toEqual(both);
    expect(merged(base, theirs, mine)).toEqual(both);
    expect(merged(base, mine, mine)).toEqual(mine);
    expect(merged(base, base, theirs)).toEqual(theirs);
  });

  it('do not where both changed the same in another way', () => {
    expect(merged(base, text({ ...base.content }, 'A'), text({ ...base.content }, 'B'))).toBe(
      undefined,
    );
    const named = (name: string) => text({ ...base.content, name: { text: name } }, 'Seen.');
    expect(merged(base, named('A'), named('B'))).toBe(undefined);
  });
});
