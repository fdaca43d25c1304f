/** The day of a date where I am, as YYYY-MM-DD. */
export function dayOf(date: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${String(date.getFullYear())}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The bounds of a day where I am, for days in which clocks change, too. */
export function boundsOf(day: string): { from: string; to: string } {
  const [y = 1970, m = 1, d = 1] = day.split('-').map(Number);
  return { from: new Date(y, m - 1, d).toISOString(), to: new Date(y, m - 1, d + 1).toISOString() };
}
