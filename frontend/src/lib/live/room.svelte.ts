import { getContext, setContext, untrack } from 'svelte';
import { get, Problem } from '$lib/api/client';
import type { Event, Form, Member, Proposal, Room, User, Workflow } from '$lib/api/types';
import { applyEvent, follows } from './reduce';
import { backoff, live, type Count, type Here } from './socket.svelte';
import { UnreadMessages } from './unread.svelte';
import { allows, allowsOn, waitsFor, type Actor, type Doing } from './workflow';

/** A workshop as this tab sees it: fetched once, then kept up to date by events. */
export class LiveRoom {
  state: Room = $state.raw() as Room;
  /** Who is here and known to be: all, or in a crowd those on the same page. */
  here = $state.raw<Record<string, Here>>({});
  /** How many are here, where not all are named. */
  count = $state.raw<Count>();
  /** I take part from elsewhere. */
  remote = $state(false);
  #place = '';
  /** What I have not read in it. */
  readonly unread: UnreadMessages;
  /** The server no longer lets me follow it. */
  refused = $state(false);
  #listeners = new Set<{ heard: (event: Event) => void; missed: () => void }>();
  #watchers = new Set<(id?: string) => void>();
  #told = new Set<(about: string) => void>();
  #held: Event[] = [];
  #reading = false;

  constructor(
    room: Room,
    readonly userId: string,
    readonly workflow: Workflow,
    readonly forms: Form[],
  ) {
    this.state = room;
    this.remote = localStorage.getItem(this.#elsewhere) !== null;
    this.unread = new UnreadMessages(room.workshop.id, userId);
  }

  /** Who takes part. The state has those who were removed, too, for what they are called. */
  get people(): Member[] {
    return this.state.members.filter((m) => m.roles.length > 0);
  }

  /** How many people are here. */
  get present(): number {
    return this.count?.people ?? this.state.members.filter((m) => m.user.id in this.here).length;
  }

  get me(): Member {
    const found = this.state.members.find((m) => m.user.id === this.userId);
    return found ?? { user: this.user(this.userId), roles: [], joined_at: '' };
  }

  user(id: string): User {
    const found = this.state.members.find((m) => m.user.id === id)?.user;
    return found ?? { id, name: 'Someone', organisation: '' };
  }

  get actor(): Actor {
    return { user: this.userId, roles: this.me.roles };
  }

  /** May I do this in the workshop? */
  can(doing: Doing): boolean;
  /** May I take this action on the proposal, as it stands? */
  can(action: string, proposal: Proposal): boolean;
  can(action: string, proposal?: Proposal): boolean {
    return proposal
      ? allowsOn(this.workflow, action, proposal, this.actor)
      : allows(this.workflow, action as Doing, this.actor);
  }

  /** May who has these roles write proposals? */
  proposes(roles: Member['roles']): boolean {
    return allows(this.workflow, 'propose', { user: '', roles });
  }

  /** May who has these roles vote? */
  votes(roles: Member['roles']): boolean {
    return allows(this.workflow, 'vote', { user: '', roles });
  }

  waitsForMe(proposal: Proposal): boolean {
    return waitsFor(this.workflow, proposal, this.actor);
  }

  kindLabel(kind: string): string {
    return this.forms.find((form) => form.kind === kind)?.label ?? kind;
  }

  /**
   * Hears every event after it was applied, and when events were missed and the room was read
   * anew; gives back how to stop.
   */
  onEvent(heard: (event: Event) => void, missed: () => void): () => void {
    const listener = { heard, missed };
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Hears that my drafts may have changed, of which the others are told nothing: which one came
   * or went, or none after a lost connection. Gives back how to stop.
   */
  onDrafts(heard: (id?: string) => void): () => void {
    this.#watchers.add(heard);
    return () => this.#watchers.delete(heard);
  }

  /**
   * Hears what I alone am told to look at, and an empty word after a lost connection, for some may
   * have been missed. Gives back how to stop.
   */
  onTold(heard: (about: string) => void): () => void {
    this.#told.add(heard);
    return () => this.#told.delete(heard);
  }

  #drafts(id?: string) {
    for (const heard of this.#watchers) heard(id);
  }

  /** Applies events from the socket, each once. After a gap they wait for the room to be read. */
  apply(events: Event[]) {
    for (const [at, event] of events.entries()) {
      if (event.seq <= this.state.seq) continue;
      if (this.#reading || !follows(this.state, event)) {
        this.#held.push(...events.slice(at));
        void this.#readAgain();
        return;
      }
      this.state = applyEvent(this.state, event);
      this.unread.take(event);
      for (const { heard } of this.#listeners) heard(event);
    }
  }

  async #readAgain() {
    if (this.#reading) return;
    this.#reading = true;
    for (let attempt = 0; this.#reading; attempt++)
      try {
        this.state = await fetchRoom(this.state.workshop.id);
        this.#reading = false;
      } catch (cause) {
        if (isLost(cause)) {
          this.refused = true;
          return;
        }
        await new Promise((done) => setTimeout(done, backoff(attempt)));
      }
    void this.unread.load();
    for (const { missed } of this.#listeners) missed();
    this.apply(this.#held.splice(0));
  }

  connect(): () => void {
    void this.unread.load();
    return live.join(
      { workshop: this.state.workshop.id },
      {
        after: () => this.state.seq,
        events: (events) => this.apply(events),
        presence: (full, here, left, count) => {
          const next = full ? {} : { ...this.here };
          for (const one of here) next[one.user] = one;
          for (const user of left) delete next[user];
          this.here = next;
          this.count = count;
        },
        yours: (about) => {
          if (about.startsWith('draft:')) this.#drafts(about.slice('draft:'.length));
          this.unread.told(about);
          for (const heard of this.#told) heard(about);
        },
        back: () => {
          this.#drafts();
          void this.unread.load();
          for (const heard of this.#told) heard('');
        },
        refused: () => (this.refused = true),
        stale: () => void this.#readAgain(),
      },
    );
  }

  /** Says where I am, so that others see it; an empty place is the room itself. */
  at(place: string) {
    this.#place = place;
    live.at(
      { workshop: this.state.workshop.id },
      place,
      untrack(() => this.remote),
    );
  }

  /** Says whether I take part from elsewhere; this device keeps it. */
  from(remote: boolean) {
    this.remote = remote;
    if (remote) localStorage.setItem(this.#elsewhere, 'remote');
    else localStorage.removeItem(this.#elsewhere);
    this.at(this.#place);
  }

  get #elsewhere() {
    return `atelier-remote:${this.userId}:${this.state.workshop.id}`;
  }
}

/** Says a refusal that this person cannot see the workshop? */
export const isLost = (cause: unknown): boolean =>
  cause instanceof Problem && [401, 403, 404].includes(cause.status);

// The document leaves the data of the feed's events open; see EventData.
export const fetchRoom = async (workshop: string) => (await get(`/workshops/${workshop}`)) as Room;

// The room that was read last. Its sequence number lets it be used again: what happened since
// arrives when it connects.
let latest: LiveRoom | undefined;

/** Reads a workshop's room anew. */
export async function readRoom(workshop: string, userId: string): Promise<LiveRoom> {
  const [room, workflow, forms] = await Promise.all([
    fetchRoom(workshop),
    get('/workflow'),
    get('/types'),
  ]);
  latest = new LiveRoom(room, userId, workflow, forms);
  return latest;
}

/** The room that was read last, if it is this workshop's, else the room read anew. */
export function reuseRoom(workshop: string, userId: string): Promise<LiveRoom> {
  const same = latest?.userId === userId && latest.state.workshop.id === workshop;
  return same && latest ? Promise.resolve(latest) : readRoom(workshop, userId);
}

const KEY = Symbol('room');

export function setRoom(room: () => LiveRoom) {
  setContext(KEY, room);
}

/** The room of the page that asks; only below /w/[workshop]. */
export function getRoom(): LiveRoom {
  return getContext<() => LiveRoom>(KEY)();
}

/** The same where a page may be of no workshop. */
export const anyRoom = (): LiveRoom | undefined =>
  getContext<(() => LiveRoom) | undefined>(KEY)?.();
