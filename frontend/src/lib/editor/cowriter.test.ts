import { ChangeSet, EditorState, Text, type TransactionSpec } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import { Problem } from '$lib/api/client';
import type { TextUpdate } from '$lib/api/types';
import type { Topic } from '$lib/live/socket.svelte';
import { Cowriter, type Push } from './cowriter.svelte';
import type { Unsent } from './unsent';

/** Numbers that look random and are the same in each run. */
function random(seed: number) {
  return () => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed / 2147483648;
  };
}

/** The server's part: it moves what is pushed over what came since, and takes a repeat once. */
class Authority {
  updates: TextUpdate[] = [];
  doc = Text.empty;
  topics = new Set<Topic>();

  take({ client, version, first, changes }: Push) {
    let own = changes.map((one) => ChangeSet.fromJSON(one));
    let number = first;
    for (const update of this.updates.slice(version)) {
      if (!own.length) break;
      if (update.client === client) {
        expect(update.number).toBe(number++);
        own = own.slice(1);
        continue;
      }
      let theirs = ChangeSet.fromJSON(update.changes);
      own = own.map((one) => {
        const moved = one.map(theirs);
        theirs = theirs.map(one, true);
        return moved;
      });
    }
    for (const one of own) {
      this.doc = one.apply(this.doc);
      const update = { version: this.updates.length + 1, client, number: number++, author: client };
      this.updates.push({ ...update, changes: one.toJSON() as TextUpdate['changes'] });
    }
    return { version: this.updates.length, updates: this.updates.slice(version) };
  }

  tell(topic: Topic) {
    topic.updates?.(this.updates.slice(topic.after()));
  }
}

/** A page with one text: an editor without a screen. */
class Page {
  state: EditorState;
  cowriter: Cowriter;
  topic: Topic | undefined;
  store = new Map<string, string>();

  constructor(
    readonly authority: Authority,
    readonly lose: () => 'request' | 'answer' | undefined,
    unsent?: Unsent,
  ) {
    const wire = {
      push: async (push: Push) => {
        await Promise.resolve();
        const lost = this.lose();
        if (lost === 'request') throw new TypeError();
        const answer = authority.take(JSON.parse(JSON.stringify(push)) as Push);
        if (lost === 'answer') throw new TypeError();
        return answer;
      },
      since: (version: number) => Promise.resolve(authority.updates.slice(version)),
      join: (topic: Topic) => {
        this.topic = topic;
        return () => (this.topic = undefined);
      },
      at: () => undefined,
    };
    this.cowriter = new Cowriter(
      {
        wire,
        start: { version: authority.updates.length, text: authority.doc.toString() },
        user: 'u',
        place: 'here',
        store: {
          getItem: (key) => this.store.get(key) ?? null,
          setItem: (key, value) => void this.store.set(key, value),
          removeItem: (key) => void this.store.delete(key),
        },
        name: (user) => user,
        draft: () => 1,
        heard: () => undefined,
        written: () => undefined,
      },
      unsent,
    );
    this.state = EditorState.create({
      doc: this.cowriter.text,
      extensions: this.cowriter.extension,
    });
    this.cowriter.attach(this as never);
  }

  dispatch(spec: TransactionSpec) {
    const transaction = this.state.update(spec);
    this.state = transaction.state;
    if (transaction.docChanged) this.cowriter.changed([transaction]);
  }

  get text() {
    return this.state.doc.toString();
  }

  /** What this page leaves on the device. */
  get left(): Unsent | undefined {
    const [kept] = this.store.values();
    return kept ? (JSON.parse(kept) as Unsent) : undefined;
  }
}

const soon = () => new Promise((over) => setTimeout(over));

describe('a text that several people write', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'is the same everywhere, whatever is lost on the way (%i)',
    async (seed) => {
      const draw = random(seed);
      const authority = new Authority();
      let bad = true;
      const lose = () =>
        bad && draw() < 0.4
          ? draw() < 0.5
            ? ('request' as const)
            : ('answer' as const)
          : undefined;
      const pages = [0, 1, 2].map(() => new Page(authority, lose));
      let letter = 0;
      for (let step = 0; step < 60; step++) {
        const at = Math.floor(draw() * pages.length);
        const page = pages[at]!;
        const { length } = page.state.doc;
        const from = Math.floor(draw() * (length + 1));
        const insert = String.fromCodePoint(0x4e00 + letter++);
        page.dispatch({ changes: { from, insert } });
        if (draw() < 0.3) await soon();
        if (draw() < 0.3) await page.cowriter.flush();
        if (draw() < 0.4 && page.topic) authority.tell(page.topic);
        // A page that is loaded again goes on with what it left.
        if (draw() < 0.1) {
          const { left } = page;
          page.cowriter.close();
          await soon();
          pages[at] = new Page(authority, lose, left);
        }
      }
      bad = false;
      for (const page of pages) expect(await page.cowriter.flush()).toBe(true);
      for (const page of pages) {
        if (page.topic) authority.tell(page.topic);
        expect(page.text).toBe(authority.doc.toString());
        expect(page.cowriter.state).toBe('saved');
        expect(page.left).toBeUndefined();
        page.cowriter.close();
      }
      expect([...authority.doc.toString()].sort().join('')).toBe(
        Array.from({ length: letter }, (_, i) => String.fromCodePoint(0x4e00 + i)).join(''),
      );
    },
  );

  it('is never called saved before the server has it, and says when it cannot be', async () => {
    const authority = new Authority();
    let refuse: Problem | undefined = new Problem(413, 'too_large', '', 'Too long.');
    const page = new Page(authority, () => {
      if (refuse) throw refuse;
      return undefined;
    });
    page.dispatch({ changes: { from: 0, insert: 'kettle' } });
    expect(page.cowriter.settled).toBe(false);
    await soon();
    expect([page.cowriter.state, page.cowriter.problem?.message]).toEqual(['failed', 'Too long.']);
    expect(page.left?.changes).toHaveLength(1);
    refuse = undefined;
    page.dispatch({ changes: { from: 0, to: 3 } });
    await soon();
    expect([page.cowriter.state, authority.doc.toString()]).toEqual(['saved', 'tle']);
    refuse = new Problem(404, 'not_found', '', 'Nobody writes this text any more.');
    page.dispatch({ changes: { from: 0, insert: 'late ' } });
    await soon();
    expect(page.cowriter.state).toBe('over');
    expect(page.left?.changes).toHaveLength(1);
    expect(page.text).toBe('late tle');
    page.cowriter.forget();
    expect(page.left).toBeUndefined();
    page.cowriter.close();
  });
});
