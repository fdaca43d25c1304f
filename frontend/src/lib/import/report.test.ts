import { expect, test } from 'vitest';
import type { ImportReport } from '$lib/api/types';
import { bySeverity, summary, where } from './report';

const finding = (kind: string, severity: 'severe' | 'warning' | 'notice') => ({
  kind,
  severity,
  title: kind,
  text: '',
  count: 1,
  examples: [],
});
const report = (more: Partial<ImportReport>) =>
  ({
    domain: 'd',
    title: 'D',
    version: '1.0',
    objects: 1200,
    added: 3,
    collection: 7,
    ...more,
  }) as unknown as ImportReport;

test('findings are told by severity, the worst first', () => {
  const groups = bySeverity([
    finding('a', 'notice'),
    finding('b', 'severe'),
    finding('c', 'notice'),
  ]);
  expect(groups.map((group) => [group.severity, group.kinds])).toEqual([
    ['severe', 1],
    ['notice', 2],
  ]);
});

test('the sentence says what was loaded and what pages show', () => {
  expect(summary(report({ current: true }))).toContain('Pages show it now');
  expect(summary(report({ same: true }))).toContain('nothing changed');
  expect(summary(report({ collection: 0 }))).toContain('none of them loaded');
});

test('an example leads to the object as the report has it', () => {
  expect(where(report({ current: true }), { stix_id: 'tool--1' })).toBe('/objects/tool--1');
  expect(where(report({}), { stix_id: 'tool--1' })).toBe('/objects/tool--1?at=7');
  expect(where(report({ collection: 0 }), { stix_id: 'tool--1' })).toBe('');
});
