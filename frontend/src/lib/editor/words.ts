// ATT&CK's own words for the STIX types that people choose from.
const types: Record<string, string> = {
  'attack-pattern': 'technique',
  'intrusion-set': 'group',
  malware: 'malware',
  tool: 'tool',
  campaign: 'campaign',
  'course-of-action': 'mitigation',
};

/** What people call a STIX type. */
export const typeWord = (type: string) =>
  types[type] ?? type.replace(/^x-mitre-/, '').replaceAll('-', ' ');

/** "a technique", "a group, malware, a tool or a campaign". */
export function oneOf(refers: string[]): string {
  if (!refers.length) return 'an object';
  const words = refers.map((type) => (type === 'malware' ? 'malware' : `a ${typeWord(type)}`));
  const last = words.pop() ?? '';
  return words.length ? `${words.join(', ')} or ${last}` : last;
}

/** The STIX type that an id names. */
export const typeOf = (id: string | undefined) => (id ?? '').split('--')[0] ?? '';
