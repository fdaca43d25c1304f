/** The shapes that the server speaks, by the names of its OpenAPI components. */
export type Role = 'observer' | 'participant' | 'reviewer' | 'facilitator' | 'maintainer';
export type Tlp = 'clear' | 'green' | 'amber' | 'amber+strict' | 'red';

export interface User {
  id: string;
  name: string;
  organisation: string;
}
export interface WorkshopBrief {
  id: string;
  name: string;
  starts_on: string;
  ends_on: string;
  place: string;
  tlp: Tlp;
}
export interface Membership {
  workshop: WorkshopBrief;
  roles: Role[];
}
export interface Me {
  signed_in: boolean;
  user?: User;
  memberships: Membership[];
  can_host: boolean;
  can_import: boolean;
}
export interface AgendaItem {
  id: string;
  title: string;
  starts_at?: string;
  minutes: number;
  notes: string;
}
export interface Policy {
  join: string;
  technique_ids_from: number;
}
export interface Workshop extends WorkshopBrief {
  summary: string;
  domain: string;
  agenda: AgendaItem[];
  policy: Policy;
  join_open: boolean;
  revision: number;
  created_by: string;
}
export interface Member {
  user: User;
  roles: Role[];
  joined_at: string;
}
export interface Review {
  id: string;
  revision: number;
  reviewer: string;
  verdict: 'approve' | 'request_changes' | 'reject';
  note: string;
  note_html: string;
  at: string;
}
export interface Check {
  level: 'error' | 'warning' | 'hint';
  field: string;
  message: string;
  code: string;
}
export interface ProposalObject {
  stix_id: string;
  attack_id: string;
  type: string;
  name: string;
  label: string;
}
export interface Turn {
  role?: string;
  user?: string;
  reason: string;
  since: string;
}
export interface Field {
  name: string;
  label: string;
  kind: string;
  required?: boolean;
  help?: string;
  vocabulary?: string;
  max?: number;
}
export interface Form {
  kind: string;
  type: string;
  label: string;
  fields: Field[];
}
export type Value = unknown;
export type Content = Record<string, Value>;
export interface FieldChange {
  field: Field;
  before: Value;
  after: Value;
  before_html?: string;
  after_html?: string;
  changed: boolean;
  labels?: Record<string, string>;
}
export interface RevisionContent {
  number: number;
  fields: FieldChange[];
  checks: Check[];
  at: string;
}
export interface Proposal {
  id: string;
  workshop: string;
  number: number;
  domain: string;
  kind: string;
  state: string;
  title: string;
  object: ProposalObject;
  author: string;
  rationale: string;
  revision: number;
  tactics: string[];
  techniques: string[];
  turn: Turn;
  bump: string;
  release: string;
  created_at: string;
  updated_at: string;
  reviews: Review[];
  content?: RevisionContent;
}
export interface Hit {
  stix_id: string;
  attack_id: string;
  type: string;
  name: string;
  context: string;
  where: string;
}
export interface Draft {
  proposal: Proposal;
  version: number;
  content: Content;
  base?: Content;
  checks: Check[];
  similar: Hit[];
}
export interface Message {
  id: string;
  anchor: string;
  field: string;
  author: string;
  body: string;
  html: string;
  seq: number;
  at: string;
}
export interface Release {
  id: string;
  workshop: string;
  number: number;
  name: string;
  domain: string;
  notes: string;
  state: 'open' | 'published';
  revision: number;
  created_by: string;
  created_at: string;
  published_at?: string;
  proposals: string[];
}
export interface ChangelogObject {
  stix_id: string;
  attack_id: string;
  type: string;
  name: string;
  from: string;
  to: string;
}
export interface Changelog {
  sections: { key: string; objects: ChangelogObject[] }[];
}
export interface ReleaseItem {
  proposal: Proposal;
  attack_id: string;
  version_from: string;
  version_to: string;
  conflicts: unknown[];
  problems: string[];
}
export interface ReleasePreview {
  release: Release;
  items: ReleaseItem[];
  waiting: Proposal[];
  changelog: Changelog;
  publishable: boolean;
  problems: string[];
}
export interface QueueItem {
  proposal: Proposal;
  why: string;
  since: string;
  mine: boolean;
}
export interface Transition {
  action: string;
  from: string;
  to: string;
  roles: Role[];
  guard: 'author' | 'not_author' | 'none';
}
export interface Event {
  seq: number;
  workshop: string;
  actor: string;
  kind: string;
  at: string;
  data: EventData;
}
/** Members are whole entities; which are there depends on the kind of event. */
export interface EventData {
  workshop?: Workshop;
  member?: Member;
  proposal?: Proposal;
  proposals?: Proposal[];
  release?: Release;
  message?: Message;
}
export interface Room {
  seq: number;
  workshop: Workshop;
  members: Member[];
  proposals: Proposal[];
  releases: Release[];
  messages: Message[];
  feed: Event[];
}
export interface Invitation {
  code: string;
  url: string;
  open: boolean;
}
export interface JoinInfo {
  workshop: WorkshopBrief;
  open: boolean;
}
export interface Domain {
  id: string;
  name: string;
  version: string;
  title: string;
  source: string;
  objects: number;
  techniques: number;
  has_text: boolean;
}
export interface Term {
  value: string;
  label: string;
  count?: number;
}
export interface Vocabulary {
  tactics: Term[];
  platforms: Term[];
}
export interface MatrixTechnique {
  stix_id: string;
  attack_id: string;
  name: string;
  platforms: string[];
  subtechniques?: MatrixTechnique[];
}
export interface MatrixTactic {
  shortname: string;
  name: string;
  attack_id: string;
  stix_id: string;
  techniques: MatrixTechnique[];
}
export interface Matrix {
  domain: string;
  name: string;
  version: string;
  tactics: MatrixTactic[];
  platforms: string[];
}
export interface Link {
  stix_id: string;
  attack_id: string;
  type: string;
  name: string;
}
export interface Reference {
  number: number;
  source_name: string;
  description: string;
  url: string;
}
export interface SectionItem {
  object: Link;
  stix_id: string;
  html: string;
  references: Reference[];
}
export interface ObjectPage {
  object: Link & {
    type_label: string;
    version: string;
    created: string;
    modified: string;
    domains: string[];
    tactics: { shortname: string; name: string; attack_id: string }[];
    platforms: string[];
    aliases: string[];
    revoked: boolean;
    deprecated: boolean;
    replaced_by?: Link;
    url: string;
    contributors: string[];
  };
  description_html: string;
  references: Reference[];
  parent?: Link;
  subtechniques: Link[];
  sections: { key: string; label: string; items: SectionItem[] }[];
  has_text: boolean;
}
export interface Import {
  id: string;
  state: 'running' | 'done' | 'failed';
  phase: string;
  done: number;
  total: number;
  report?: ImportReport;
  error?: string;
}
export interface ImportReport {
  file: string;
  domain: string;
  version: string;
  title: string;
  objects: number;
  added: number;
  unchanged: number;
  same: boolean;
  findings: { kind: string; count: number; examples: string[] }[];
}
