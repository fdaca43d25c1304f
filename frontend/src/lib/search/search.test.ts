import { describe, expect, it } from 'vitest';
import { readAsked, searchHref, toggled, objectHref } from './address';
import { byName, foundIn, objects } from './words';

const at = (href: string) => readAsked(new URL(href, 'http://here').searchParams);

describe('the address of a search', () => {
  it('says all that is asked, and reads it again', () => {
    const asked = {
      q: 'tea & cake',
      type: ['tool', 'malware'],
      domain: ['ics-attack'],
      tactic: [],
      platform: ['A, B & C'],
      at: 7,
      limit: 150,
    };
    expect(at(searchHref(asked, 'w'))).toEqual(asked);
    expect(searchHref(asked, 'w')).toContain('&w=w&at=7');
  });
  it('is short where nothing is asked, and minds no nonsense', () => {
    expect(searchHref({ q: '', limit: 50 })).toBe('/search');
    expect(at('/search?limit=x&type=&at=-1')).toMatchObject({ limit: 50, at: 0 });
    expect(at('/search?limit=999999').limit).toBe(500);
    expect(at('/search?limit=-5&type=')).toMatchObject({ limit: 50, type: [] });
    expect(at(`/search?q=${'a'.repeat(900)}`).q).toHaveLength(500);
  });
  it('adds and takes away a value, and begins anew', () => {
    const asked = at('/search?q=a&type=tool&limit=200');
    expect(toggled(asked, 'type', 'malware')).toMatchObject({
      type: ['tool', 'malware'],
      limit: 50,
    });
    expect(toggled(asked, 'type', 'tool').type).toEqual([]);
  });
  it('leads to objects with and without an ATT&CK id', () => {
    expect(objectHref({ attack_id: 'T1', stix_id: 's' }, 'w')).toBe('/objects/T1?w=w');
    expect(objectHref({ attack_id: '', stix_id: 'tool--1' })).toBe('/objects/tool--1');
    expect(objectHref({ attack_id: 'T1', stix_id: 's' }, undefined, 7)).toBe('/objects/T1?at=7');
  });
});

describe('where it was found', () => {
  const object = { attack_id: 'G1', name: 'Teapot Gang', stix_id: 's', type: 'intrusion-set' };
  it('says through whom', () => {
    const via = { kind: 'revoked-by', stix_id: 'r', source: false, object };
    expect(foundIn({ where: 'relationship', via })).toBe('Revoked by G1 Teapot Gang');
    const uses = { ...via, kind: 'uses', source: true };
    expect(foundIn({ where: 'relationship', via: uses })).toBe('G1 Teapot Gang uses this');
    expect(foundIn({ where: 'citation' })).toBe('Source');
    expect(foundIn({ where: 'name' })).toBe('');
  });
  it('tells names from texts', () => {
    expect([byName({ where: 'alias' }), byName({ where: 'relationship' })]).toEqual([true, false]);
  });
  it('counts', () => {
    expect([objects(1), objects(1200)]).toEqual(['1 object', '1,200 objects']);
  });
});
