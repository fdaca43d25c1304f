/** The time of day for a page that shows it; it goes on while the page is there. */
export class Clock {
  now = $state.raw(new Date());

  constructor(seconds = 20) {
    $effect(() => {
      const timer = setInterval(() => (this.now = new Date()), seconds * 1000);
      return () => clearInterval(timer);
    });
  }
}
