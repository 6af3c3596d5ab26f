import { dateShape, seatClassShape, stationCodeShape, trainShape } from '@railhead/http/shapes.ts';
import { z } from 'zod';

export const choiceShape = z
  .strictObject({
    train: trainShape,
    date: dateShape,
    from: stationCodeShape,
    to: stationCodeShape,
    seatClass: seatClassShape,
  })
  .meta({ id: 'WaitlistChoice' });
