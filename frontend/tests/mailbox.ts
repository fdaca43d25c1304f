import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A mail server that takes all that it is given, and keeps it. */
export class Mailbox {
  readonly mails: string[] = [];
  #server = createServer((socket) => this.#serve(socket));
  #open = new Set<Socket>();

  async listen(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return `127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  async close() {
    for (const socket of this.#open) socket.destroy();
    await new Promise((done) => this.#server.close(done));
  }

  #serve(socket: Socket) {
    this.#open.add(socket);
    socket.on('close', () => this.#open.delete(socket)).on('error', () => socket.destroy());
    let heard = '';
    let mail = false;
    const say = (line: string) => socket.write(`${line}\r\n`);
    say('220 mail.test');
    socket.setEncoding('utf8').on('data', (part: string) => {
      heard += part;
      for (;;) {
        const end = heard.indexOf(mail ? '\r\n.\r\n' : '\r\n');
        if (end < 0) return;
        const said = heard.slice(0, end);
        heard = heard.slice(end + (mail ? 5 : 2));
        if (mail) this.mails.push(readable(said));
        mail = !mail && /^DATA/i.test(said);
        if (mail) say('354 go on');
        else if (/^QUIT/i.test(said)) socket.end('221 bye\r\n');
        else say('250 ok');
      }
    });
  }
}

/** A mail as it reads: its long lines were folded, and signs in it written as numbers. */
const readable = (mail: string) =>
  mail
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
