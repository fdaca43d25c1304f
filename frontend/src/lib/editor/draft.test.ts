import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '$lib/api/client';
import type { Draft, Form } from '$lib/api/types';
import { DraftEditor, PAUSE, type Transport } from './draft.svelte';
import { Keeper } from './kept';
import type { Text } from './text';
import { LOOK } from './watch.svelte';

const form = {
  kind: 'technique',
  fields: [
    { name: 'name', kind: 'line' },
    { name: 'references', kind: 'references' },
  ],
} as unknown as Form;

const draft = (version: number, name: string, checks: Draft['checks'] = []): Draft =>
  ({
    version,
    content: { name: { text: name } },
    proposal: { rationale: '', bump: 'minor' },
    checks,
    explained: {},
    similar: [],
  }) as unknown as Draft;

const missing = { level: 'error', field: 'name', message: 'Name is missing.', code: 'required' };
const offline = () => new Problem(0, 'offline', 'No connection', 'No connection.');
const stale = (theirs: Draft) => new Problem(409, 'stale', 'Stale', 'Stale.', [], { theirs });

/** A device that remembers, and a server that can be told what to answer. */
class Bench {
  memory = new Map<string, string>();
  keeper = new Keeper('draft', {
    getItem: (key) => this.memory.get(key) ?? null,
    setItem: (key, value) => void this.memory.set(key, value),
    removeItem: (key) => void this.memory.delete(key),
  });
  save = vi.fn<Transport['save']>((version, text) =>
    Promise.resolve(draft(version + 1, text.content.name?.text ?? '')),
  );
  submit = vi.fn<Transport['submit']>(() => Promise.resolve());

  open(from: Draft) {
    return new DraftEditor(from, form, { save: this.save, submit: this.submit }, this.keeper);
  }
  type(editor: DraftEditor, name: string) {
    editor.text.content.name!.text = name;
    editor.changed();
  }
  get sent(): (string | undefined)[] {
    return this.save.mock.calls.map(([, text]) => text.content.name?.text);
  }
}

let bench: Bench;
beforeEach(() => {
  vi.useFakeTimers();
  bench = new Bench();
});
afterEach(() => void vi.useRealTimers());

describe('saving', () => {
  it('sends once after a pause, with all that was typed', async () => {
    const editor = bench.open(draft(1, ''));
    for (const name of ['A', 'AB', 'ABC']) {
      bench.type(editor, name);
      await vi.advanceTimersByTimeAsync(PAUSE - 100);
    }
    expect(editor.state).toBe('waiting');
    expect(bench.sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(100);
    expect(bench.sent).toEqual(['ABC']);
    expect([editor.state, editor.draft.version, bench.memory.size]).toEqual(['saved', 2, 0]);
  });

  it('keeps each change on the device at once', () => {
    bench.type(bench.open(draft(1, '')), 'A');
    expect(bench.keeper.read()?.text.content.name?.text).toBe('A');
  });

  it('says so when the device keeps nothing', () => {
    const editor = bench.open(draft(1, ''));
    bench.keeper.store.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    bench.type(editor, 'A');
    expect(editor.kept).toBe(false);
  });

  it('sends what was typed while it was sending, on the new version', async () => {
    let answer!: (d: Draft) => void;
    bench.save.mockImplementationOnce(() => new Promise((done) => (answer = done)));
    const editor = bench.open(draft(1, ''));
    bench.type(editor, 'A');
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect(editor.state).toBe('saving');
    bench.type(editor, 'AB');
    answer(draft(2, 'A'));
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect(bench.save.mock.calls.map(([version]) => version)).toEqual([1, 2]);
    expect(bench.sent).toEqual(['A', 'AB']);
    expect(editor.text.content.name?.text).toBe('AB');
  });

  it('leaves out rows of references that nobody filled in', async () => {
    const editor = bench.open(draft(1, 'A'));
    editor.text.content.references!.references!.push({ source_name: '', description: '', url: '' });
    editor.changed();
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect([editor.state, bench.sent]).toEqual(['saved', []]);
  });
});

describe('a fix', () => {
  it('changes its field and is saved, but not over what was typed since', async () => {
    const editor = bench.open(draft(1, 'whistling'));
    editor.fix({ label: 'Title case', field: 'name', value: { text: 'Whistling' } });
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect(bench.sent).toEqual(['Whistling']);
    bench.type(editor, 'Whistling loudly');
    editor.fix({ label: 'Title case', field: 'name', value: { text: 'Whistling' } });
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect(bench.sent).toEqual(['Whistling', 'Whistling loudly']);
  });
});

describe('without a connection', () => {
  it('keeps the text, says why, and sends it once when it is back', async () => {
    bench.save.mockRejectedValueOnce(offline());
    const editor = bench.open(draft(1, ''));
    bench.type(editor, 'A');
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect([editor.state, editor.problem?.message]).toEqual(['failed', 'No connection.']);
    expect(bench.keeper.read()?.text.content.name?.text).toBe('A');
    editor.again();
    await vi.advanceTimersByTimeAsync(20_000);
    expect([editor.state, bench.sent]).toEqual(['saved', ['A', 'A']]);
    const keys = bench.save.mock.calls.map(([, , key]) => key);
    expect(keys[0]).toBe(keys[1]);
  });

  it('tries again by itself', async () => {
    bench.save.mockRejectedValueOnce(offline());
    const editor = bench.open(draft(1, ''));
    bench.type(editor, 'A');
    await vi.advanceTimersByTimeAsync(PAUSE + 1000);
    expect(editor.state).toBe('saved');
  });

  it('repeats the unanswered text before it sends a newer one', async () => {
    bench.save.mockRejectedValueOnce(offline());
    const editor = bench.open(draft(1, ''));
    bench.type(editor, 'A');
    await vi.advanceTimersByTimeAsync(PAUSE);
    bench.type(editor, 'AB');
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect(bench.sent).toEqual(['A', 'A', 'AB']);
    expect(bench.save.mock.calls.map(([version]) => version)).toEqual([1, 1, 2]);
  });

  it('does not repeat what the server refuses', async () => {
    bench.save.mockRejectedValueOnce(new Problem(422, 'invalid', 'Invalid', 'Too long.'));
    const editor = bench.open(draft(1, ''));
    bench.type(editor, 'A');
    await vi.advanceTimersByTimeAsync(60_000);
    expect([editor.state, bench.sent]).toEqual(['failed', ['A']]);
    bench.type(editor, 'B');
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect([editor.state, bench.sent]).toEqual(['saved', ['A', 'B']]);
  });
});

describe('opening again', () => {
  const local = (version: number, name: string, sent?: string) => {
    const text = (n: string): Text => ({
      content: { name: { text: n } },
      rationale: '',
      bump: 'minor',
      explained: {},
    });
    bench.keeper.write({ version, text: text(name), sent: sent ? text(sent) : undefined });
  };

  it('restores what was not sent, and can go back', async () => {
    local(3, 'newer');
    const editor = bench.open(draft(3, 'saved'));
    expect(editor.text.content.name?.text).toBe('newer');
    await vi.advanceTimersByTimeAsync(0);
    expect(bench.sent).toEqual(['newer']);
    editor.swap();
    expect(editor.text.content.name?.text).toBe('saved');
    expect(editor.aside?.text.content.name?.text).toBe('newer');
  });

  it('knows its own text on a version whose answer was lost', () => {
    local(3, 'sent and more', 'sent');
    const editor = bench.open(draft(4, 'sent'));
    expect([editor.theirs, editor.text.content.name?.text]).toEqual([undefined, 'sent and more']);
  });

  it('asks when another tab has saved since', async () => {
    local(3, 'mine');
    const editor = bench.open(draft(4, 'theirs'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect([editor.state, bench.sent]).toEqual(['stale', []]);
    expect(editor.theirs?.content.name?.text).toBe('theirs');
  });

  it('forgets what the server has', () => {
    local(3, ' same ');
    bench.open(draft(4, 'same'));
    expect(bench.memory.size).toBe(0);
  });
});

describe('a draft that was saved elsewhere', () => {
  const conflict = async () => {
    bench.save.mockRejectedValueOnce(stale(draft(7, 'theirs')));
    const editor = bench.open(draft(1, 'old'));
    bench.type(editor, 'mine');
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect(editor.state).toBe('stale');
    return editor;
  };

  it('can be overwritten, knowingly', async () => {
    const editor = await conflict();
    editor.choose('mine');
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect(bench.save.mock.lastCall?.slice(0, 1)).toEqual([7]);
    expect([editor.state, bench.sent]).toEqual(['saved', ['mine', 'mine']]);
    expect(editor.aside?.text.content.name?.text).toBe('theirs');
  });

  it('can be taken, and mine stays at hand', async () => {
    const editor = await conflict();
    editor.choose('theirs');
    editor.changed();
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect([editor.state, editor.text.content.name?.text]).toEqual(['saved', 'theirs']);
    expect(bench.memory.size).toBe(0);
    editor.swap();
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect(bench.sent.at(-1)).toBe('mine');
  });

  it('is no conflict when it says the same', async () => {
    bench.save.mockRejectedValueOnce(stale(draft(7, 'mine')));
    const editor = bench.open(draft(1, 'old'));
    bench.type(editor, 'mine');
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect([editor.state, editor.draft.version]).toEqual(['saved', 7]);
  });
});

describe('submitting', () => {
  it('saves first, and sends once for two clicks', async () => {
    const editor = bench.open(draft(1, ''));
    bench.type(editor, 'A');
    const both = await Promise.all([editor.submit(), editor.submit()]);
    expect(both).toEqual([true, false]);
    expect(bench.submit.mock.calls.map(([version]) => version)).toEqual([2]);
  });

  it('does not send what has errors', async () => {
    const editor = bench.open(draft(1, '', [missing as Draft['checks'][number]]));
    expect(await editor.submit()).toBe(false);
    expect([editor.tried, bench.submit.mock.calls.length]).toEqual([true, 0]);
  });

  it('shows what the server finds', async () => {
    bench.submit.mockRejectedValueOnce(
      new Problem(422, 'invalid', 'Invalid', 'Errors.', [], { checks: [missing] }),
    );
    const editor = bench.open(draft(1, 'A'));
    expect(await editor.submit()).toBe(false);
    expect(editor.errors).toEqual([missing]);
  });

  it('repeats under the same key when no answer came', async () => {
    bench.submit.mockRejectedValueOnce(offline());
    const editor = bench.open(draft(1, 'A'));
    expect(await editor.submit()).toBe(false);
    expect(await editor.submit()).toBe(true);
    const [first, second] = bench.submit.mock.calls;
    expect(first).toEqual(second);
  });
});

describe('what is found', () => {
  const open = (from: Draft, look: Transport['look']) =>
    new DraftEditor(from, form, { save: bench.save, submit: bench.submit, look }, bench.keeper);
  const about = ({ content }: Text) => ({
    checks: [{ ...missing, message: content.name?.text ?? '' }] as Draft['checks'],
    similar: [],
  });
  const told = (editor: DraftEditor) => editor.checks.map(({ message }) => message);

  it('is there before the text is saved, with one question for each pause', async () => {
    const look = vi.fn<NonNullable<Transport['look']>>((text) => Promise.resolve(about(text)));
    const editor = open(draft(1, ''), look);
    for (const name of ['A', 'AB', 'ABC']) {
      bench.type(editor, name);
      await vi.advanceTimersByTimeAsync(LOOK - 50);
    }
    expect(look).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(50);
    expect([told(editor), editor.watch.fresh, bench.sent]).toEqual([['ABC'], true, []]);
    expect(look).toHaveBeenCalledTimes(1);
  });

  it('never goes back to an older text, whichever answer comes first', async () => {
    const answers: (() => void)[] = [];
    const look: Transport['look'] = (text) =>
      new Promise((done) => answers.push(() => done(about(text))));
    let save!: () => void;
    bench.save.mockImplementationOnce(
      (version) =>
        new Promise(
          (done) =>
            (save = () =>
              done(
                draft(
                  version + 1,
                  'A',
                  about({ content: { name: { text: 'saved A' } } } as unknown as Text).checks,
                ),
              )),
        ),
    );
    const editor = open(draft(1, ''), look);
    bench.type(editor, 'A');
    await vi.advanceTimersByTimeAsync(PAUSE);
    bench.type(editor, 'AB');
    await vi.advanceTimersByTimeAsync(LOOK);
    expect(answers.length, 'one question at a time').toBe(1);
    answers[0]!();
    await vi.advanceTimersByTimeAsync(0);
    expect([told(editor), editor.watch.fresh]).toEqual([['A'], false]);
    answers[1]!();
    await vi.advanceTimersByTimeAsync(0);
    expect([told(editor), editor.watch.fresh]).toEqual([['AB'], true]);
    save();
    await vi.advanceTimersByTimeAsync(0);
    expect([told(editor), editor.draft.version]).toEqual([['AB'], 2]);
  });

  it('comes with the save where it cannot be asked for', async () => {
    bench.save.mockImplementationOnce((version) =>
      Promise.resolve(draft(version + 1, 'A', [missing as Draft['checks'][number]])),
    );
    const editor = open(draft(1, ''), () => Promise.reject(offline()));
    bench.type(editor, 'A');
    await vi.advanceTimersByTimeAsync(LOOK);
    expect([told(editor), editor.watch.fresh]).toEqual([[], false]);
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect([told(editor), editor.watch.fresh]).toEqual([[missing.message], true]);
  });

  it('is asked for before a text is handed in, so that what was put right does not hold it up', async () => {
    const look: Transport['look'] = () => Promise.resolve({ checks: [], similar: [] });
    const editor = open(draft(1, '', [missing as Draft['checks'][number]]), look);
    bench.save.mockImplementationOnce((version) => Promise.resolve(draft(version + 1, 'A')));
    bench.type(editor, 'A');
    expect(await editor.submit()).toBe(true);
  });

  it('says what a fix may change', async () => {
    const editor = open(draft(1, 'a'), (text) => Promise.resolve(about(text)));
    const fix = { label: 'Title case', field: 'name', value: { text: 'A' } };
    bench.type(editor, 'ab');
    editor.fix(fix);
    expect(editor.text.content.name?.text).toBe('ab');
    await vi.advanceTimersByTimeAsync(LOOK);
    editor.fix(fix);
    expect(editor.text.content.name?.text).toBe('A');
    await vi.advanceTimersByTimeAsync(LOOK);
    const also = { references: { references: [{ source_name: 'B', description: '', url: '' }] } };
    editor.fix({ ...fix, value: { text: 'B' }, also });
    expect(editor.text.content.references?.references?.[0]?.source_name).toBe('B');
  });
});

describe('what must not be shared', () => {
  const shared = {
    key: 'k1',
    kind: 'ipv4' as const,
    text: '45.77.65.211',
    why: '',
    places: [{ item: 0, from: 3, to: 15 }],
    replacement: '192.0.2.1',
  };

  it('is replaced in the text as it is now', async () => {
    const editor = bench.open(draft(1, 'At 45.77.65.211'));
    bench.type(editor, 'Look at 45.77.65.211');
    editor.replace('name', shared);
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect(bench.sent).toEqual(['Look at 192.0.2.1']);
    editor.text.rationale = 'At 45.77.65.211';
    editor.replace('rationale', shared);
    expect(editor.text.rationale).toBe('At 192.0.2.1');
  });

  it('is explained at once, and what the server drops is dropped here', async () => {
    const editor = bench.open(draft(1, 'a'));
    bench.save.mockImplementation((version, text) =>
      Promise.resolve({
        ...draft(version + 1, text.content.name?.text ?? ''),
        explained: Object.fromEntries(
          Object.entries(text.explained).filter(([key]) => key === 'k1'),
        ),
      }),
    );
    editor.explain('k1', 'Known.');
    editor.explain('k2', 'Gone.');
    await vi.advanceTimersByTimeAsync(0);
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect(bench.save.mock.lastCall?.[1].explained).toHaveProperty('k1', 'Known.');
    expect(editor.text.explained).toEqual({ k1: 'Known.' });
    expect([editor.state, editor.watch.fresh]).toEqual(['saved', true]);
    editor.explain('k1', '');
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect(bench.save.mock.lastCall?.[1].explained).toEqual({});
    expect(editor.state).toBe('saved');
  });
});
