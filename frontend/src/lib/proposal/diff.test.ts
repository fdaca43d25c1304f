import { describe, expect, it } from 'vitest';
import { fold, listDiff, refsDiff, sameValue, wordsDiff, type Words } from './diff';

const text = (words: Words[], left: 'added' | 'removed') =>
  words
    .filter((part) => part.mark !== left)
    .map((part) => part.text)
    .join('');

describe('wordsDiff', () => {
  it('marks the words that changed and keeps both texts whole', () => {
    const before = 'Adversaries may abuse cron.\n\nIt runs jobs.';
    const after = 'Adversaries often abuse systemd timers.\n\nIt runs jobs.';
    const words = wordsDiff(before, after);
    expect([text(words, 'added'), text(words, 'removed')]).toEqual([before, after]);
    expect(words.filter((w) => w.mark === 'removed').map((w) => w.text)).toEqual(['may', 'cron']);
  });
  it('says nothing for nothing, and marks all of a new text', () => {
    expect(wordsDiff('', '')).toEqual([]);
    expect(wordsDiff('', 'new')).toEqual([{ mark: 'added', text: 'new' }]);
    expect(wordsDiff('old', '')).toEqual([{ mark: 'removed', text: 'old' }]);
  });
  it('sets very long texts side by side', () => {
    const long = 'word '.repeat(9000);
    expect(wordsDiff(long, `${long}!`).map((w) => w.mark)).toEqual(['removed', 'added']);
  });
});

describe('fold', () => {
  it('leaves out the middle of what stayed, at words', () => {
    const same = { mark: 'same' as const, text: 'one two three '.repeat(40) };
    const added = { mark: 'added' as const, text: 'new' };
    const [first, , last] = fold([same, added, same], 20);
    expect(first?.text.startsWith(' … ')).toBe(true);
    expect(last?.text.endsWith(' … ')).toBe(true);
    expect(first!.text.length).toBeLessThan(30);
  });
  it('keeps what is short or changed', () => {
    const words: Words[] = [
      { mark: 'same', text: 'short' },
      { mark: 'added', text: 'x'.repeat(900) },
    ];
    expect(fold(words)).toEqual(words);
  });
});

describe('listDiff', () => {
  it('shows what stays, came and went', () => {
    expect(listDiff(['a', 'b'], ['b', 'c'])).toEqual([
      { value: 'b', mark: 'same' },
      { value: 'c', mark: 'added' },
      { value: 'a', mark: 'removed' },
    ]);
  });
});

describe('refsDiff', () => {
  it('knows a reference by its name', () => {
    const ref = (source_name: string, url = '') => ({ source_name, description: '', url });
    const changes = refsDiff(
      [ref('A'), ref('B', 'x'), ref('C')],
      [ref('A'), ref('B', 'y'), ref('D')],
    );
    expect(changes.map((c) => [c.ref.source_name, c.mark])).toEqual([
      ['A', 'same'],
      ['B', 'changed'],
      ['D', 'added'],
      ['C', 'removed'],
    ]);
  });
});

describe('sameValue', () => {
  it('takes absent and empty for the same', () => {
    expect(sameValue(null, { text: '', list: null })).toBe(true);
    expect(sameValue({ list: ['a'] }, { list: ['a', 'b'] })).toBe(false);
  });
});
