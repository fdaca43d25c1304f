import type { Attachment } from 'svelte/attachments';

/** Lets a textarea be as high as its text, where the browser does not do that by itself. */
export const grow =
  (value: () => string): Attachment<HTMLTextAreaElement> =>
  (node) => {
    value();
    if (CSS.supports('field-sizing', 'content')) return;
    node.style.height = 'auto';
    node.style.height = `${node.scrollHeight + 2}px`;
  };
