import { tick } from 'svelte';
import type { Message } from '$lib/api/types';
import type { LiveRoom } from '$lib/live/room.svelte';
import { Outbox, type Unsent } from '$lib/live/outbox.svelte';
import { Writing } from '$lib/live/writing.svelte';
import { reactedTo } from './messages';
import { quoted, selectedIn } from './threads';

/** What else goes with a message. */
interface More {
  thread?: string;
  field?: string;
  words?: Unsent['words'];
  after: number;
  explained: Reasons;
}
type Reasons = Record<string, string> | undefined;

/** What one person writes in a discussion: new threads, replies, and other texts for their own. */
export class Talk {
  readonly outbox: Outbox;
  /** The thread whose reply is being written, the message being edited, and whose older texts show. */
  replying = $state('');
  editing = $state('');
  older = $state('');
  #replies = new Map<string, Writing>();

  constructor(
    readonly user: string,
    readonly path: string,
    /** Where single messages of the workshop are. */
    readonly messages: string,
  ) {
    this.outbox = new Outbox(user, path);
  }

  /** The reply to a thread, kept on the device while it is written. */
  reply(thread: string): Writing {
    let writing = this.#replies.get(thread);
    if (!writing) {
      writing = new Writing(this.user, this.path, `reply:${thread}`);
      this.#replies.set(thread, writing);
    }
    return writing;
  }

  /** Begins a reply, with what a message says or what is selected in it as a quote. */
  async answer(message: Message, quote = false) {
    const writing = this.reply(message.thread);
    if (quote) {
      const said = selectedIn(document.getElementById(`message-${message.id}`)) || message.body;
      writing.text = [writing.text.trimEnd(), quoted(said)].filter(Boolean).join('\n\n');
      writing.keep();
    }
    this.replying = message.thread;
    await tick();
    const area = document.querySelector<HTMLTextAreaElement>(`#reply-${message.thread} textarea`);
    area?.focus();
    area?.setSelectionRange(area.value.length, area.value.length);
  }

  send(body: string, more: More) {
    this.outbox.add({ body, ...more });
    this.replying = '';
  }

  /** Another text for a message; what waits for it already is replaced. */
  edit({ id, version, body: before }: Message, body: string, explained: Reasons) {
    this.editing = '';
    const waiting = this.changing(id);
    if (waiting) this.outbox.drop(waiting.key);
    if (body === before) return;
    const path = `${this.messages}/${id}`;
    this.outbox.add({ method: 'patch', path, message: id, body, version, explained });
  }

  delete({ id }: Message) {
    this.outbox.add({ method: 'delete', path: `${this.messages}/${id}`, message: id, body: '' });
  }

  /** Gives a message a sign, or takes it back; it is shown at once. */
  react({ id }: Message, sign: string, on: boolean) {
    for (const one of this.#signs(id)) if (one.sign === sign) this.outbox.drop(one.key);
    const path = `${this.messages}/${id}/reactions/${sign}`;
    this.outbox.add({ method: 'react', path, message: id, body: '', sign, on });
  }

  /** The reactions to a message, with mine that are on their way. */
  signsOf(message: Message): NonNullable<Message['reactions']> {
    const now = this.#signs(message.id).reduce(
      (is, { sign = '', on = true }) => reactedTo(is, { kind: sign, user: this.user, on }),
      message,
    );
    return now.reactions ?? [];
  }

  /** All signs there are, with who gave each to a message. */
  signs(message: Message, room: Pick<LiveRoom, 'workflow' | 'user'>) {
    const given = this.signsOf(message);
    return room.workflow.signs.map((sign) => {
      const users = given.find((one) => one.kind === sign.kind)?.users ?? [];
      const names = users
        .map((one) => (one === this.user ? 'you' : room.user(one).name))
        .join(', ');
      const mine = users.includes(this.user);
      return { ...sign, users, names, mine, heard: `${sign.label}: ${names || 'nobody yet'}` };
    });
  }

  /** My reaction to a message that the server refused. */
  refused(id: string): Unsent | undefined {
    return this.#all(id).find((one) => one.method === 'react' && one.problem && !one.waits);
  }

  #signs(id: string): Unsent[] {
    return this.#all(id).filter((one) => one.method === 'react' && (one.waits || !one.problem));
  }

  #all(id: string): Unsent[] {
    return this.outbox.list.filter((one) => one.message === id);
  }

  /** The change of a message that is on its way, or was refused. */
  changing(id: string): Unsent | undefined {
    return this.#all(id).find((one) => one.method !== 'react');
  }

  /** New messages that are on their way; the event often comes before the answer to the write. */
  unsent(messages: readonly Message[], thread = '', field = ''): Unsent[] {
    const is = (m: Message, u: Unsent) =>
      m.author === this.user &&
      m.body === u.body &&
      (u.thread ? m.thread === u.thread : m.id === m.thread);
    return this.outbox.list.filter(
      (u) =>
        !u.method &&
        (u.thread ?? '') === thread &&
        (!field || !!thread || u.field === field) &&
        (u.problem || !messages.slice(u.after ?? 0).some((m) => is(m, u))),
    );
  }
}
