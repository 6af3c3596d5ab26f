// Times as people write them: with an offset, or by the clock on the wall of a zone.
import { Temporal } from 'temporal-polyfill';

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?<offset>Z|[+-]\d{2}:\d{2})?$/;

/**
 * The instant of an RFC 3339 time, in ms since the epoch; undefined for any other text. Without an offset it is a time of
 * the zone (an IANA name): the first one where the clock shows it twice, the one after the gap where it is left out.
 */
export const instantIn = (text: string, zone: string): number | undefined => {
  const parts = TIME.exec(text);
  if (parts === null) return undefined;
  try {
    return parts.groups?.offset === undefined
      ? Temporal.PlainDateTime.from(text).toZonedDateTime(zone).epochMilliseconds
      : Temporal.Instant.from(text).epochMilliseconds;
  } catch (error) {
    // There is no such day, or no such hour.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};
