import type { ImportReport } from '$lib/api/types';

type Finding = ImportReport['findings'][number];
type Severity = Finding['severity'];

const severities: { severity: Severity; label: string; tone: string; means: string }[] = [
  {
    severity: 'severe',
    label: 'Severe',
    tone: 'bad',
    means: 'The file contradicts itself; a strict import refuses it.',
  },
  { severity: 'warning', label: 'Warnings', tone: 'warm', means: 'Somebody should look at these.' },
  { severity: 'notice', label: 'Notices', tone: '', means: 'Official ATT&CK has the like, too.' },
];

/** The findings by severity, the worst first, without severities that nothing has. */
export function bySeverity(findings: Finding[]) {
  return severities
    .map((one) => {
      const own = findings.filter((finding) => finding.severity === one.severity);
      return { ...one, findings: own, kinds: own.length };
    })
    .filter((group) => group.kinds > 0);
}

/** What an import did, in a sentence. */
export function summary(r: ImportReport): string {
  const name = `${r.title || r.domain} ${r.version}`.trim();
  const count = (n: number) => n.toLocaleString();
  if (!r.collection) return `${name}: ${count(r.objects)} objects, none of them loaded.`;
  if (r.same) return `${name} is known already; nothing changed.`;
  const shown = r.current
    ? 'Pages show it now.'
    : 'Pages go on to show what they had: a later version, or a release.';
  return `${name}: ${count(r.objects)} objects, ${count(r.added)} of them new or changed. ${shown}`;
}

/** Where an example is shown, as the report's own state has it; empty where nowhere. */
export function where(r: ImportReport, example: { stix_id: string }): string {
  if (!example.stix_id || !r.collection) return '';
  return `/objects/${example.stix_id}${r.current ? '' : `?at=${r.collection}`}`;
}
