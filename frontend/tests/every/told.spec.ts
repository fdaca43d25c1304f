import type { Page } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { looks } from '../looks';
import { Mailbox } from '../mailbox';
import { join, makeWorkshop, newPerson, signIn } from '../people';
import { expect, test as base, type Server } from '../server';

const test = base.extend<object, { mailbox: Mailbox }>({
  mailbox: [
    // eslint-disable-next-line no-empty-pattern -- Playwright wants it so
    async ({}, use) => {
      await use(new Mailbox());
    },
    { scope: 'worker' },
  ],
  flags: [
    async ({ mailbox }, use) => {
      const at = await mailbox.listen();
      await use(['--smtp', at, '--smtp-tls', 'none', '--mail-from', 'atelier@example.org']);
      await mailbox.close();
    },
    { scope: 'worker' },
  ],
});
test.use({ demo: true });
test.setTimeout(180_000);

/** Has the browser's push service bring something, as it would while no page is open. */
async function push(page: Page, data: object) {
  const client = await page.context().newCDPSession(page);
  const registrationId = new Promise<string>((done) =>
    client.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      if (registrations[0]) done(registrations[0].registrationId);
    }),
  );
  await client.send('ServiceWorker.enable');
  await client.send('ServiceWorker.deliverPushMessage', {
    origin: new URL(page.url()).origin,
    registrationId: await registrationId,
    data: JSON.stringify(data),
  });
}

const shown = (page: Page) =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    return (await registration.getNotifications()).map((one) => `${one.title}: ${one.body}`);
  });

/** Makes what mails wait for an hour old: who confirms an address has the first one an hour later. */
function anHourPasses({ data }: Server) {
  const later = `
import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=10) as db:
    db.execute("UPDATE notice_mail SET last_at = last_at - 3600000")
    db.execute("UPDATE notices SET created_at = strftime('%Y-%m-%d %H:%M:%f+00:00', created_at, '-1 hour')")
`;
  execFileSync('python3', ['-c', later, `${data}/atelier.db`]);
}

test('people are told by mail and by push, and who is removed is told, too', async ({
  browser,
  playwright,
  server,
  mailbox,
}) => {
  // The shell that other tests use shows no notifications.
  const chromium = await playwright.chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  });
  const fay = await newPerson(browser, server.url);
  await signIn(fay, server.host('Fay'));
  const workshop = await makeWorkshop(fay, 'Kettles');
  const home = `/w/${workshop.id}`;
  const [ana, bo] = [await newPerson(chromium, server.url), await newPerson(browser, server.url)];
  await join(ana, fay, workshop, 'Ana');
  await join(bo, fay, workshop, 'Bo');
  const say = (body: string) => bo.api('POST', `/workshops/${workshop.id}/messages`, { body });
  const { page } = ana;
  const linkIn = (mail: string | undefined, path: string) =>
    new RegExp(`${server.url}/${path}\\?token=[\\w.-]+`).exec(mail ?? '')?.[0] ?? '';

  await test.step('an address is confirmed by the link in its mail', async () => {
    await page.goto('/waiting/settings');
    await page.getByLabel('My address').fill('ana');
    await page.getByRole('button', { name: 'Save the address' }).click();
    await expect(page.getByText(/is no e-mail address|such as/).first()).toBeVisible();
    await page.getByLabel('My address').fill('ana@example.org');
    await page.getByRole('button', { name: 'Save the address' }).click();
    await expect(
      page.getByRole('status').filter({ hasText: 'A mail is on its way' }),
    ).toBeVisible();
    await looks(page, 'mail-settings');
    await expect.poll(() => mailbox.mails.length, { timeout: 30_000 }).toBe(1);
    expect(mailbox.mails[0]).toContain('To: <ana@example.org>');
    await page.goto(linkIn(mailbox.mails[0], 'confirm-mail'));
    await looks(page, 'confirm-mail');
    await page.getByRole('button', { name: 'This is my address' }).click();
    await expect(page.getByText('Mail goes there from now on.')).toBeVisible();
    await page.getByRole('link', { name: 'What I am told, and how' }).click();
    await page.getByLabel('How often').selectOption('Once an hour at most');
  });

  await say('@Ana, a **secret** kettle.');

  await test.step('a push is shown, and a click leads to its place', async () => {
    await page.context().grantPermissions(['notifications']);
    await page.reload();
    await page.getByRole('button', { name: 'Turn it on' }).click();
    // A browser without a push service says so, and is as able to show what one would bring.
    await expect(
      page.getByText(/This browser (tells you what is new|cannot reach its push service)/),
    ).toBeVisible();
    await page.reload(); // the worker has it from then on
    await push(page, {
      title: 'Kettles',
      body: 'Bo would like to exchange contacts with you',
      href: `${home}/people`,
      tag: 'one',
    });
    await expect
      .poll(() => shown(page))
      .toEqual(['Kettles: Bo would like to exchange contacts with you']);
    const [worker] = page.context().serviceWorkers();
    await worker?.evaluate(async () => {
      const scope = globalThis as unknown as EventTarget & {
        registration: ServiceWorkerRegistration;
        NotificationEvent: new (type: string, init: { notification: Notification }) => Event;
      };
      const [notification] = await scope.registration.getNotifications();
      if (notification)
        scope.dispatchEvent(new scope.NotificationEvent('notificationclick', { notification }));
    });
    await expect(page).toHaveURL(`${home}/people`);
    await expect.poll(() => shown(page)).toEqual([]);
    await page.goto('/waiting/settings');
  });

  await test.step('who is removed is told, and is let in again', async () => {
    await bo.page.goto(home);
    await expect(bo.page.getByText('In sync')).toBeVisible();
    await fay.page.goto(`${home}/settings`);
    await fay.page.getByRole('button', { name: 'Remove Bo' }).click();
    const dialog = fay.page.getByRole('dialog', { name: 'Remove Bo?' });
    await looks(fay.page, 'remove');
    await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
    const alert = bo.page
      .getByRole('alert')
      .filter({ hasText: 'You are no longer in this workshop' });
    await expect(alert).toBeVisible();
    await looks(bo.page, 'removed');
    await bo.page.goto(`/join/${workshop.code}`);
    await bo.page.getByRole('button', { name: 'Enter the room' }).click();
    await expect(bo.page.getByText('You were removed from this workshop.')).toBeVisible();
    await looks(bo.page, 'removed-join');
    const removed = fay.page.getByRole('heading', { name: 'Removed' });
    await expect(removed).toBeVisible();
    await looks(fay.page, 'removed-list');
    await fay.page.getByRole('button', { name: 'Let Bo in again' }).click();
    await expect(removed).toBeHidden();
    await bo.page.goto(home);
    await expect(bo.page.getByText('In sync')).toBeVisible();
    await expect(bo.page.getByRole('log')).toContainText('kettle');
  });

  await test.step('a mail says who did what and nothing of what was said, and ends by its link', async () => {
    anHourPasses(server);
    await expect.poll(() => mailbox.mails.length, { timeout: 60_000 }).toBe(2);
    const mail = mailbox.mails[1];
    expect(mail).toContain('Bo mentioned you');
    expect(mail).not.toContain('secret');
    const stranger = await newPerson(browser, server.url); // nobody has to sign in for it
    await stranger.page.goto(linkIn(mail, 'unsubscribe'));
    await looks(stranger.page, 'unsubscribe');
    await stranger.page.getByRole('button', { name: 'Send me no more of them' }).click();
    await expect(stranger.page.getByText('You get no more of these mails.')).toBeVisible();
    await page.reload();
    await expect(page.getByLabel('How often')).toHaveValue('off');
  });
  await chromium.close();
});
