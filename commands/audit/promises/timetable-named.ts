// A train or station of the timetable stands in the stream that its number or code names.
import { stationCategory, trainCategory } from '@railhead/domain/timetable/stream.ts';
import { observing, type PromiseOf } from '../promise.ts';
import { Violations } from '../violation.ts';

export const trainsNamed: PromiseOf = () => {
  const violations = new Violations();
  return {
    ...observing(trainCategory, ({ data, stream }, train) => {
      if (data.train !== train) violations.add('STREAM_MISNAMED', `${stream} publishes train ${data.train}`);
    }),
    findings: () => violations.list,
  };
};

export const stationsNamed: PromiseOf = () => {
  const violations = new Violations();
  return {
    ...observing(stationCategory, ({ data, stream }, code) => {
      if (data.code !== code) violations.add('STREAM_MISNAMED', `${stream} registers station ${data.code}`);
    }),
    findings: () => violations.list,
  };
};
