/** A piece of JSON with what it is. */
export interface Piece {
  kind: 'key' | 'text' | 'number' | 'word' | 'sign';
  text: string;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]/g;

/** Lays out JSON for reading. Its tokens stay as they are: 1.50 is not 1.5. */
export function pieces(json: string): Piece[] {
  const tokens = json.match(TOKEN) ?? [];
  const out: Piece[] = [];
  let depth = 0;
  const sign = (text: string) => out.push({ kind: 'sign', text });
  const line = () => sign('\n' + '  '.repeat(depth));
  tokens.forEach((token, i) => {
    const next = tokens[i + 1];
    if (token === '{' || token === '[') {
      sign(token);
      if (next === '}' || next === ']') return;
      depth++;
      line();
    } else if (token === '}' || token === ']') {
      const before = tokens[i - 1];
      if (before !== '{' && before !== '[') {
        depth--;
        line();
      }
      sign(token);
    } else if (token === ',') {
      sign(',');
      line();
    } else if (token === ':') sign(': ');
    else if (token.startsWith('"')) out.push({ kind: next === ':' ? 'key' : 'text', text: token });
    else out.push({ kind: /^[tfn]/.test(token) ? 'word' : 'number', text: token });
  });
  return out;
}
