/** What a person has begun to write of a link or a citation. */
export interface Wanted {
  /** Where it begins in the line. */
  from: number;
  query: string;
  objects: boolean;
  sources: boolean;
  /** It is words of the text, which only mean what is called so to the letter. */
  plain?: true;
}

// An id has two digits before anything is offered: T10, TA00, G01.
// What is not released yet has a label instead: NEW-.
const ID =
  /(?<![\p{L}\d_./-])(?:(?:TA|T|G|S|C|M|A|DC|DS|DET|AN)\d{2,4}(?:\.\d{0,3})?|NEW-\d*(?:\.\d*)?)$/u;
const LINK = /\(LinkById:\s*([^()\n]*)$/;
const CITATION = /\(Citation:\s*([^()\n]*)$/;
const NAME = /(?<![\p{L}\d_.@-])@([\p{L}\d/.][^@()\n]{1,59})$/u;
const WORDS = /[\p{L}\d][\p{L}\d'’.-]*(?: [\p{L}\d'’.-]+){0,2}$/u;

// A name in title case, as ATT&CK writes them.
const TITLE =
  /(?<![\p{L}\d_./@-])\p{Lu}[\p{L}\d_'’./-]{2,}(?: (?:and|or|of|to|in|for|from|via|over|with|by|the|\p{Lu}[\p{L}\d_'’./-]*)){0,5}$/u;
/** How much of a name of several words is enough, in letters. */
const ENOUGH = 8;

/** How many words of a name are looked for behind an @; who writes more does not mean a name. */
const MOST = 5;

/**
 * Looks what the text before the cursor asks for: an ATT&CK id, a name behind an @, or what stands
 * in the brackets of a link or a citation, or what may be a name. Whoever asks for it gets offers for
 * any words.
 */
export function wanted(line: string, asked: boolean): Wanted | undefined {
  const link = LINK.exec(line);
  if (link) return about(link, link[1], true, false);
  const citation = CITATION.exec(line);
  if (citation) return about(citation, citation[1], false, true);
  const name = NAME.exec(line);
  if (name && (name[1] ?? '').trim().split(/\s+/).length <= MOST)
    return about(name, name[1], true, true);
  const id = ID.exec(line);
  if (id) return about(id, id[0], true, false);
  const words = asked ? WORDS.exec(line) : null;
  if (words) return about(words, words[0], true, true);
  const title = TITLE.exec(line);
  const plain = title && about(title, title[0], true, false);
  return plain ? { ...plain, plain: true } : undefined;
}

/** Do words of the text mean an object of a name? A word has to be all of it, several a good part. */
export function means(words: string, name: string): boolean {
  const [said, called] = [words.toLowerCase(), name.toLowerCase()];
  return said === called || (said.length >= ENOUGH && /\s/.test(said) && called.startsWith(said));
}

function about(found: RegExpExecArray, query = '', objects: boolean, sources: boolean) {
  const text = query.trim();
  return text.length > 1 ? { from: found.index, query: text, objects, sources } : undefined;
}

/** The references of a form whose names have all the words, each as far as it is typed. */
export function named<R extends { source_name: string }>(references: R[], query: string): R[] {
  const words = query.toLowerCase().split(/\s+/);
  return references.filter((one) => {
    const name = one.source_name.trim().toLowerCase();
    return name && words.every((word) => name.includes(word));
  });
}
