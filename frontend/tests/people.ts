import { expect, type APIRequestContext, type Browser, type Page } from '@playwright/test';
import { randomUUID } from 'node:crypto';

/** One person with a browser of their own; the API is spoken to with the same session. */
export class Person {
  constructor(
    readonly page: Page,
    readonly url: string,
    public name = '',
    public id = '',
  ) {}

  get request(): APIRequestContext {
    return this.page.context().request;
  }

  async api<T = Record<string, never>>(method: string, path: string, data?: object): Promise<T> {
    const headers: Record<string, string> = { Origin: this.url };
    if (method !== 'GET') headers['Idempotency-Key'] = randomUUID();
    const answer = await this.request.fetch(`${this.url}/api${path}`, { method, headers, data });
    expect(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`).toBe(true);
    return answer.status() === 204 ? (undefined as T) : ((await answer.json()) as T);
  }

  async whoAmI() {
    const me = await this.api<{ user: { id: string; name: string } }>('GET', '/me');
    this.id = me.user.id;
    this.name = me.user.name;
  }
}

/** A browser of its own at this server. */
export async function newPerson(browser: Browser, url: string): Promise<Person> {
  const context = await browser.newContext({ baseURL: url });
  return new Person(await context.newPage(), url);
}

/** Signs in with a link that the server printed. */
export async function signIn(person: Person, link: string) {
  await person.page.goto(link);
  await expect(person.page.getByRole('heading', { name: 'My workshops' })).toBeVisible();
  await person.whoAmI();
}

export interface Workshop {
  id: string;
  code: string;
}

/** A workshop of today that everyone with the code can join. */
export async function makeWorkshop(
  host: Person,
  name: string,
  domain = 'enterprise-attack',
): Promise<Workshop> {
  const today = new Date().toISOString().slice(0, 10);
  const made = await host.api<{ id: string }>('POST', '/workshops', {
    name,
    summary: '',
    starts_on: today,
    ends_on: today,
    place: '',
    tlp: 'green',
    domain,
    agenda: [],
    join_open: true,
  });
  const { code } = await host.api<{ code: string }>('GET', `/workshops/${made.id}/invitation`);
  return { id: made.id, code };
}

/** Joins by code and is given roles by the facilitator. */
export async function join(
  person: Person,
  host: Person,
  workshop: Workshop,
  name: string,
  roles: string[] = [],
) {
  await person.api('POST', '/join', { code: workshop.code, name, organisation: 'Example CERT' });
  await person.whoAmI();
  if (roles.length)
    await host.api('PATCH', `/workshops/${workshop.id}/members/${person.id}`, {
      roles: ['participant', ...roles],
    });
}

interface Started {
  proposal: { id: string };
  version: number;
  content: Record<string, object>;
}

/** Writes and submits a proposal; what the content leaves out stays as it starts. */
export async function propose(
  author: Person,
  workshop: string,
  kind: string,
  objectId: string,
  content: Record<string, object>,
  rationale: string,
): Promise<string> {
  const path = `/workshops/${workshop}/proposals`;
  const started = await author.api<Started>('POST', path, {
    kind,
    ...(objectId ? { object_id: objectId } : {}),
  });
  await submit(author, workshop, started, content, rationale);
  return started.proposal.id;
}

/** Revises a proposal of which changes were requested, and submits it again. */
export async function revise(
  author: Person,
  workshop: string,
  id: string,
  content: Record<string, object>,
  rationale: string,
) {
  const path = `/workshops/${workshop}/proposals/${id}/draft`;
  await submit(author, workshop, await author.api<Started>('GET', path), content, rationale);
}

async function submit(
  author: Person,
  workshop: string,
  draft: Started,
  content: Record<string, object>,
  rationale: string,
) {
  const path = `/workshops/${workshop}/proposals/${draft.proposal.id}`;
  const saved = await author.api<Started>('PUT', `${path}/draft`, {
    version: draft.version,
    content: { ...draft.content, ...content },
    rationale,
  });
  await author.api('POST', `${path}/submit`, { version: saved.version });
}
