// Does with CodeMirror's own packages what the tests ask for: a line of JSON in, a line of JSON
// out. The first argument is the package.json from which they are found.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(process.argv[2]);
const { ChangeSet, EditorState, Text } = require('@codemirror/state');
const { collab, getSyncedVersion, receiveUpdates, sendableUpdates } = require('@codemirror/collab');

const editors = new Map();
const set = (json) => ChangeSet.fromJSON(json);

/** A place in a text, and never within a character. */
const place = (text, at) => (/[\uDC00-\uDFFF]/.test(text[at] ?? '') ? at - 1 : at);

/** One change after another, each of several edits at once; places are taken modulo the length. */
function made(text, steps) {
  let all = ChangeSet.empty(text.length);
  for (const edits of steps) {
    const now = all.apply(Text.of(text.split('\n'))).toString();
    const specs = edits.map(([from, size, insert]) => {
      const start = from % (now.length + 1);
      const end = Math.min(now.length, start + size);
      return { from: place(now, start), to: place(now, end), insert };
    });
    all = all.compose(ChangeSet.of(specs, now.length));
  }
  return all;
}

const does = {
  make: ({ text, steps }) => made(text, steps),
  over: ({ a, b, first }) => set(a).map(set(b), first),
  apply: ({ a, text }) =>
    set(a)
      .apply(Text.of(text.split('\n')))
      .toString(),
  open({ editor, client, text, version }) {
    const extensions = [collab({ clientID: client, startVersion: version })];
    editors.set(editor, EditorState.create({ doc: text, extensions }));
  },
  edit({ editor, from, to, insert }) {
    const changes = { from, to, insert };
    editors.set(editor, editors.get(editor).update({ changes }).state);
  },
  receive({ editor, updates }) {
    for (const { client, changes } of updates) {
      const update = { clientID: client, changes: set(changes) };
      editors.set(editor, receiveUpdates(editors.get(editor), [update]).state);
    }
  },
  state({ editor }) {
    const state = editors.get(editor);
    const pending = sendableUpdates(state).map((update) => update.changes);
    return { text: state.doc.toString(), version: getSyncedVersion(state), pending };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  process.stdout.write(JSON.stringify(does[asked.do](asked) ?? null) + '\n');
}
