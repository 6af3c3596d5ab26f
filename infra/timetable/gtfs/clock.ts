// Times and dates as GTFS writes them.

/** `25:10:30` is ten past one on the next day; seconds are dropped. Undefined for a text that is no time. */
export const minutesOf = (time: string): number | undefined => {
  const [, hours, minutes] = /^(\d{1,3}):([0-5]\d):[0-5]\d$/.exec(time) ?? [];
  return hours === undefined || minutes === undefined ? undefined : Number(hours) * 60 + Number(minutes);
};

/** `20260801` becomes `2026-08-01`. Undefined for a text that is no date of the calendar. */
export const dateOf = (digits: string): string | undefined => {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(digits) ?? [];
  const date = `${year}-${month}-${day}`;
  const parsed = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(date) ? date : undefined;
};
