import { asProblem, newKey, type Problem } from '$lib/api/client';
import type { Check, Draft, Fix, Form, Shared } from '$lib/api/types';
import { replaced } from '$lib/guard/places';
import type { Keeper } from './kept';
import { alike, filled, sendable, textOf, type Text } from './text';

/** How long a pause in typing is, before the text is sent. */
export const PAUSE = 600;

export type SaveState = 'saved' | 'waiting' | 'saving' | 'failed' | 'stale';

/** How a draft reaches the server; a repeat with the same key is the same write. */
export interface Transport {
  save(version: number, text: Text, key: string): Promise<Draft>;
  submit(version: number, key: string): Promise<unknown>;
}

interface Sending {
  version: number;
  text: Text;
  key: string;
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

  #acknowledged: Text;
  #seen: Text;
  #unanswered: Sending | undefined;
  #running: Promise<boolean> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #closed = false;
  #submission: { version: number; key: string } | undefined;

  constructor(
    draft: Draft,
    readonly form: Form,
    readonly transport: Transport,
    readonly keeper: Keeper,
  ) {
    this.draft = draft;
    this.#acknowledged = textOf(draft);
    this.text = filled(form, this.#acknowledged);
    this.#seen = this.#acknowledged;
    this.#restore();
  }

  get checks(): Check[] {
    return this.draft.checks;
  }

  get errors(): Check[] {
    return this.checks.filter((check) => check.level === 'error');
  }

  /** Is there text that the server has not acknowledged? */
  get dirty(): boolean {
    return !alike($state.snapshot(this.text), this.#acknowledged);
  }

  // What is on the device is newer than the server's where a page was closed before it was sent.
  #restore() {
    const kept = this.keeper.read();
    if (!kept) return;
    if (alike(kept.text, this.#acknowledged)) return this.keeper.forget();
    this.text = filled(this.form, kept.text);
    this.#seen = this.#plain();
    const own = kept.sent !== undefined && alike(kept.sent, this.#acknowledged);
    if (kept.version !== this.draft.version && !own) {
      this.theirs = this.draft;
      this.state = 'stale';
      return;
    }
    this.aside = { why: 'restored', text: this.#acknowledged };
    this.#wait(0);
  }

  /** To be called after each change of the text. */
  changed() {
    const now = this.#plain();
    if (alike(now, this.#seen)) return;
    this.#seen = now;
    this.#keep();
    if (this.state === 'stale') return;
    this.#wait(PAUSE);
  }

  /** Puts a finding right, in the text that it was found in: a newer one is left alone. */
  fix({ field, value }: Fix) {
    if (this.dirty) return;
    const { content, ...rest } = this.#plain();
    this.text = filled(this.form, { ...rest, content: { ...content, [field]: value } });
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

  #plain = (): Text => sendable($state.snapshot(this.text));

  #keep() {
    const { version } = this.draft;
    this.kept = this.keeper.write({ version, text: this.#seen, sent: this.#unanswered?.text });
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
    while (!this.theirs && (this.#unanswered || (this.dirty && !this.#timer))) {
      const sending = (this.#unanswered ??= this.#next());
      this.#keep();
      this.state = 'saving';
      try {
        this.#saved(await this.transport.save(sending.version, sending.text, sending.key));
      } catch (cause) {
        if (!this.#failed(asProblem(cause), sending)) return false;
      }
    }
    if (this.theirs) return false;
    this.state = this.dirty ? 'waiting' : 'saved';
    if (!this.dirty) this.keeper.forget();
    return !this.dirty;
  }

  #next(): Sending {
    return { version: this.draft.version, text: this.#plain(), key: newKey() };
  }

  #saved(draft: Draft, text = this.#unanswered?.text ?? textOf(draft)) {
    this.#unanswered = undefined;
    this.#attempt = 0;
    this.problem = undefined;
    this.draft = draft;
    this.#acknowledged = this.#without(text, draft);
    if (this.dirty) this.#keep();
  }

  // What is not found any more needs no reason: the server drops it, and so does this page.
  #without(text: Text, { explained }: Draft): Text {
    const gone = Object.keys(text.explained ?? {}).filter((key) => !(key in explained));
    if (!gone.length) return text;
    const rest = (all: Text['explained']) =>
      Object.fromEntries(Object.entries(all).filter(([key]) => !gone.includes(key)));
    this.text.explained = rest(this.text.explained);
    this.#seen = this.#plain();
    return { ...text, explained: rest(text.explained) };
  }

  // Gives true where it can go on at once.
  #failed(problem: Problem, sending: Sending): boolean {
    const theirs = (problem.details as { theirs?: Draft } | undefined)?.theirs;
    if (problem.code === 'stale' && theirs) {
      this.#unanswered = undefined;
      // Only the version moved, or it was this text: nothing to choose.
      const same = [sending.text, this.#acknowledged].find((t) => alike(t, textOf(theirs)));
      if (same) {
        this.#saved(theirs, same);
        return true;
      }
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
  }

  /** Does not wait for the end of the pause, for example when the page is left. */
  hurry() {
    if (this.state === 'waiting') void this.save();
  }

  /** Ends a conflict: mine goes over theirs, or theirs is taken and mine put aside. */
  choose(side: 'mine' | 'theirs') {
    const { theirs } = this;
    if (!theirs) return;
    this.theirs = undefined;
    this.draft = theirs;
    this.#acknowledged = textOf(theirs);
    if (side === 'theirs') this.#replace(this.#acknowledged);
    else this.aside = { why: 'replaced', text: this.#acknowledged };
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
    this.text = filled(this.form, text);
  }

  /** Saves, and hands the draft in; false where something is in the way. */
  async submit(): Promise<boolean> {
    if (this.submitting) return false;
    this.submitting = true;
    this.tried = true;
    try {
      if (!(await this.#flushed()) || this.errors.length > 0) return false;
      const { version } = this.draft;
      if (this.#submission?.version !== version) this.#submission = { version, key: newKey() };
      await this.transport.submit(version, this.#submission.key);
      this.keeper.forget();
      return true;
    } catch (cause) {
      this.#refused(asProblem(cause));
      return false;
    } finally {
      this.submitting = false;
    }
  }

  async #flushed(): Promise<boolean> {
    while (!this.theirs) {
      if (await this.save()) return true;
      if (this.state !== 'waiting') return false;
    }
    return false;
  }

  #refused(problem: Problem) {
    const checks = (problem.details as { checks?: Check[] } | undefined)?.checks;
    if (checks) this.draft = { ...this.draft, checks };
    else this.problem = problem;
    if (problem.status !== 0) this.#submission = undefined;
  }

  /** Ends the work; what was not sent is sent, or stays on the device. */
  close() {
    this.#closed = true;
    if (this.state === 'failed') clearTimeout(this.#timer);
    else void this.save();
  }
}
