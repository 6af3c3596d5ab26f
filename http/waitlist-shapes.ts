// The status of a waitlist request, as whoever submits one and whoever looks at it are told.
import { z } from 'zod';

export const waitlistStatusShape = z.enum(['PENDING', 'MATCHING', 'LOCKED', 'AWAIT_PAY', 'SUCCESS', 'FAIL']);
