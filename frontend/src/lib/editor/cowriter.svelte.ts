import { collab, getSyncedVersion, receiveUpdates, sendableUpdates } from '@codemirror/collab';
import { ChangeSet, type Extension, Text, type Transaction } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { asProblem, newKey, type Problem } from '$lib/api/client';
import type { TextUpdate } from '$lib/api/types';
import { backoff, type Topic } from '$lib/live/socket.svelte';
import { coloured, type Cursor, cursors, showCursors } from './cursors';
import { claim, type Unsent } from './unsent';

/** A text at a version. */
export interface TextAt {
  version: number;
  text: string;
}

export interface Push {
  client: string;
  version: number;
  first: number;
  changes: unknown[];
}

/** How a text reaches the server and the others. */
export interface Wire {
  push(push: Push): Promise<{ version: number; updates: TextUpdate[] }>;
  since(version: number): Promise<TextUpdate[]>;
  join(topic: Topic): () => void;
  /** Tells the others where I am in it. */
  at(place: string): void;
}

export interface Setup {
  wire: Wire;
  /** The text as this page has read it. */
  start: TextAt;
  user: string;
  /** Where this device keeps what is not acknowledged, without the client. */
  place: string;
  store?: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  name(user: string): string;
  /** The version of the draft around it, which is told to the others. */
  draft(): number;
  /** Somebody saved the draft around it. */
  heard(): void;
  /** The text was changed, here or by others, and the server has it. */
  written(): void;
}

type Holder = Pick<EditorView, 'state' | 'dispatch'>;

/** How many changes go to the server at once. */
const MOST = 200;
/** How long the cursor rests before the others are told, in milliseconds. */
const REST = 80;

export type Standing = 'saved' | 'sending' | 'failed' | 'over';

/**
 * One text that several people write at once. What is typed is kept on the device, sent, and called
 * saved when the server has said so; what others type is moved in between. An answer that got lost
 * is asked for again by the number of the first change, so that nothing is there twice.
 */
export class Cowriter {
  state = $state<Standing>('saved');
  problem = $state.raw<Problem>();
  /** False where the device could not keep what is not sent. */
  kept = $state(true);
  /** Who else is in this text, by user id. */
  others = $state.raw<string[]>([]);
  readonly extension: Extension;
  /** What the editor starts from. */
  readonly text: string;
  #client: string;
  #confirmed: number;
  #base: Text;
  #restored: unknown[];
  #holder: Holder | undefined;
  #leave: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #focused = false;
  #cursors = new Map<string, Omit<Cursor, 'colour'>>();
  #channel: BroadcastChannel | undefined;

  constructor(
    readonly setup: Setup,
    unsent?: Unsent,
  ) {
    this.#client = unsent?.client ?? newKey();
    this.#confirmed = unsent?.confirmed ?? 0;
    this.#restored = unsent?.changes ?? [];
    this.text = unsent?.base ?? setup.start.text;
    this.#base = Text.of(this.text.split('\n'));
    const startVersion = unsent?.version ?? setup.start.version;
    this.extension = [
      collab({ startVersion, clientID: this.#client }),
      cursors,
      EditorView.updateListener.of((update) => {
        this.#focused = update.view.hasFocus;
        if (update.docChanged) this.changed(update.transactions);
        if (update.docChanged || update.selectionSet || update.focusChanged) this.#tell();
      }),
    ];
  }

  /** What another visit to a text has left on this device. */
  static async left(setup: Setup | undefined): Promise<Unsent | undefined> {
    return setup && claim(setup.place, setup.store);
  }

  /** Does it go on with what another visit has left? */
  get restored(): boolean {
    return this.#restored.length > 0;
  }

  /** Begins, once the editor is there. */
  attach(holder: Holder) {
    this.#holder = holder;
    for (const change of this.#restored) holder.dispatch({ changes: ChangeSet.fromJSON(change) });
    this.#channel = answerFor(this.#client);
    this.#leave = this.setup.wire.join({
      after: () => this.version,
      updates: (updates) => this.#receive(updates),
      presence: (full, here, left) => {
        if (full) this.#cursors.clear();
        for (const { user, place } of here) this.#cursors.set(user, this.#cursor(user, place));
        for (const user of left) this.#cursors.delete(user);
        this.#show();
      },
      refused: () => this.#end(gone),
      stale: () => this.#end(gone),
    });
    this.#tell();
    if (this.unsent) void this.#run();
  }

  /** The version of the text that is acknowledged here. */
  get version(): number {
    return this.#holder ? getSyncedVersion(this.#holder.state) : this.setup.start.version;
  }

  /** Is there something that the server has not acknowledged? */
  get unsent(): boolean {
    return !!this.#holder && sendableUpdates(this.#holder.state).length > 0;
  }

  get settled(): boolean {
    return this.state === 'saved';
  }

  /** To be called after each change of the text. */
  changed(transactions: readonly Pick<Transaction, 'docChanged'>[]) {
    if (!transactions.length) return;
    this.#keep();
    if (!this.unsent || this.state === 'over') return;
    if (this.state === 'saved') this.state = 'sending';
    // Who is offline is tried again by the clock; what was too long may fit now.
    if (!this.#timer) void this.#run();
  }

  /** Sends what is not sent; true when the server has it all. */
  async flush(): Promise<boolean> {
    this.#wake();
    if (this.unsent && this.state !== 'over') await this.#run();
    else if (this.state === 'failed') this.#rested();
    return !this.unsent;
  }

  /** Tries at once, for example when the network is back. */
  again() {
    if (this.state === 'failed') void this.flush();
  }

  #wake() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #run(): Promise<void> {
    this.#running ??= this.#send().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #send() {
    while (this.#holder && this.unsent && this.state !== 'over') {
      const version = this.version;
      const list = sendableUpdates(this.#holder.state).slice(0, MOST);
      this.state = 'sending';
      try {
        const { updates } = await this.setup.wire.push({
          client: this.#client,
          version,
          first: this.#confirmed + 1,
          changes: list.map(({ changes }) => changes.toJSON() as unknown),
        });
        this.#attempt = 0;
        this.problem = undefined;
        this.#receive(updates);
      } catch (cause) {
        if (!(await this.#failed(asProblem(cause)))) return;
      }
    }
    if (this.state !== 'over') this.#rested();
  }

  #rested() {
    this.#wake();
    this.#attempt = 0;
    this.state = 'saved';
    this.problem = undefined;
  }

  // Gives true where it can go on at once.
  async #failed(problem: Problem): Promise<boolean> {
    if (!this.unsent) return true; // it was sent, and only the answer lost
    if (problem.code === 'stale' && (await this.#catchUp())) return true;
    if (FINAL.has(problem.code)) {
      this.#end(problem);
      return false;
    }
    this.problem = problem;
    this.state = 'failed';
    const again = problem.code === 'stale' || problem.status === 0 || problem.status >= 429;
    if (again && this.#leave) {
      this.#wake();
      this.#timer = setTimeout(() => void this.flush(), backoff(this.#attempt++));
    }
    return false;
  }

  #end(problem: Problem) {
    this.#wake();
    this.problem = problem;
    this.state = 'over';
    this.#cursors.clear();
    this.#show();
  }

  /** Gets what is missing between what is here and what has come. */
  async #catchUp(): Promise<boolean> {
    try {
      for (;;) {
        const updates = await this.setup.wire.since(this.version);
        if (!updates.length) return true;
        const before = this.version;
        this.#take(updates);
        if (this.version === before) return false;
      }
    } catch (cause) {
      const problem = asProblem(cause);
      if (FINAL.has(problem.code)) this.#end(problem);
      return false;
    }
  }

  #receive(updates: TextUpdate[]) {
    const next = updates.find(({ version }) => version > this.version);
    if (next && next.version > this.version + 1) void this.#catchUp();
    else this.#take(updates);
  }

  // One at a time: moved over several that were made into one, a change can end up elsewhere than
  // on the server.
  #take(updates: TextUpdate[]) {
    const holder = this.#holder;
    if (!holder || this.state === 'over') return;
    let written = false;
    for (const { version, client, number, changes: json } of updates) {
      if (version !== this.version + 1) continue;
      const changes = ChangeSet.fromJSON(json);
      if (client === this.#client) this.#confirmed = number;
      this.#base = changes.apply(this.#base);
      holder.dispatch(receiveUpdates(holder.state, [{ changes, clientID: client }]));
      written = true;
    }
    if (!written) return;
    this.#keep();
    // What was sent is there, though its answer was lost.
    if (!this.unsent && this.state === 'failed') this.#rested();
    this.setup.written();
  }

  #keep() {
    if (!this.#holder) return;
    const { place, store = localStorage } = this.setup;
    const key = `${place}:${this.#client}`;
    try {
      const changes = sendableUpdates(this.#holder.state).map(
        (one) => one.changes.toJSON() as unknown,
      );
      if (!changes.length) store.removeItem(key);
      else {
        const unsent: Unsent = {
          client: this.#client,
          confirmed: this.#confirmed,
          version: this.version,
          base: this.#base.toString(),
          changes,
        };
        store.setItem(key, JSON.stringify(unsent));
      }
      this.kept = true;
    } catch {
      this.kept = false;
    }
  }

  /** Lets go of what the server does not take; the page has offered it. */
  forget() {
    const { place, store = localStorage } = this.setup;
    try {
      store.removeItem(`${place}:${this.#client}`);
    } catch {
      // It was not kept, then.
    }
  }

  #cursor(user: string, place: string): Omit<Cursor, 'colour'> {
    const [anchor = -1, head = -1, draft = 0] = place.split(' ').map(Number);
    if (user !== this.setup.user && draft > this.setup.draft()) this.setup.heard();
    return { user, name: this.setup.name(user), anchor, head };
  }

  #show() {
    const all = coloured([...this.#cursors.values()]).filter(
      ({ user }) => user !== this.setup.user,
    );
    this.others = all.map(({ user }) => user);
    this.#holder?.dispatch({ effects: showCursors.of(all) });
  }

  /** Tells the others where I am, and which version of the draft I have saved. */
  tell() {
    this.#tell();
  }

  #tell() {
    this.#rest ??= setTimeout(() => {
      this.#rest = undefined;
      if (!this.#holder || !this.#leave) return;
      const { anchor, head } = this.#holder.state.selection.main;
      this.setup.wire.at(
        `${this.#focused ? anchor : -1} ${this.#focused ? head : -1} ${this.setup.draft()}`,
      );
    }, REST);
  }

  /** Ends the work; what is not sent is sent, or stays on the device. */
  close() {
    this.#leave?.();
    this.#leave = undefined;
    this.#channel?.close();
    clearTimeout(this.#rest);
    void this.flush();
  }
}

/** Refusals after which this text cannot go on. */
const FINAL = new Set(['gone', 'not_found', 'conflict', 'forbidden', 'invalid']);

const gone = asProblem(
  {
    code: 'gone',
    detail:
      'Nobody writes this text any more, or you may not. Copy what you wrote, and load the page again.',
  },
  410,
);

/** Tells other tabs that what this one has not sent is not left over. */
function answerFor(client: string): BroadcastChannel | undefined {
  if (typeof BroadcastChannel === 'undefined') return undefined;
  const channel = new BroadcastChannel('atelier-texts');
  channel.onmessage = ({ data }: MessageEvent<{ ask?: string }>) => {
    if (data.ask === client) channel.postMessage({ here: client });
  };
  return channel;
}
