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
export type Workflow = Shape<'Workflow'>;
export type Invitation = Shape<'Invitation'>;
export type JoinInfo = Shape<'Invited'>;
export type Domain = Shape<'Domain'>;
export type Collection = Shape<'Listed'>;
export type Statistics = Shape<'Statistics'>;
export type Step = Shape<'Step'>;
export type ObjectList = Shape<'ObjectList'>;
export type Term = Shape<'Term'>;
export type Vocabulary = Shape<'Vocabulary'>;
export type Matrix = Shape<'Matrix'>;
export type MatrixTactic = Shape<'MatrixTactic'>;
export type MatrixTechnique = Shape<'MatrixTechnique'>;
export type Link = Shape<'Link'>;
export type Reference = Shape<'Reference'>;
export type Footnote = Shape<'Footnote'>;
export type Section = Shape<'Section'>;
export type Item = Shape<'Item'>;
export type Part = Shape<'Part'>;
export type Fact = Shape<'Fact'>;
export type Table = Shape<'Table'>;
export type SmallMatrix = Shape<'SmallMatrix'>;
export type Card = Shape<'Card'>;
export type Graph = Shape<'Graph'>;
export type GraphNode = Shape<'GraphNode'>;
export type GraphEdge = Shape<'GraphEdge'>;
export type ObjectType = Shape<'TypeNames'>;
export type ObjectPage = Shape<'ObjectPage'>;
export type Import = Shape<'Import'>;
export type ImportReport = Shape<'Report'>;
export type Value = Shape<'Value'>;
export type Review = Shape<'Review'>;
export type Check = Shape<'Check'>;
export type Turn = Shape<'Turn'>;
export type Proposal = Shape<'Proposal'>;
export type Standing = NonNullable<Proposal['standing']>;
export type Upgrade = Shape<'Upgrade'>;
export type UpgradePage = Shape<'UpgradePage'>;
export type ProposalPage = Shape<'ProposalPage'>;
export type Draft = Shape<'Draft'>;
export type QueueItem = Shape<'QueueItem'>;
export type FieldChange = Shape<'FieldContent'>;
export type RevisionBrief = Shape<'RevisionBrief'>;
export type RevisionContent = Shape<'RevisionContent'>;
export type Release = Shape<'Release'>;
export type ReleasePage = Shape<'ReleasePreview'>;
export type ReleaseItem = ReleasePage['items'][number];
export type Conflict = ReleaseItem['conflicts'][number];
export type Changelog = ReleasePage['changelog'];
export type Content = Draft['content'];
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
};
