import { describe, expect, it } from 'vitest';
import { means, named, wanted } from './wanted';

describe('what is wanted', () => {
  it.each([
    ['They use T10', 'T10', 9],
    ['They use T1055.0', 'T1055.0', 9],
    ['(TA00', 'TA00', 1],
    ['G0016', 'G0016', 0],
    ['as in NEW-12.', 'NEW-12.', 6],
    ['NEW-', 'NEW-', 0],
  ])('is an object by its id: %s', (line, query, from) => {
    expect(wanted(line, false)).toEqual({ from, query, objects: true, sources: false });
  });

  it.each(['T1', 'https://example.org/T10', 'x.T1055', 'a mail to ana@exa', '@a'])(
    'is nothing: %s',
    (line) => expect(wanted(line, false)).toBeUndefined(),
  );

  it.each(['RENEW-1', 'AT10', 'T10555'])('is no id, but may be a name: %s', (line) =>
    expect(wanted(line, false)?.plain).toBe(true),
  );

  it('is an object or a reference by its name behind an @', () => {
    const both = { objects: true, sources: true };
    expect(wanted('see @Process Inj', false)).toEqual({ from: 4, query: 'Process Inj', ...both });
    expect(wanted('see @/etc/pass', false)?.query).toBe('/etc/pass');
    expect(wanted('see @one two three four five six', false)).toBeUndefined();
  });

  it('is what the brackets are for', () => {
    const link = { from: 2, query: 'proc', objects: true, sources: false };
    expect(wanted('a (LinkById: proc', false)).toEqual(link);
    const citation = { from: 2, query: 'T10 rep', objects: false, sources: true };
    expect(wanted('a (Citation: T10 rep', false)).toEqual(citation);
  });

  it.each([
    ['They hide in Process Injection', 'Process Injection', 13],
    ['with Mimikatz', 'Mimikatz', 5],
    ['by System Shutdown/Re', 'System Shutdown/Re', 3],
    ['as Sudo and Sudo Caching', 'Sudo and Sudo Caching', 3],
    ['via LC_LOAD_DYLIB Add', 'LC_LOAD_DYLIB Add', 4],
  ])('is an object by a name in title case: %s', (line, query, from) => {
    expect(wanted(line, false)).toEqual({
      from,
      query,
      objects: true,
      sources: false,
      plain: true,
    });
  });

  it('is what is called so, or so far', () => {
    expect(means('mimikatz', 'Mimikatz')).toBe(true);
    expect(means('Process', 'Process Injection')).toBe(false);
    expect(means('Process Inj', 'Process Injection')).toBe(true);
    expect(means('As it', 'As It Was')).toBe(false);
  });

  it('is any words for who asks', () => {
    expect(wanted('they hide in process injection', false)).toBeUndefined();
    expect(wanted('Hide: Process Injection', true)?.query).toBe('Process Injection');
  });
});

describe('references of a form', () => {
  it('are found by words that are not finished', () => {
    const all = ['Kettle Report', 'Teapot Report', ' '].map((source_name) => ({ source_name }));
    expect(named(all, 'rep ket')).toEqual([all[0]]);
    expect(named(all, 'report')).toHaveLength(2);
  });
});
