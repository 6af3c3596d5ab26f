import type { Route } from '@railhead/http/route.ts';
import type { PastQuestions } from './past-questions.ts';
import { showClassAtRoute } from './show-class-at.ts';
import { showDiffRoute } from './show-diff.ts';
import { showOrderAtRoute } from './show-order-at.ts';
import { showRailwayDiffRoute } from './show-railway-diff.ts';
import { showUserAtRoute } from './show-user-at.ts';

export const pastQuestions = (questions: PastQuestions): readonly Route[] => [
  showOrderAtRoute(questions),
  showClassAtRoute(questions),
  showUserAtRoute(questions),
  showRailwayDiffRoute(questions),
  showDiffRoute(questions),
];
