import { describe, expect, it } from 'vitest';
import type { Form, Proposal, Room } from '$lib/api/types';
import { aboutOf, calledOf, kindsFor, placeOf, whereOf } from './said';

describe('a message that becomes a proposal', () => {
  it('stands in the room or with a proposal', () => {
    expect(placeOf('w', { message: 'm', anchor: 'workshop:w' })).toBe('/w/w#message-m');
    expect(placeOf('w', { message: 'm', anchor: 'proposal:p' })).toBe('/w/w/proposals/p#message-m');
    expect(placeOf('w', { message: 'm', anchor: 'object:x--1' })).toBe(
      '/objects/x--1?w=w#message-m',
    );
    expect(['agenda:i', 'group:g'].map((anchor) => whereOf('w', anchor))).toEqual([
      '/w/w/agenda/i',
      '/w/w/groups/g',
    ]);
  });

  it('is about something that is called so', () => {
    const room = {
      proposals: [{ id: 'p', number: 3, title: 'Timers' }],
      workshop: { agenda: [{ id: 'i', title: 'Tea, later' }] },
      desk: { groups: { list: [{ id: 'g', name: 'Blue' }] } },
    } as unknown as Room;
    const called = (anchor: string, label?: string) => calledOf({ anchor, label }, room);
    expect([
      called('proposal:p'),
      called('group:g'),
      called('agenda:i', 'Tea'),
      called('agenda:gone', 'Tea'),
      called('object:o', 'T1 Kettle'),
      called('workshop:w'),
    ]).toEqual(['#3 Timers', 'Blue', 'Tea, later', 'Tea', 'T1 Kettle', '']);
  });

  it('is about what it names, and what its proposal changes', () => {
    const proposals = [{ id: 'p', object: { attack_id: 'T1003' } }] as Proposal[];
    const body = 'Like (LinkById: T1055.001) and G0016, not T10551, v.T1001 or T1055.001 again';
    expect(aboutOf(body, 'proposal:p', proposals)).toEqual(['T1003', 'T1055.001', 'G0016']);
    expect(aboutOf(body, 'workshop:w', proposals)).toEqual(['T1055.001', 'G0016']);
  });

  it('refines an object, or tells who uses it', () => {
    const target = { kind: 'object', refers: ['attack-pattern'] };
    const forms = [
      { kind: 'example', action: 'add', common: true, type: 'relationship', fields: [target] },
      { kind: 'refine', action: 'modify', type: 'attack-pattern', fields: [] },
    ] as unknown as Form[];
    expect(kindsFor(forms, 'attack-pattern').map((f) => f.kind)).toEqual(['refine', 'example']);
    expect(kindsFor(forms, 'tool')).toEqual([]);
  });
});
