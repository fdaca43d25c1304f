import type { Attachment } from 'svelte/attachments';

/** How long a message is in sight before it is read. */
const LONG_ENOUGH = 700;

/** Tells once that an element was in sight for a while, on a page that somebody looks at. */
export const inSight =
  (seen: () => void): Attachment =>
  (node) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let visible = false;
    const look = () => {
      clearTimeout(timer);
      if (visible && document.visibilityState === 'visible') timer = setTimeout(seen, LONG_ENOUGH);
    };
    const observer = new IntersectionObserver(([entry]) => {
      visible = !!entry?.isIntersecting;
      look();
    });
    observer.observe(node);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearTimeout(timer);
      observer.disconnect();
      document.removeEventListener('visibilitychange', look);
    };
  };
