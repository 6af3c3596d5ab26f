import { sellOut } from './sell-out.scenario.ts';

sellOut({
  name: 'no seat twice, nothing lost, displayed stock = true stock; again after kill -9 in the middle',
  requests: 500,
});
