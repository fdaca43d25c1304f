import type { Role, Workflow } from '$lib/api/types';

const writers: Role[] = ['participant', 'reviewer', 'facilitator', 'maintainer'];
const reviewers: Role[] = ['reviewer', 'maintainer'];
const maintainers: Role[] = ['maintainer'];

/** A part of what the server answers, for tests. */
export const workflow: Workflow = {
  transitions: [
    { action: 'submit', from: 'draft', to: 'submitted', roles: writers, guard: 'author' },
    { action: 'withdraw', from: 'submitted', to: 'withdrawn', roles: writers, guard: 'author' },
    { action: 'approve', from: 'submitted', to: 'accepted', roles: reviewers, guard: 'not_author' },
    { action: 'approve', from: 'in_review', to: 'accepted', roles: reviewers, guard: 'not_author' },
    {
      action: 'suggest',
      from: 'submitted',
      to: 'submitted',
      roles: reviewers,
      guard: 'not_writer',
    },
    { action: 'drop', from: 'submitted', to: 'submitted', roles: writers, guard: 'suggester' },
    { action: 'name', from: 'submitted', to: 'submitted', roles: writers, guard: 'party' },
    { action: 'resolve', from: 'submitted', to: 'submitted', roles: writers, guard: 'none' },
    { action: 'resolve', from: 'accepted', to: 'accepted', roles: writers, guard: 'none' },
    { action: 'release', from: 'accepted', to: 'released', roles: maintainers, guard: 'none' },
  ],
  operations: {
    'start-proposal': writers,
    'post-message': writers,
    react: writers,
    'approve-proposal': reviewers,
    'open-release': maintainers,
    'change-workshop': ['facilitator'],
  },
  roles: ['observer', ...writers],
  signs: [{ kind: 'agree', sign: '👍', label: 'I agree' }],
  waiting: ['submitted', 'in_review', 'changes_requested', 'accepted'],
  counted: ['submitted', 'in_review', 'changes_requested', 'accepted', 'released'],
};
