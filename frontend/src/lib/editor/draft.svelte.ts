import { asProblem, newKey, type Problem } from '$lib/api/client';
import type { Check, Draft, Field, Findings, Fix, Form, Shared } from '$lib/api/types';
import { replaced } from '$lib/guard/places';
import type { Keeper } from './kept';
import type { Setup } from './cowriter.svelte';
import { alike, filled, merged, sendable, textOf, without, type Bump, type Text } from './text';
import { Watch } from './watch.svelte';

/** How long a pause in typing is, before the text is sent. */
export const PAUSE = 600;

/** How long a pause is after which the draft is read, where it moved elsewhere, in milliseconds. */
const READ = 250;

const only = (name: string, { content }: Text): Text => ({
  content: { [name]: content[name] ?? {} },
  rationale: '',
  bump: 'minor',
  explained: {},
});

export type SaveState = 'saved' | 'waiting' | 'saving' | 'failed' | 'stale';

/** How a draft reaches the server; a repeat with the same key is the same write. */
export interface Transport {
  save(version: number, text: Text, key: string, rest: Rest): Promise<Draft>;
  submit(version: number, key: string, texts: Record<string, number>): Promise<unknown>;
  read?(): Promise<Draft>;
  /** Asks what is found in a text that is not saved. */
  look?(text: Text): Promise<Findings>;
}

/** What a save says of the fields that several people may write. */
export interface Rest {
  /** Those that are written otherwise, and stay as they are. */
  keep: string[];
  /** Versions of the others, as this page has seen them. */
  texts: Record<string, number>;
}

/** A field that is written together with others, and goes to the server by itself. */
export interface Together {
  readonly version: number;
  readonly state: 'saved' | 'sending' | 'failed' | 'over';
  readonly problem: Problem | undefined;
  readonly kept: boolean;
  readonly settled: boolean;
  flush(): Promise<boolean>;
  again(): void;
  /** Tells the others which version of the draft there is. */
  tell(): void;
}

interface Sending {
  version: number;
  text: Text;
  key: string;
  /** When the text was so. */
  turn: number;
}

/**
 * A draft while it is written. Each change is kept on the device at once and sent after a pause.
 * What the server has not acknowledged is never called saved, and never overwritten: where another
 * tab saved meanwhile, both texts are there to choose from.
 */
export class DraftEditor {
  text = $state() as Text;
  state = $state<SaveState>('saved');
  problem = $state.raw<Problem>();
  /** The other side, where the draft was saved elsewhere meanwhile. */
  theirs = $state.raw<Draft>();
  /** A text that was put aside, to come back to. */
  aside = $state.raw<{ why: 'restored' | 'replaced'; text: Text }>();
  submitting = $state(false);
  /** True from the first try to submit: then what is missing is an error. */
  tried = $state(false);
  /** False where the device could not keep the text. */
  kept = $state(true);
  draft = $state.raw() as Draft;
  /** What is found in the text. */
  readonly watch: Watch;
  /** How a field can be written together with others; nothing: it cannot. */
  texts: ((field: string) => Setup) | undefined;
  /** Begins to talk about words of a text, from and to a place in it; nothing: it cannot be. */
  discuss = $state.raw<(field: Field, text: string, from: number, to: number) => void>();
  /** The fields that are written together with others, by name. */
  together = $state.raw<Record<string, Together>>({});

  #acknowledged: Text;
  #seen: Text;
  #whole: Text;
  #unanswered: Sending | undefined;
  #running: Promise<boolean> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #closed = false;
  #submission: { seen: string; key: string } | undefined;
  #reading: ReturnType<typeof setTimeout> | undefined;

  constructor(
    draft: Draft,
    readonly form: Form,
    readonly transport: Transport,
    readonly keeper: Keeper,
  ) {
    this.draft = draft;
    this.#acknowledged = textOf(draft);
    this.text = filled(form, this.#acknowledged);
    this.#seen = this.#whole = this.#acknowledged;
    this.watch = new Watch(draft, transport.look && (() => transport.look!(this.#all())));
    this.#restore();
  }

  get checks(): Check[] {
    return this.watch.checks;
  }

  get errors(): Check[] {
    return this.checks.filter((check) => check.level === 'error');
  }

  get #unsaved(): boolean {
    return !alike(this.#own($state.snapshot(this.text)), this.#own(this.#acknowledged));
  }

  // What goes to the server with the draft: not what is written together with others.
  #own = (text: Text): Text => without(text, Object.keys(this.together));

  /** Is there text that neither the server nor this device has? */
  get losable(): boolean {
    return (
      (this.#unsaved && !this.kept) ||
      Object.values(this.together).some((one) => !one.settled && !one.kept)
    );
  }

  /** How it stands as a whole, for people. */
  get standing(): { state: SaveState; problem?: Problem } {
    const { state, problem } = this;
    if (state === 'failed' || state === 'stale') return { state, problem };
    const texts = Object.values(this.together);
    const bad = texts.find((one) => one.state === 'failed' || one.state === 'over');
    if (bad) return { state: 'failed', problem: bad.problem };
    if (texts.some((one) => !one.settled)) return { state: 'saving' };
    return { state };
  }

  /** Can a field begin to be written together with others, with what the page has of it? */
  get still(): boolean {
    return !this.#unanswered && !this.theirs;
  }

  /** From now on a field goes to the server by itself. */
  join(field: string, one: Together) {
    this.together = { ...this.together, [field]: one };
    this.#seen = this.#plain();
    if (this.state === 'waiting' && !this.#unsaved) this.#settle();
  }

  leave(field: string) {
    const { [field]: _, ...rest } = this.together;
    this.together = rest;
  }

  #settle() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.state = 'saved';
    this.keeper.forget();
  }

  // What is on the device is newer than the server's where a page was closed before it was sent.
  #restore() {
    const kept = this.keeper.read();
    if (!kept) return;
    const whole = (text: Text): Text => ({
      ...text,
      content: { ...this.#acknowledged.content, ...text.content },
    });
    const text = whole(kept.text);
    if (alike(text, this.#acknowledged)) return this.keeper.forget();
    this.text = filled(this.form, text);
    this.#seen = this.#plain();
    const own = kept.sent !== undefined && alike(whole(kept.sent), this.#acknowledged);
    const moved = Object.entries(kept.texts ?? {}).some(
      ([field, version]) => field in kept.text.content && this.draft.texts?.[field] !== version,
    );
    if ((kept.version !== this.draft.version && !own) || moved) {
      this.theirs = this.draft;
      this.state = 'stale';
      return;
    }
    this.aside = { why: 'restored', text: this.#acknowledged };
    this.#wait(0);
  }

  /** To be called after each change of the text. */
  changed() {
    const all = this.#all();
    if (!alike(all, this.#whole)) {
      this.#whole = all;
      this.watch.changed();
    }
    const now = this.#own(all);
    if (alike(now, this.#seen)) return;
    this.#seen = now;
    this.#keep();
    if (this.state === 'stale') return;
    this.#wait(PAUSE);
  }

  /** Puts a finding right, in the text that it was found in: a newer one is left alone. */
  fix({ field, value, also }: Fix) {
    if (!this.watch.fresh) return;
    if (field === 'bump') this.text.bump = value.text as Bump;
    else {
      const { content, ...rest } = this.#plain();
      this.#fill({ ...rest, content: { ...content, [field]: value, ...also } });
    }
    this.changed();
  }

  /** Puts what may be shared in all places of something in a field. */
  replace(field: string, shared: Shared) {
    if (field === 'rationale')
      this.text.rationale = replaced({ text: this.text.rationale }, shared).text ?? '';
    else if (this.text.content[field])
      this.text.content[field] = replaced(this.text.content[field], shared);
    this.changed();
  }

  /** Keeps why something may stand; an empty reason takes it back. */
  explain(key: string, reason: string) {
    const { [key]: _, ...others } = this.text.explained;
    this.text.explained = reason ? { ...others, [key]: reason } : others;
    this.changed();
    this.hurry();
  }

  #all = (): Text => sendable($state.snapshot(this.text));
  #plain = (): Text => this.#own(this.#all());

  // What is written together with others stays, where the text does not have it.
  #fill(text: Text) {
    const now = this.#all().content;
    this.text = filled(this.form, { ...text, content: { ...now, ...text.content } });
  }

  #keep() {
    const { version, texts } = this.draft;
    const sent = this.#unanswered?.text;
    this.kept = this.keeper.write({ version, text: this.#seen, sent, texts });
  }

  #wait(pause: number) {
    clearTimeout(this.#timer);
    if (this.state !== 'saving') this.state = 'waiting';
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.save();
    }, pause);
  }

  /** Sends what is not sent yet; true when the server has it all. */
  save(): Promise<boolean> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #run(): Promise<boolean> {
    // Who types on while it is sent is waited for: their pause sends the rest.
    while (!this.theirs && (this.#unanswered || (this.#unsaved && !this.#timer))) {
      const sending = (this.#unanswered ??= this.#next());
      this.#keep();
      this.state = 'saving';
      try {
        const { version, text, key, turn } = sending;
        this.#saved(await this.transport.save(version, text, key, this.#rest()), text, turn);
      } catch (cause) {
        if (!this.#failed(asProblem(cause), sending)) return false;
      }
    }
    if (this.theirs) return false;
    this.state = this.#unsaved ? 'waiting' : 'saved';
    if (!this.#unsaved) this.keeper.forget();
    return !this.#unsaved;
  }

  #rest(): Rest {
    const keep = Object.keys(this.together);
    const others = Object.entries(this.draft.texts ?? {}).filter(([name]) => !keep.includes(name));
    return { keep, texts: Object.fromEntries(others) };
  }

  #next(): Sending {
    const { turn } = this.watch;
    return { version: this.draft.version, text: this.#plain(), key: newKey(), turn };
  }

  #saved(draft: Draft, text: Text, turn: number) {
    this.#unanswered = undefined;
    this.#attempt = 0;
    this.problem = undefined;
    this.draft = draft;
    this.#found(draft, turn);
    this.#acknowledged = this.#without(text, draft);
    if (this.#unsaved) this.#keep();
    for (const one of Object.values(this.together)) one.tell();
  }

  // What was found in a draft that the server has, where that says what this page did at a turn.
  #found(draft: Draft, turn: number) {
    const same = ([field, one]: [string, Together]) =>
      one.settled && draft.texts[field] === one.version;
    if (Object.entries(this.together).every(same)) this.watch.take(draft, turn);
  }

  /** Reads after a pause what others have saved. */
  heard() {
    if (this.#closed || !this.transport.read) return;
    clearTimeout(this.#reading);
    this.#reading = setTimeout(() => void this.#read(), READ);
  }

  /** A text that is written together with others was changed. */
  written() {
    // Which fields both sides changed may be others by now.
    if (this.draft.proposal.standing?.state === 'conflict') this.heard();
  }

  async #read() {
    const { turn } = this.watch;
    let fresh: Draft | undefined;
    try {
      fresh = await this.transport.read?.();
    } catch {
      return; // What is saved next tells.
    }
    if (!fresh || this.#closed || this.theirs || fresh.version < this.draft.version) return;
    if (this.#unanswered) return this.heard();
    if (fresh.version === this.draft.version) {
      this.draft = fresh;
      this.#found(fresh, turn);
    } else if (this.#merge(fresh) && this.#unsaved) this.#wait(PAUSE);
  }

  // Takes over what the other side changed, where this one has not changed the same; else false.
  #merge(theirs: Draft): boolean {
    const [base, mine, other] = [
      this.#own(this.#acknowledged),
      this.#plain(),
      this.#own(textOf(theirs)),
    ];
    const both = merged(base, mine, other);
    if (!both) return false;
    this.draft = theirs;
    this.#acknowledged = textOf(theirs);
    const next = filled(this.form, both);
    for (const name of Object.keys(other.content).concat(Object.keys(base.content)))
      if (!this.together[name] && !alike(only(name, both), only(name, mine)))
        this.text.content[name] = next.content[name] ?? {};
    const { rationale, bump, explained } = next;
    Object.assign(this.text, { rationale, bump, explained });
    this.#seen = this.#plain();
    if (this.#unsaved) this.#keep();
    else this.keeper.forget();
    return true;
  }

  // What is not found any more needs no reason: the server drops it, and so does this page.
  #without(text: Text, { explained }: Draft): Text {
    const gone = Object.keys(text.explained ?? {}).filter((key) => !(key in explained));
    if (!gone.length) return text;
    const rest = (all: Text['explained']) =>
      Object.fromEntries(Object.entries(all).filter(([key]) => !gone.includes(key)));
    this.text.explained = rest(this.text.explained);
    this.#seen = this.#plain();
    this.#whole = this.#all(); // what is found stays the same
    return { ...text, explained: rest(text.explained) };
  }

  // Gives true where it can go on at once.
  #failed(problem: Problem, sending: Sending): boolean {
    const theirs = (problem.details as { theirs?: Draft } | undefined)?.theirs;
    if (problem.code === 'stale' && theirs) {
      this.#unanswered = undefined;
      // Only the version moved, or it was this text: nothing to choose.
      const now = this.#own(textOf(theirs));
      const same = [sending.text, this.#acknowledged].find((t) => alike(this.#own(t), now));
      if (same) {
        this.#saved(theirs, same, sending.turn);
        return true;
      }
      if (this.#merge(theirs)) return true;
      this.theirs = theirs;
      this.state = 'stale';
      return false;
    }
    this.problem = problem;
    this.state = 'failed';
    const again = problem.status === 0 || problem.status === 429 || problem.status >= 500;
    if (again) this.#later();
    else this.#unanswered = undefined;
    return false;
  }

  #later() {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    const pause = Math.min(15_000, 1000 * 2 ** this.#attempt++);
    this.#timer = setTimeout(() => void this.save(), pause);
  }

  /** Tries at once, for example when the network is back. */
  again() {
    if (this.state === 'failed') void this.save();
    for (const one of Object.values(this.together)) one.again();
  }

  /** Does not wait for the end of the pause, for example when the page is left. */
  hurry() {
    if (this.state === 'waiting') void this.save();
  }

  /** Others may write in it now, or not any more. */
  authored({ co_authors, credits, vouched }: Draft['proposal']) {
    const proposal = { ...this.draft.proposal, co_authors, credits, vouched };
    this.draft = { ...this.draft, proposal };
  }

  /** Ends a conflict: mine goes over theirs, or theirs is taken and mine put aside. */
  choose(side: 'mine' | 'theirs') {
    const { theirs } = this;
    if (!theirs) return;
    this.theirs = undefined;
    this.draft = theirs;
    this.#acknowledged = textOf(theirs);
    if (side === 'theirs') this.#replace(this.#own(this.#acknowledged));
    else this.aside = { why: 'replaced', text: this.#own(this.#acknowledged) };
    this.state = 'waiting';
    void this.save();
  }

  /** Takes back the text that was put aside; what is there now is put aside instead. */
  swap() {
    if (this.aside) this.#replace(this.aside.text);
    this.changed();
  }

  #replace(text: Text) {
    this.aside = { why: 'replaced', text: this.#plain() };
    this.#fill(text);
  }

  /** Saves, and hands the draft in; false where something is in the way. */
  async submit(): Promise<boolean> {
    if (this.submitting) return false;
    this.submitting = true;
    this.tried = true;
    try {
      if (!(await this.flush())) return false;
      await this.watch.now();
      if (this.watch.fresh && this.errors.length > 0) return false;
      const { version } = this.draft;
      const texts = Object.fromEntries(
        Object.entries(this.together).map(([name, one]) => [name, one.version]),
      );
      const seen = JSON.stringify([version, texts]);
      if (this.#submission?.seen !== seen) this.#submission = { seen, key: newKey() };
      await this.transport.submit(version, this.#submission.key, texts);
      this.keeper.forget();
      return true;
    } catch (cause) {
      this.#refused(asProblem(cause));
      return false;
    } finally {
      this.submitting = false;
    }
  }

  /** Saves all that is not saved; false where that is not to be had. */
  async flush(): Promise<boolean> {
    for (const one of Object.values(this.together)) if (!(await one.flush())) return false;
    while (!this.theirs) {
      if (await this.save()) return true;
      if (this.state !== 'waiting') return false;
    }
    return false;
  }

  #refused(problem: Problem) {
    const checks = (problem.details as { checks?: Check[] } | undefined)?.checks;
    if (checks) this.watch.take({ checks, similar: this.watch.similar });
    else this.problem = problem;
    if (problem.status !== 0) this.#submission = undefined;
  }

  /** Ends the work; what was not sent is sent, or stays on the device. */
  close() {
    this.#closed = true;
    clearTimeout(this.#reading);
    this.watch.close();
    if (this.state === 'failed') clearTimeout(this.#timer);
    else void this.save();
  }
}
