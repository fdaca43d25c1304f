/** The names that pages use for the shapes of the API's document; ./schema.d.ts is generated from it. */
import type { Listed } from './paths';
import type { components } from './schema';

type Schemas = components['schemas'];
type Shape<Name extends keyof Schemas> = Listed<Schemas[Name]>;

export type User = Shape<'User'>;
export type WorkshopBrief = Shape<'Brief'>;
export type Membership = Shape<'Membership'>;
export type Me = Shape<'Me'>;
export type AgendaItem = Shape<'AgendaItem'>;
export type Policy = Shape<'Policy'>;
export type Workshop = Shape<'Workshop'>;
export type NewWorkshop = Shape<'NewWorkshop'>;
export type WorkshopChange = Shape<'Change'>;
export type Member = Shape<'Member'>;
export type Field = Shape<'Field'>;
export type Form = Shape<'Form'>;
export type Hit = Shape<'Hit'>;
export type Message = Shape<'Message'>;
export type Transition = Shape<'Transition'>;
export type Invitation = Shape<'Invitation'>;
export type JoinInfo = Shape<'Invited'>;
export type Domain = Shape<'Domain'>;
export type Term = Shape<'Term'>;
export type Vocabulary = Shape<'Vocabulary'>;
export type Matrix = Shape<'Matrix'>;
export type MatrixTactic = Shape<'MatrixTactic'>;
export type MatrixTechnique = Shape<'MatrixTechnique'>;
export type Link = Shape<'Link'>;
export type Reference = Shape<'Reference'>;
export type Footnote = Shape<'Footnote'>;
export type Section = Shape<'Section'>;
export type ObjectPage = Shape<'ObjectPage'>;
export type Import = Shape<'Import'>;
export type ImportReport = Shape<'Report'>;
export type Tlp = Workshop['tlp'];
export type Role = Member['roles'][number];

/** The document leaves the data of an event open; these are the entities that it can hold, whole. */
export interface EventData {
  workshop?: Workshop;
  member?: Member;
  proposal?: Proposal;
  proposals?: Proposal[];
  release?: Release;
  message?: Message;
}
export type Event = Omit<Shape<'Event'>, 'data'> & { data: EventData };
export type Room = Omit<Shape<'Room'>, 'feed'> & {
  feed: Event[];
  proposals: Proposal[];
  releases: Release[];
};

// ---------------------------------------------------------------------------
// Not in the document yet: written by hand until the server has them. Empty this
// section then, and delete it.
// ---------------------------------------------------------------------------

export interface Value {
  text?: string;
  list?: string[];
  references?: Reference[];
}
export type Content = Record<string, Value>;
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
export interface Draft {
  proposal: Proposal;
  version: number;
  content: Content;
  base?: Content;
  checks: Check[];
  similar: Hit[];
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
